import { BlockList, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { Standing } from '../../catalog/standing.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import type { PersonId, RandomBytes } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Person } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import { hashPassword, passwordFits } from '../../platform/password.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';
import type { SignInConfig } from '../../platform/sign-in-config.ts';
import type { AccessRecord } from '../access-record.ts';
import { personInOffice, personKnown } from '../office.ts';
import type { LockOut, Try } from './lock-out.ts';
import { requireGoodPassword, requireGoodPin } from './passwords.ts';
import { type Proof, Unsaid } from './sessions.ts';

/** argon2id of a password or PIN that went through our key before, so that the file alone gives nothing to try on. */
const Verifier = z.strictObject({ phc: z.string() });

type PasswordParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  records: SealedRecords;
  lockOut: LockOut;
  record: Pick<AccessRecord, 'note'>;
  badges: SignInConfig['badges'];
  /** Words of this place, for passwords not to be made of. */
  placeWords: readonly string[];
  clock: Clock;
  random: RandomBytes;
};
type Claim = { name: string; verifier: string | undefined; person: PersonId | undefined; secret: string };

/** Signing in with what somebody knows: a password, a PIN with a badge, or once the link that an account begins with. */
export class PasswordSignIn {
  readonly #parts: PasswordParts;
  readonly #networks = new BlockList();
  #waiting = 0;

  constructor(parts: PasswordParts) {
    this.#parts = parts;
    for (const cidr of parts.badges?.networks ?? []) {
      const [address = '', prefix] = cidr.split('/');
      this.#networks.addSubnet(address, Number(prefix), familyOf(address));
    }
  }

