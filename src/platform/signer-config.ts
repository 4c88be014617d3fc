import { z } from 'zod';
import { limits } from '../domain/limits.ts';

export const AbsolutePath = z
  .string()
  .max(1_000)
  .regex(/^\/[^\0]+$/, 'must be an absolute path');
/** Where a word stands; it is read by the process that uses it, and by no other. */
export const SecretSetting = z.union([
  z.strictObject({ file: AbsolutePath }),
  z.strictObject({ credential: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be the name of a credential') }),
]);

/** How the signer's private keys are held where they are not plain files. */
export const SignerConfig = z.strictObject({
  /** Opens the key files, which are then all encrypted (PKCS#8). */
  passphrase: SecretSetting.optional(),
  /** Holds the release key. */
  token: z
    .strictObject({
      module: AbsolutePath,
      label: z.string().min(1).max(limits.shortTextChars),
      key: z.string().min(1).max(limits.shortTextChars).optional(),
      pin: SecretSetting.optional(),
      /** What the module is told by its environment, such as SOFTHSM2_CONF. */
      environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/), z.string().max(1_000)).default({}),
    })
    .optional(),
});
export type SignerConfig = z.infer<typeof SignerConfig>;
