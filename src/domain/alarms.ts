/**
 * The closed list of what somebody has to know although nobody asked. A code is stable: people search for it, scripts
 * watch for it. What an alarm says names ids and never anything of a package's content.
 */
export const alarmCodes = [
  'ledger-full',
  'checkpoint-unwitnessed',
  'checkpoint-unstamped',
  'signer-away',
  'expires-soon',
  'expired',
  'break-glass-open',
  'nonconformance-open',
  'residue-open',
  'machine-mismatch',
  'not-delivered',
  'monitor-away',
  'webhook-undelivered',
] as const;
export type AlarmCode = (typeof alarmCodes)[number];

/** Something that is not as it should be right now. */
export type Condition = {
  code: AlarmCode;
  /** What it is about: `safeguard FANUC-99`. With the code it is one alarm, however often it is seen. */
  subject: string;
  /** For a person: what is so. */
  sentence: string;
  /** How to go on. */
  goOn: string;
  /** Since when it is so, RFC 3339 UTC, where the source knows; otherwise since it was first seen. */
  since?: string;
  /** A step such as `7 days`: that it is reached is said again. */
  step?: string;
};
export type Alarm = Omit<Condition, 'since' | 'step'> & { since: string };
