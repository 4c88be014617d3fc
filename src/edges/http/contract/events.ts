import { z } from 'zod';

/** `GET /events?since=`, or `Last-Event-ID`: from behind that ledger index; without either from now on. */
export const EventsQuery = z.strictObject({
  since: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/)
    .optional(),
});

/**
 * What the stream says, each as the JSON after `data:`. `entry` (with `id:`, its ledger index) is one entry that the asker may
 * see, with the ids that it is about. `withdrawn` follows where something was taken back or put on hold: whatever shows
 * one of these is to be asked for again, now. `rights`: what the asker may see has changed: ask for everything again.
 * `quarantine`, with nothing in it: look again whether a deposit waits for you.
 * `reset`: too much happened meanwhile to tell; as `rights`. A comment comes every 15 seconds.
 */
export const StreamedEntry = z.strictObject({
  index: z.int(),
  type: z.string(),
  time: z.string(),
  subjects: z.array(z.string()),
});
export type StreamedEntry = z.infer<typeof StreamedEntry>;
export const StreamedWithdrawal = z.strictObject({ subjects: z.array(z.string()) });
export const StreamedReset = z.strictObject({ index: z.int() });
