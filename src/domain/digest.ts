import { z } from 'zod';

/** SHA-256 of exact bytes, always written `sha256:` and 64 lower-case hex digits. */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

export const digestFromHex = (hex: string): Digest => Digest.parse(`sha256:${hex}`);
export const digestHex = (digest: Digest): string => digest.slice('sha256:'.length);
