import { z } from 'zod';
import { DeliveryId, SendingId } from '../../domain/ids.ts';
import { ClearingOrder, PushOrder, PushResult, RemovalOrder, Survey, SurveyOrder } from '../../domain/pushing.ts';
import { procedure } from '../../platform/rpc.ts';

export const pushChannel = 'pushes';

/** What the core asks the door of pushes, beside what every door is asked. */
export const pushProcedures = {
  push: procedure(PushOrder, PushResult),
  survey: procedure(SurveyOrder, Survey),
  remove: procedure(RemovalOrder, z.boolean()),
  clear: procedure(ClearingOrder, z.null()),
};

const underWay = { sendingId: SendingId, deliveryId: DeliveryId };
/** What the door tells the core while a push goes on; it waits for the answer to `placing`. */
export const pushReports = {
  placing: procedure(z.strictObject(underWay), z.null()),
  progress: procedure(z.strictObject({ ...underWay, bytes: z.int().min(0) }), z.null()),
};
