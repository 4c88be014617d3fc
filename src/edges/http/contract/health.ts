import { z } from 'zod';

/** Says nothing that a stranger could use. */
export const Health = z.strictObject({ status: z.literal('ok') });
export const Readiness = z.strictObject({
  ready: z.boolean(),
  checks: z.strictObject({
    ledger: z.boolean(),
    signer: z.boolean(),
    sftp: z.boolean(),
    ftp: z.boolean().optional(),
    checkpoint: z.boolean(),
  }),
});
export type Readiness = z.infer<typeof Readiness>;
