import type { EventOf, Sequenced } from '../domain/events.ts';
import type { WebhookId } from '../domain/ids.ts';
import type { WebhookKind } from '../domain/webhooks.ts';

/** Another program that is told of what happens. */
export type Webhook = { webhookId: WebhookId; url: string; kinds: readonly WebhookKind[]; index: number; time: string };

export const webhookEvents = ['webhook.set', 'webhook.removed'] as const;
type WebhookEntry = Sequenced<EventOf<(typeof webhookEvents)[number]>>;
export const isWebhookEntry = (entry: Sequenced): entry is WebhookEntry =>
  webhookEvents.some((type) => type === entry.event.type);

/** Webhooks as they are now. Believes what it is given. */
export class WebhookRegister {
  readonly hooks = new Map<WebhookId, Webhook>();

  apply({ event: { type, data }, index, time }: WebhookEntry): void {
    if (type === 'webhook.removed') this.hooks.delete(data.webhookId);
    else this.hooks.set(data.webhookId, { webhookId: data.webhookId, url: data.url, kinds: data.kinds, index, time });
  }
}
