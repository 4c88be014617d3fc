import { z } from 'zod';
import { errorCodes } from '../../../domain/errors.ts';
import { limits } from '../../../domain/limits.ts';

/** RFC 9457 problem details; `code` is the stable code of the refusal. */
export const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.enum(errorCodes),
  detail: z.string(),
  field: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

/** Every act answers with the ledger index of its (first) event. */
export const Recorded = z.strictObject({ index: z.int().min(0) });

export const RowsQuery = z.strictObject({
  /** Rows at most, as decimal digits. */
  rows: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/)
    .refine((rows) => Number(rows) <= limits.httpPageRows)
    .optional(),
});

export const rowsAtMost = ({ rows }: z.infer<typeof RowsQuery>): number =>
  rows === undefined ? limits.httpPageRows : Number(rows);
