import type { Logger } from 'pino';
import type { Standing } from '../catalog/standing.ts';
import type { Clock } from '../platform/clock.ts';
import { expiryReason, type Trust } from '../signing/trust.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** Days ahead at which somebody is told. */
const ahead = [30, 7, 1] as const;

/** What ends, all but the trust root with a day, and then stops deliveries. */
export type Expiry = {
  what: 'trust-root' | 'safeguard' | 'control-plan';
  subject: string;
  expires: string;
  daysLeft: number;
};

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

type ExpiringTrust = Pick<Trust, 'expiresMs' | 'version'>;

/** The end of the trust root once it is near enough to be spoken of, or past. */
export function trustExpiry({ expiresMs, version }: ExpiringTrust, timeMs: number): Expiry | undefined {
  const isOver = expiryReason({ expiresMs, version }, timeMs) !== undefined;
  const daysLeft = isOver ? -1 : Math.floor((expiresMs - timeMs) / dayMs);
  const expires = new Date(expiresMs).toISOString();
  return daysLeft > ahead[0] ? undefined : { what: 'trust-root', subject: `version ${version}`, expires, daysLeft };
}

/** For whoever asks whether the gateway is ready: why it is not, or what will stop it soon. */
export function trustReadiness(trust: ExpiringTrust, timeMs: number): { reason?: string; warning?: string } {
  const reason = expiryReason(trust, timeMs);
  if (reason !== undefined) return { reason };
  const expiry = trustExpiry(trust, timeMs);
  if (!expiry) return {};
  const { subject, expires, daysLeft } = expiry;
  const left = daysLeft === 0 ? 'less than a day' : `${daysLeft} day${daysLeft === 1 ? '' : 's'}`;
  return {
    warning: `The trust root (${subject}) expires on ${expires.slice(0, 10)}, in ${left}; then nothing is released or delivered. Let the administrators sign a new version ("keyway keys change-root").`,
  };
}

/** Says in the log 30, 7 and 1 days ahead, once each, what will stop deliveries; and once when it has. */
export class ExpiryWatch {
  readonly #standing: Standing;
  readonly #trust: ExpiringTrust;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #said = new Set<string>();

  constructor(standing: Standing, trust: ExpiringTrust, clock: Clock, log: Logger) {
    this.#standing = standing;
    this.#trust = trust;
    this.#clock = clock;
    this.#log = log;
  }

  /** Called now and then. */
  look(): void {
    const timeMs = this.#clock();
    const root = trustExpiry(this.#trust, timeMs);
    for (const expiry of [...(root ? [root] : []), ...expiries(this.#standing, timeMs)]) {
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
