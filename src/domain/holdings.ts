/** What may still be somebody's when they leave. */
export const holdingKinds = [
  'open-package',
  'approval',
  'service-key',
  'other-id',
  'waiting-change',
  'safeguard',
  'authorization',
  'break-glass',
] as const;
export type HoldingKind = (typeof holdingKinds)[number];
