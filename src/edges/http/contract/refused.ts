import { z } from 'zod';
import { errorCodes } from '../../../domain/errors.ts';

/** A refusal that is shown before anybody asks: its code, and one sentence that a person can act on. */
export const Refused = z.strictObject({ code: z.enum(errorCodes), detail: z.string() });
export type Refused = z.infer<typeof Refused>;
