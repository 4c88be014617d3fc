import type { Logger } from 'pino';
import type { Standing } from '../catalog/standing.ts';
import type { Clock } from '../platform/clock.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Days ahead at which somebody is told. */
const ahead = [30, 7, 1] as const;

/** What ends with a day, and then stops deliveries. */
export type Expiry = { what: 'safeguard' | 'control-plan'; subject: string; expires: string; daysLeft: number };

/** Of today and the days after it, the next to end first. What has ended already has fewer than 0 days left. */
export function expiries(standing: Standing, timeMs: number): Expiry[] {
  const daysLeft = (day: string) => Math.floor(Date.parse(day) / dayMs) - Math.floor(timeMs / dayMs);
  const found: Omit<Expiry, 'daysLeft'>[] = [];
  for (const { machine, safeguard } of standing.machines())
    if (safeguard) found.push({ what: 'safeguard', subject: machine.id, expires: safeguard.expires });
  for (const { releaseId, manifest } of standing.releases()) {
    const { reviewBy } = manifest.classification;
    if (reviewBy !== undefined) found.push({ what: 'control-plan', subject: releaseId, expires: reviewBy });
  }
  return found
    .map((expiry) => ({ ...expiry, daysLeft: daysLeft(expiry.expires) }))
    .sort((a, b) => a.daysLeft - b.daysLeft || (a.subject < b.subject ? -1 : 1));
}

/** Says in the log 30, 7 and 1 days ahead, once each, what will stop deliveries; and once when it has. */
export class ExpiryWatch {
  readonly #standing: Standing;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(standing: Standing, clock: Clock, log: Logger) {
    this.#standing = standing;
    this.#clock = clock;
    this.#log = log;
  }

  /** Called now and then. */
  look(): void {
    for (const expiry of expiries(this.#standing, this.#clock())) {
      const { what, subject, expires, daysLeft } = expiry;
      const step = daysLeft < 0 ? 0 : ahead.findLast((days) => daysLeft <= days);
      const key = `${what} ${subject} ${expires} ${step}`;
      if (step === undefined || this.#said.has(key)) continue;
      this.#said.add(key);
      const message = daysLeft < 0 ? 'ended: nothing is delivered under it' : 'ends soon: renew it, or deliveries stop';
      this.#log.warn(expiry, `${what} of ${subject} ${message}`);
    }
  }
}
