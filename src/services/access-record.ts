import type { Logger } from 'pino';
import type { Action, Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { type Principal, principalName } from '../domain/people.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import type { Asker } from './principals.ts';
import { shown } from './reason-text.ts';

type AccessRecordParts = { ledger: Pick<Ledger, 'commit'>; clock: Clock; log: Logger };
/** What was asked for, in the words of the asker: an id or a path, which need not exist. */
export type Asked = readonly string[];
type MakeEvent = (repeats: number, asked: readonly string[]) => Event;
type Window = { ends: number; repeats: number; asked: Set<string>; make: MakeEvent };

/**
 * Refusals and listings, on record. The first of a kind is an event at once; its repeats are counted, and the count is
 * one event when the minute is over, so that nobody can fill the ledger by asking again.
 */
export class AccessRecord {
  readonly #parts: AccessRecordParts;
  readonly #windows = new Map<string, Window>();

  constructor(parts: AccessRecordParts) {
    this.#parts = parts;
  }

  /**
   * A refusal by policy, or of something that is not there for this asker. `view` is one kind whatever it was about: an
   * event more for a hidden package than for one that does not exist would tell them apart.
   */
  refused(asker: Asker, action: Action, asked: Asked, decision: Decision | undefined): void {
    const kind = action === 'view' ? '' : (decision?.facts ?? '');
    const key = `refused ${nameOf(asker.principal)} ${asker.context.channel} ${action} ${kind}`;
    const made = (repeats: number, all: readonly string[]) =>
      makeEvent('access.refused', asker.principal, {
        ...{ action, channel: asker.context.channel, asked: [...all], repeats },
        ...(decision ? { decision } : {}),
      });
    void this.note(key, limits.refusalRepeatMs, asked, made);
  }

  /** What was shown of a list, by digest: whoever has the list can show that it is the one. */
  listed(asker: Asker, what: string, shown: readonly string[]): void {
    const { principal, context } = asker;
    const digest = digestOf(canonicalJson([...shown]));
    const data = { what, channel: context.channel, shown: shown.length, digest };
    const key = `listed ${nameOf(principal)} ${context.channel} ${what} ${digest}`;
    const made = (repeats: number) => makeEvent('access.listed', principal, { ...data, repeats });
    void this.note(key, limits.listingRepeatMs, [], made);
  }

  /** Resolves when the first of its kind is durable; a repeat is only counted. What cannot be recorded is in the log. */
  async note(key: string, windowMs: number, asked: Asked, make: MakeEvent): Promise<void> {
    const now = this.#parts.clock();
    this.flush();
    const open = this.#windows.get(key);
    if (open) {
      open.repeats++;
      for (const text of asked) if (open.asked.size < limits.askedKept) open.asked.add(shown(text));
      return;
    }
    if (this.#windows.size >= limits.refusalsRemembered) void this.close();
    this.#windows.set(key, { ends: now + windowMs, repeats: 0, asked: new Set(), make });
    await this.#append(make(0, asked.slice(0, limits.askedKept).map(shown)));
  }

  /** Records the counts of what is over. Called now and then, and by every note. */
  flush(): void {
    const now = this.#parts.clock();
    void Promise.all(this.#endAll(({ ends }) => ends <= now));
  }

  /** Before the ledger closes: the counts that are not on record yet. */
  async close(): Promise<void> {
    await Promise.all(this.#endAll(() => true));
  }

  #endAll(isOver: (window: Window) => boolean): Promise<void>[] {
    const over = [...this.#windows].filter(([, window]) => isOver(window));
    for (const [key] of over) this.#windows.delete(key);
    const counted = over.filter(([, { repeats }]) => repeats > 0);
    return counted.map(([, { make, repeats, asked }]) => this.#append(make(repeats, [...asked])));
  }

  async #append(event: Event): Promise<void> {
    try {
      await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }));
    } catch (error) {
      const { log } = this.#parts;
      if (error instanceof DomainError) log.warn({ code: error.code, event }, 'not recorded');
      else log.error({ err: error, event }, 'not recorded');
    }
  }
}

const nameOf = (principal: Principal): string => `${principal.kind} ${principalName(principal)}`;
