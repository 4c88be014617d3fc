import { createHmac, type KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Standing } from '../catalog/standing.ts';
import type { Webhook } from '../catalog/webhook-register.ts';
import { toDomainError } from '../domain/errors.ts';
import type { Sequenced } from '../domain/events.ts';
import type { WebhookId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { sequencedEntries } from '../ledger/open.ts';
import type { LedgerReader } from '../ledger/store.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import { guardedPost, type PostTarget } from '../platform/guarded-post.ts';
import type { OutboxPositions } from '../platform/outbox-positions.ts';
import type { AlarmSource } from './alarms.ts';
import { cloudEvent, webhookKindOf } from './cloud-event.ts';

type OutboxParts = {
  standing: Pick<Standing, 'webhooks'>;
  reader: Pick<LedgerReader, 'size' | 'texts' | 'entry'>;
  positions: OutboxPositions;
  targets: readonly PostTarget[];
  sealKey: KeyObject;
  origin: string;
  clock: Clock;
  log: Pick<Logger, 'warn' | 'error'>;
  /** The first pause after an attempt that failed; it doubles. */
  retryMs?: number;
};
type Sender = { attempts: number; busy: boolean; timer: NodeJS.Timeout | undefined };

/** What whoever listens checks the signature with: told once, when the webhook is made, and kept nowhere. */
export const webhookSecret = (sealKey: KeyObject, webhookId: string): Buffer =>
  createHmac('sha256', sealKey).update(`keyway webhook 1 ${webhookId}`).digest();

/**
 * Tells other programs what the ledger says, each in order and at least once: the ledger is the outbox and a position in it all
 * that is kept. Signed as Standard Webhooks 1.0 has it. What nobody takes after many attempts is put aside, with an alarm,
 * so that what comes after it is told.
 */
export class WebhookOutbox {
  readonly #parts: OutboxParts;
  readonly #senders = new Map<string, Sender>();
  #closed = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** The ledger holds more, or another webhook. Returns at once. */
  appended(): void {
    for (const hook of this.#parts.standing.webhooks.hooks.values()) this.#wake(hook);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#senders.values()) clearTimeout(timer);
  }

  /** Webhooks for which something was put aside, or that have not taken anything for a while. */
  alarms: AlarmSource = () =>
    [...this.#parts.standing.webhooks.hooks.values()].flatMap(({ webhookId, url, time }) => {
      const aside = this.#parts.positions.undelivered(webhookId);
      const failing = (this.#senders.get(webhookId)?.attempts ?? 0) >= limits.webhookAlarmAttempts;
      if (aside.length === 0 && !failing) return [];
      const what =
        aside.length === 0
          ? 'does not take what it is told'
          : `did not take ${aside.length} events, which were put aside`;
      return {
        code: 'webhook-undelivered' as const,
        subject: `webhook ${webhookId}`,
        sentence: `The webhook to ${url} ${what}.`,
        goOn: 'Mend what listens there; "GET /webhooks" names what was put aside. Make the webhook anew to end this.',
        since: aside[0]?.time ?? this.#parts.positions.last(webhookId)?.time ?? time,
      };
    });

  #wake(hook: Webhook): void {
    const sender = this.#senders.get(hook.webhookId) ?? { attempts: 0, busy: false, timer: undefined };
    this.#senders.set(hook.webhookId, sender);
    if (sender.busy || sender.timer || this.#closed) return;
    sender.busy = true;
    void this.#tell(hook, sender).finally(() => {
      sender.busy = false;
    });
  }

  /** Until there is nothing more to tell, or one attempt fails. */
  async #tell(hook: Webhook, sender: Sender): Promise<void> {
    const { reader, positions } = this.#parts;
    const id = hook.webhookId;
    for (let next = positions.next(id) ?? hook.index + 1; !this.#isOver(id) && next < reader.size(); ) {
      const to = Math.min(reader.size(), next + limits.webhookEntries);
      for (const entry of [...sequencedEntries(reader, next, to)]) {
        const kind = webhookKindOf(entry.event.type);
        if (!kind || !hook.kinds.includes(kind)) continue;
        if (this.#isOver(id)) return;
        if (!(await this.#attempt(hook, sender, entry))) return;
        positions.moveTo(id, entry.index + 1);
      }
      if (this.#isOver(id)) return;
      positions.moveTo(id, to);
      next = to;
      // A long way to catch up with must not keep everybody else waiting.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What was removed meanwhile is told nothing more, and leaves no position behind. */
  #isOver(id: WebhookId): boolean {
    return this.#closed || !this.#parts.standing.webhooks.hooks.has(id);
  }

  /** Whether to go on behind this entry: it was taken, or put aside for good. */
  async #attempt(hook: Webhook, sender: Sender, entry: Sequenced): Promise<boolean> {
    const { positions, clock, log } = this.#parts;
    const why = await this.#send(hook, entry);
    if (this.#isOver(hook.webhookId)) return false;
    const time = rfc3339(clock());
    if (positions.next(hook.webhookId) === undefined) positions.moveTo(hook.webhookId, entry.index);
    positions.note(hook.webhookId, { time, result: why ?? 'taken' });
    if (why === undefined) {
      sender.attempts = 0;
      return true;
    }
    sender.attempts++;
    if (sender.attempts >= limits.webhookAttempts) {
      log.error({ webhook: hook.webhookId, index: entry.index, why }, 'a webhook took an event in no attempt');
      positions.giveUp(hook.webhookId, { index: entry.index, time, why });
      sender.attempts = 0;
      return true;
    }
    const { retryMs = limits.webhookRetryMs } = this.#parts;
    const pause = Math.min(retryMs * 2 ** (sender.attempts - 1), limits.webhookRetryMaxMs);
    sender.timer = setTimeout(() => {
      sender.timer = undefined;
      this.#wake(hook);
    }, pause);
    sender.timer.unref();
    log.warn({ webhook: hook.webhookId, index: entry.index, why, pause }, 'a webhook did not take an event');
    return false;
  }

  /** Why it was not taken; undefined where it was. */
  async #send({ webhookId, url }: Webhook, entry: Sequenced): Promise<string | undefined> {
    const { origin, sealKey, clock, targets } = this.#parts;
    const event = cloudEvent(origin, entry);
    const body = Buffer.from(JSON.stringify(event), 'utf8');
    const timestamp = String(Math.floor(clock() / 1000));
    const signed = createHmac('sha256', webhookSecret(sealKey, webhookId))
      .update(`${event.id}.${timestamp}.`)
      .update(body);
    const headers = {
      ...{ 'content-type': 'application/cloudevents+json', 'webhook-id': event.id, 'webhook-timestamp': timestamp },
      'webhook-signature': `v1,${signed.digest('base64')}`,
    };
    try {
      const status = await guardedPost(targets, url, { headers, body });
      return status >= 200 && status < 300 ? undefined : `It answered ${status}.`;
    } catch (error) {
      return toDomainError(error).message;
    }
  }
}
