/** Milliseconds since the epoch. Passed in everywhere; only composition roots use `systemClock`. */
export type Clock = () => number;
export const systemClock: Clock = () => Date.now();
/** RFC 3339 in UTC with milliseconds. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString();
