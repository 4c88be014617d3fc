import { z } from 'zod';
import { Classification } from './classification.ts';
import type { Digest } from './digest.ts';
import { PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { FileRole, jobFields } from './manifest.ts';
import { FileName, ShortText } from './text.ts';

/**
 * What a programmer says about a deposit, in `NAME.keyway.yaml` or `.json` beside the files. It is the only source of
 * the classification: a comment in a program header is never trusted for it.
 */
export const Sidecar = z.strictObject({
  ...jobFields,
  author: PersonId,
  changeOrder: ShortText,
  due: z.iso.date().optional(),
  classification: Classification,
  files: z
    .array(
      z.strictObject({
        name: FileName,
        role: FileRole,
        /** Where this file has a label of its own. */
        classification: Classification.optional(),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
      }),
    )
    .min(1)
    .max(limits.filesPerPackage),
});
export type Sidecar = z.infer<typeof Sidecar>;

/** The digest that the sidecar promises for a file, where it promises one. */
export const promisedDigest = (file: Sidecar['files'][number]): Digest | undefined =>
  file.sha256 === undefined ? undefined : (`sha256:${file.sha256}` as Digest);
