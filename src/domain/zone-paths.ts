/** How the gateway reaches a machine (IEC 62443-3-2 ZCR 3): where zones are defined, only within one or by a conduit. */
export const zonePaths = ['no-zones', 'same-zone', 'conduit', 'none'] as const;
export type ZonePath = (typeof zonePaths)[number];
