import type { z } from 'zod';
import type { Difference } from '../../../domain/nc-difference.ts';

/** What `GET /packages/:id/difference/:name` answers. */
export type DifferenceView = z.infer<typeof Difference>;
export type ChangeClassName = DifferenceView['hunks'][number]['class'];
