import { z } from 'zod';
import { ShortText } from '../../../domain/text.ts';

export const SearchQuery = z.strictObject({ q: ShortText });

export const hitKinds = [
  ...(['package', 'release', 'file', 'serial', 'work-order', 'machine', 'person', 'deposit', 'delivery'] as const),
  ...(['run', 'readback', 'entry'] as const),
] as const;
/** `id`: of a file the package's. Of a serial, work order, machine, person or entry what a trace asks by. */
export const Hit = z.strictObject({
  kind: z.enum(hitKinds),
  id: z.string(),
  title: z.string(),
  detail: z.string(),
  banner: z.string().optional(),
});
export type Hit = z.infer<typeof Hit>;
export const HitList = z.strictObject({ hits: z.array(Hit) });
