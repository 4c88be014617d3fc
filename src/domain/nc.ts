import { z } from 'zod';

/** The languages that a control may speak. `iso` is FANUC, Haas and Hurco; `mazak` Mazak's EIA; `okuma` OSP. */
export const dialects = ['iso', 'mazak', 'okuma', 'siemens', 'klartext', 'heidenhain-iso', 'linuxcnc'] as const;
export const Dialect = z.enum(dialects);
export type Dialect = z.infer<typeof Dialect>;

export const dialectNames: Record<Dialect, string> = {
  iso: 'ISO (FANUC, Haas, Hurco)',
  mazak: 'Mazak EIA',
  okuma: 'Okuma OSP',
  siemens: 'Siemens 840D',
  klartext: 'Heidenhain Klartext',
  'heidenhain-iso': 'Heidenhain DIN/ISO',
  linuxcnc: 'LinuxCNC',
};
