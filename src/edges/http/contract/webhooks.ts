import { z } from 'zod';
import { WebhookId } from '../../../domain/ids.ts';
import { WebhookKind, webhookFields } from '../../../domain/webhooks.ts';

const { url, kinds } = webhookFields;

/** The address must stand in the configuration (`http.webhooks`). */
export const SetWebhook = z.strictObject({ url, kinds });
/** `secret`: of the signatures (Standard Webhooks 1.0), said here and never again. */
export const WebhookSet = z.strictObject({ webhookId: WebhookId, secret: z.string(), index: z.int() });

export const WebhookView = z.strictObject({
  ...{ webhookId: WebhookId, url: z.string(), kinds: z.array(WebhookKind), index: z.int(), time: z.string() },
  /** Of the last attempt: `taken`, or why not. */
  last: z.strictObject({ time: z.string(), result: z.string() }).optional(),
  /** What it took in no attempt, by ledger index. */
  undelivered: z.array(z.strictObject({ index: z.int(), time: z.string(), why: z.string() })),
});
export type WebhookView = z.infer<typeof WebhookView>;
export const WebhookList = z.strictObject({ webhooks: z.array(WebhookView) });
