import { z } from 'zod';
import { Text } from '../../../domain/text.ts';

/** Says nothing that a stranger could use. */
export const Health = z.strictObject({ status: z.literal('ok') });
export const Readiness = z.strictObject({
  ready: z.boolean(),
  checks: z.strictObject({
    ledger: z.boolean(),
    signer: z.boolean(),
    sftp: z.boolean(),
    ftp: z.boolean().optional(),
    serial: z.boolean().optional(),
    checkpoint: z.boolean(),
    trust: z.boolean(),
  }),
  /** Why, where a person can do something about it. */
  reasons: z.strictObject({ signer: Text.optional(), trust: Text.optional() }).optional(),
  /** What will stop deliveries soon. */
  warnings: z.strictObject({ trust: Text.optional() }).optional(),
});
export type Readiness = z.infer<typeof Readiness>;
