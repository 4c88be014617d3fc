import { z } from 'zod';
import { Principal } from './people.ts';

/** One kind of event: its name, who brought it about, and what it holds. */
export const event = <T extends string, D extends z.ZodRawShape>(type: T, data: D) =>
  z.strictObject({ v: z.literal(1), type: z.literal(type), actor: Principal, data: z.strictObject(data) });
