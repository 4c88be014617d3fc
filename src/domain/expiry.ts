/** Whether what ends with this calendar day, UTC, is still in force at `timeMs`: it is to the day's end. */
export const isCurrent = (day: string, timeMs: number): boolean => timeMs < Date.parse(day) + 24 * 60 * 60 * 1000;