  /** Throws `locked-out`, `unauthenticated` or `busy`. */
  async byPassword(name: string, password: string, address: string | undefined): Promise<Proof> {
    const { records } = this.#parts;
    const known = records.get('password', name, Verifier);
    const secret = this.#keyed('password', password);
    const claim = { name, verifier: known?.value.phc, person: name as PersonId, secret };
    return { person: await this.#guarded(claim, address), by: 'password', mfa: false };
  }

  /** Whether somebody there may sign in with a badge. */
  takesBadgesFrom = (address: string | undefined): boolean =>
    address !== undefined && this.#networks.check(plain(address), familyOf(plain(address)));

  /** Throws `forbidden` away from the shop floor or for whoever is more than an operator. */
  async byBadge(badge: string, pin: string, address: string | undefined): Promise<Proof> {
    const { records, badges, standing, clock } = this.#parts;
    if (!badges || !this.takesBadgesFrom(address))
      throw new DomainError('forbidden', 'Badges are for the shop floor: sign in with a passkey or password here.');
    const known = records.get('badge', records.nameOf('badge', badge), Verifier);
    const person = known?.person as PersonId | undefined;
    const claim = { name: `badge ${badge}`, verifier: known?.value.phc, person, secret: this.#keyed('pin', pin) };
    const found = await this.#guarded(claim, address);
    requireOperator(personInOffice(standing, found, clock()));
    return { person: found, by: 'badge', mfa: badges.cannotBeCopied };
  }

  /** Sets the password of whoever was invited by this link, which is used by that. */
  async bySetup(token: string, password: string, address: string | undefined): Promise<Proof> {
    const { records, standing, lockOut, clock } = this.#parts;
    const attempt = lockOut.fromAddress(address);
    const id = records.nameOf('link', token);
    const link = records.get('link', id, Unsaid);
    if (!link || link.expires <= clock()) {
      await this.#recordFailure(attempt, undefined);
      throw new DomainError('unauthenticated', 'This link was used or has expired. Ask for a new one.');
    }
    const person = personInOffice(standing, link.person, clock());
    this.#requireGood(person, password);
    // Whoever comes second with the same link finds it gone.
    if (!records.remove('link', id)) throw new DomainError('unauthenticated', 'This link was used already.');
    await this.#setPassword(person.id, password);
    attempt.succeeded();
    lockOut.clear(person.id);
    return { person: person.id, by: 'setup', mfa: false };
  }

  /** Throws `request-invalid` for one that is easy to guess. */
  async changePassword(id: PersonId, password: string): Promise<void> {
    const { standing, clock } = this.#parts;
    this.#requireGood(personInOffice(standing, id, clock()), password);
    await this.#setPassword(id, password);
  }

  /** Throws `forbidden` for whoever is more than an operator. */
  async setBadge(person: Person, badge: string, pin: string): Promise<void> {
    const { records } = this.#parts;
    requireOperator(person);
    requireGoodPin(pin);
    const id = records.nameOf('badge', badge);
    const other = records.get('badge', id, Verifier)?.person;
    if (other !== undefined && other !== person.id)
      throw new DomainError('conflict', 'This badge belongs to somebody else already.');
    await this.#record(person.id, 'badge');
    records.removeOf('badge', person.id);
    records.put('badge', id, { person: person.id }, { phc: await this.#hash('pin', pin) });
  }

  has(kind: 'password' | 'badge', person: PersonId): boolean {
    return this.#parts.records.of(kind, person, Verifier).length > 0;
  }

  /**
   * One way for every name: whoever is not enrolled, has no password or gave a wrong one gets the same answer for the same
   * work. Only who gave the right one is told that they are suspended.
   */
  async #guarded({ name, verifier, person, secret }: Claim, address: string | undefined): Promise<PersonId> {
    const { lockOut, standing, clock } = this.#parts;
    const attempt = lockOut.begin(name, address);
    const fits = await this.#inTurn(() => passwordFits(secret, verifier));
    const known = person === undefined ? undefined : personKnown(standing, person, clock());
    if (!fits || !known) {
      await this.#recordFailure(attempt, known?.id);
      throw new DomainError('unauthenticated', 'The name or the secret is not right.');
    }
    attempt.succeeded();
    return personInOffice(standing, known.id, clock()).id;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= limits.signInsWaiting)
      throw new DomainError('busy', 'Too many people are signing in at once. Try again in a moment.');
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
    }
  }

  /** A burst is an event; a single failure is none, or strangers would fill the ledger. */
  async #recordFailure({ account, address }: Try, person: PersonId | undefined): Promise<void> {
    const { ledger, record } = this.#parts;
    const gateway = { kind: 'gateway' as const };
    if (address !== undefined)
      await record.note('sign-in from an address', limits.refusalRepeatMs, [address], (repeats, addresses) =>
        makeEvent('account.address-locked', gateway, { addresses: [...addresses], repeats }),
      );
    if (!account || person === undefined) return;
    const until = account.untilMs === undefined ? {} : { until: new Date(account.untilMs).toISOString() };
    const event = makeEvent('account.locked', gateway, { person, failures: account.failures, ...until });
    await ledger.commit(() => ({ events: [event], result: undefined }));
  }

  #requireGood({ id, name }: Person, password: string): void {
    requireGoodPassword(password, [id, name, ...this.#parts.placeWords]);
  }

  async #setPassword(person: PersonId, password: string): Promise<void> {
    const phc = await this.#hash('password', password);
    await this.#record(person, 'password');
    this.#parts.records.put('password', person, { person }, { phc });
  }

  #hash(kind: 'password' | 'pin', word: string): Promise<string> {
    return this.#inTurn(() => hashPassword(this.#keyed(kind, word), this.#parts.random(16)));
  }

  /** NFC, so that a password typed on another system is the same one. */
  #keyed(kind: 'password' | 'pin', word: string): string {
    return this.#parts.records.nameOf(kind, word.normalize('NFC'));
  }

  #record(person: PersonId, credential: 'password' | 'badge') {
    const event = makeEvent('account.credential-set', { kind: 'person', id: person }, { person, credential });
    return this.#parts.ledger.commit(() => ({ events: [event], result: undefined }));
  }
}

/** A number and some digits are enough to run a machine and nothing else. */
function requireOperator({ id, roles }: Person): void {
  if (roles.some((role) => role !== 'operator'))
    throw new DomainError('forbidden', `${id} is more than an operator and signs in with a passkey or password.`);
}

/** A peer of IPv4 that a socket for both families names (RFC 4291 2.5.5.2). */
const plain = (address: string): string => address.replace(/^::ffff:(?=[0-9.]+$)/, '');
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
