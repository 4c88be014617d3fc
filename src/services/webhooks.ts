import type { KeyObject } from 'node:crypto';
import type { Standing } from '../catalog/standing.ts';
import type { Webhook } from '../catalog/webhook-register.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import { newWebhookId, type RandomBytes, type WebhookId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { WebhookKind } from '../domain/webhooks.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type PostTarget, requireTarget } from '../platform/guarded-post.ts';
import type { LastResult, OutboxPositions, Undelivered } from '../platform/outbox-positions.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';
import { webhookSecret } from './webhook-outbox.ts';

type WebhookParts = {
  ledger: Ledger;
  standing: Pick<Standing, 'webhooks'>;
  authority: Authority;
  positions: OutboxPositions;
  targets: readonly PostTarget[];
  sealKey: KeyObject;
  random: RandomBytes;
};
export type WebhookStatus = Webhook & { last: LastResult | undefined; undelivered: Undelivered[] };

/** Which other programs are told what, by administrators, at addresses that the configuration lists. */
export class WebhookService {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  /** `secret` is said here and never again. Throws `policy-denied`, `forbidden`, `busy`. */
  async set(
    asker: Asker,
    { url, kinds }: { url: string; kinds: readonly WebhookKind[] },
  ): Promise<{ webhookId: WebhookId; secret: string; index: number }> {
    const { ledger, standing, authority, targets, sealKey, random } = this.#parts;
    const webhookId = newWebhookId(random);
    const { receipt } = await ledger.commit(() => {
      const decision = authority.require('administer', asker, { kind: 'registry' });
      requireTarget(targets, url);
      if (standing.webhooks.hooks.size >= limits.webhooks)
        throw new DomainError('busy', 'Too many webhooks are set: remove one first.');
      const data = { webhookId, url, kinds: [...new Set(kinds)], decision };
      return { events: [makeEvent('webhook.set', asker.principal, data)], result: undefined };
    });
    const secret = `whsec_${webhookSecret(sealKey, webhookId).toString('base64')}`;
    return { webhookId, secret, index: receipt.index };
  }

  async remove(asker: Asker, webhookId: WebhookId): Promise<{ index: number }> {
    const { ledger, standing, authority, positions } = this.#parts;
    const { receipt } = await ledger.commit(() => {
      const decision = authority.require('administer', asker, { kind: 'registry' });
      if (!standing.webhooks.hooks.has(webhookId)) throw new DomainError('not-found', 'There is no such webhook.');
      return { events: [makeEvent('webhook.removed', asker.principal, { webhookId, decision })], result: undefined };
    });
    positions.forget(webhookId);
    return { index: receipt.index };
  }

  list(asker: Asker): WebhookStatus[] {
    const { authority, standing, positions } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    return [...standing.webhooks.hooks.values()].map((hook) => ({
      ...hook,
      last: positions.last(hook.webhookId),
      undelivered: positions.undelivered(hook.webhookId),
    }));
  }
}
