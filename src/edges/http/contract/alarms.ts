import { z } from 'zod';
import { alarmCodes } from '../../../domain/alarms.ts';

/** What is not as it should be, the oldest first: ids and sentences, nothing of what is in a package. */
export const AlarmView = z.strictObject({
  code: z.enum(alarmCodes),
  subject: z.string(),
  since: z.string(),
  sentence: z.string(),
  goOn: z.string(),
});
export const AlarmList = z.strictObject({ alarms: z.array(AlarmView) });
export type AlarmList = z.infer<typeof AlarmList>;
