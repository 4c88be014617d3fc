import { z } from 'zod';
import { ShortText } from './text.ts';

/** Where in an older ledger an enrolment stands that this one carries over. */
export const Carried = z.strictObject({
  origin: ShortText,
  index: z.int().min(0),
  leafHash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Carried = z.infer<typeof Carried>;
