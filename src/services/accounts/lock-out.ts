import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';

/** Since the last success; `untilMs`: when the next try is taken. */
const Failures = z.strictObject({ count: z.int(), untilMs: z.int() });
type Failures = z.infer<typeof Failures>;
type AddressFailures = Failures & { lastMs: number };

/** What a try has locked, should it fail: the caller puts it on record. */
export type Locked = { failures: number; untilMs: number | undefined };
export type Try = { account?: Locked; address?: string; succeeded(): void };

/** How long the next try has to wait after so many failures in a row, of which `free` cost nothing. */
export const waitAfter = (failures: number, free: number): number =>
  failures < free ? 0 : Math.min(limits.signInWaitMaxMs, limits.signInWaitMs * 2 ** Math.min(failures - free, 20));

/** 0 where it need not wait, also not if the clock is set back. */
function nextTry(now: number, failures: number, free: number): number {
  const wait = waitAfter(failures, free);
  return wait === 0 ? 0 : now + wait;
}

export class LockedOut extends DomainError {
  readonly seconds: number;

  constructor(seconds: number) {
    super('locked-out', `Too many failed sign-ins. Try again in ${seconds} seconds.`);
    this.seconds = seconds;
  }
}

/**
 * Makes guessing slow, for each name and for each address. A try counts as failed before it is looked at, so that many at
 * once are no way around it. A name that nobody has is treated as any other: the wait tells nothing of who is enrolled.
 */
export class LockOut {
  readonly #records: SealedRecords;
  readonly #clock: Clock;
  readonly #addresses = new Map<string, AddressFailures>();

  constructor(records: SealedRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Throws `locked-out`. */
  begin(name: string, address: string | undefined): Try {
    const from = this.fromAddress(address);
    const id = this.#records.nameOf('failures', name);
    const account = this.#count(id);
    return {
      ...from,
      ...(account && { account }),
      succeeded: () => {
        from.succeeded();
        this.#records.remove('failures', id);
      },
    };
  }

  /** For what no name is tried with. Throws `locked-out`. */
  fromAddress(address: string | undefined): Try {
    const now = this.#clock();
    const place = networkOf(address);
    const before = this.#addresses.get(place);
    if (before && before.untilMs > now) throw waiting(before.untilMs - now);
    const recent = before && now - before.lastMs < limits.signInFailuresRememberedMs;
    const count = (recent ? before.count : 0) + 1;
    const untilMs = nextTry(now, count, limits.signInFailuresPerAddress);
    this.#remember(place, { count, untilMs, lastMs: now });
    return {
      ...(count === limits.signInFailuresPerAddress && { address: place }),
      // One right password among many guesses clears nothing but itself.
      succeeded: () => this.#remember(place, { count: count - 1, untilMs: 0, lastMs: now }),
    };
  }

  clear(name: string): void {
    this.#records.remove('failures', this.#records.nameOf('failures', name));
  }

  /** When the next try with this name is taken, while it has to wait; infinite where it has to be invited again. */
  lockedUntil(name: string): number | undefined {
    const known = this.#records.get('failures', this.#records.nameOf('failures', name), Failures)?.value;
    if (!known) return undefined;
    if (known.count >= limits.signInFailuresInAll) return Number.POSITIVE_INFINITY;
    return known.untilMs > this.#clock() ? known.untilMs : undefined;
  }

  #count(id: string): Locked | undefined {
    const now = this.#clock();
    const before = this.#records.get('failures', id, Failures)?.value;
    if (before && before.count >= limits.signInFailuresInAll)
      throw new DomainError(
        'locked-out',
        'This account is locked after too many failed sign-ins. Ask an administrator to invite you again.',
      );
    if (before && before.untilMs > now) throw waiting(before.untilMs - now);
    const count = (before?.count ?? 0) + 1;
    const untilMs = nextTry(now, count, limits.signInFailuresPerAccount);
    const isFinal = count >= limits.signInFailuresInAll;
    this.#records.removeExpired(now);
    if (!before) this.#records.makeRoom('failures', limits.signInNamesRemembered);
    const expires = isFinal ? {} : { expires: now + limits.signInFailuresRememberedMs };
    this.#records.put('failures', id, { person: '', ...expires }, { count, untilMs });
    if (!isFinal && count !== limits.signInFailuresPerAccount) return undefined;
    return { failures: count, untilMs: isFinal ? undefined : untilMs };
  }

  #remember(place: string, failures: AddressFailures): void {
    this.#addresses.delete(place);
    const [oldest] = this.#addresses.size >= limits.signInNamesRemembered ? this.#addresses.keys() : [];
    if (oldest !== undefined) this.#addresses.delete(oldest);
    this.#addresses.set(place, failures);
  }
}

/** Who has one address of IPv6 has as a rule the 2^64 beside it. */
function networkOf(address: string | undefined): string {
  if (address === undefined || !isIPv6(address) || address.startsWith('::ffff:')) return address ?? 'unknown';
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const [front, back] = [head.split(':'), tail === '' ? [] : tail.split(':')];
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`;
}

const waiting = (ms: number) => new LockedOut(Math.ceil(ms / 1000));
