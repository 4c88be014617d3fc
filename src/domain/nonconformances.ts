import { z } from 'zod';

/** What made a record of something that did not go as it must (AS9100D 8.7). */
export const nonconformanceSources = ['break-glass'] as const;

/** What quality decided about what was made meanwhile (AS9100D 8.7.1). */
export const dispositions = ['no-effect', 'use-as-is', 'rework', 'repair', 'scrap', 'return'] as const;
export const Disposition = z.enum(dispositions);
export type Disposition = z.infer<typeof Disposition>;
