import type { Logger } from 'pino';
import type { Alarm, Condition } from '../domain/alarms.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

/** What a room finds not as it should be at this moment. Asked every second: it must be quick and may not throw. */
export type AlarmSource = (timeMs: number) => Iterable<Condition>;

type Standing = Condition & { since: string };
type AlarmParts = { authority: Pick<Authority, 'require'>; clock: Clock; log: Pick<Logger, 'error' | 'warn' | 'info'> };

/**
 * Every alarm of the gateway. A room does not raise and clear: it says what is so now, and here it is seen what is new and
 * what is over. So no alarm stays up because somebody forgot to take it down, and none is lost by a restart.
 */
export class Alarms {
  readonly #parts: AlarmParts;
  readonly #sources: AlarmSource[] = [];
  #up = new Map<string, Standing>();

  constructor(parts: AlarmParts) {
    this.#parts = parts;
  }

  from(source: AlarmSource): void {
    this.#sources.push(source);
  }

  /** Says in the log what came up and what is over. Called every second, and before anybody is answered. */
  look(): void {
    const { clock, log } = this.#parts;
    const now = clock();
    const before = this.#up;
    const up = new Map<string, Standing>();
    for (const condition of this.#sources.flatMap((source) => [...source(now)])) {
      const key = `${condition.code} ${condition.subject}`;
      const known = before.get(key);
      const since = condition.since ?? known?.since ?? rfc3339(now);
      up.set(key, { ...condition, since });
      const { code, subject, sentence, goOn } = condition;
      if (!known || known.step !== condition.step)
        log[code === 'expires-soon' ? 'warn' : 'error']({ alarm: code, subject, since, goOn }, sentence);
    }
    for (const [key, { code, subject }] of before) if (!up.has(key)) log.info({ alarm: code, subject }, 'alarm over');
    this.#up = up;
  }

  /** What is up, the oldest first. Throws `policy-denied` for whoever may not read the ledger. */
  list(asker: Asker): Alarm[] {
    this.#parts.authority.require('read-ledger', asker, { kind: 'ledger' });
    this.look();
    return [...this.#up.values()]
      .map(({ step: _, ...alarm }) => alarm)
      .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.code < b.code ? -1 : 1));
  }
}
