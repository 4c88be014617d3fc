import type { Suspension } from '../../catalog/account-register.ts';
import type { Standing } from '../../catalog/standing.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import type { PersonId, RandomBytes } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Person, Principal } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecords } from '../../platform/sealed-records.ts';
import type { Authority } from '../authority.ts';
import { personInOffice, personKnown, rootAdministrators } from '../office.ts';
import type { Asker } from '../principals.ts';
import type { LockOut } from './lock-out.ts';
import type { PasswordSignIn } from './password-sign-in.ts';
import { type Sessions, Unsaid } from './sessions.ts';

type AccountParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  authority: Pick<Authority, 'require'>;
  records: SealedRecords;
  sessions: Sessions;
  lockOut: LockOut;
  passwords: PasswordSignIn;
  clock: Clock;
  random: RandomBytes;
};

/** `token` stands in the link and is kept nowhere here. */
export type Invitation = { person: PersonId; token: string; untilMs: number; index: number };
export type Account = {
  person: Person;
  hasPassword: boolean;
  hasBadge: boolean;
  bound: boolean;
  suspended: Suspension | undefined;
  /** Infinite where only an invitation helps. */
  lockedUntilMs: number | undefined;
  invitedUntilMs: number | undefined;
  sessions: number;
};

/** What administrators do about accounts. Nobody becomes anybody by it: who is enrolled, two administrators sign. */
export class AccountService {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  list(asker: Asker): Account[] {
    this.#administer(asker);
    const { standing, clock } = this.#parts;
    const enrolled = [...standing.people()].map(({ person }) => person.id);
    const all = new Set([...rootAdministrators(standing, clock()), ...enrolled]);
    return [...all].flatMap((id) => personKnown(standing, id, clock()) ?? []).map((person) => this.#account(person));
  }

  /** A link that sets a password, once. What the account had before ends: its password, its binding and its sessions. */
  async invite(asker: Asker, id: PersonId): Promise<Invitation> {
    this.#administer(asker);
    return this.#invite(asker.principal, id);
  }

  /** For the first administrator, as long as nobody has a password here and none was invited who may still come. */
  async firstInvitation(): Promise<Invitation | undefined> {
    const { records, standing, clock } = this.#parts;
    const [first] = rootAdministrators(standing, clock());
    records.removeExpired(clock());
    if (!first || records.count('password') + records.count('link') > 0) return undefined;
    return this.#invite({ kind: 'gateway' }, first);
  }

  /** At once, and by one person: it only stops something. */
  async suspend(asker: Asker, id: PersonId, reason: string): Promise<number> {
    this.#administer(asker);
    return this.stop(asker.principal, id, reason);
  }

  /** As `suspend`, for whoever was asked already whether they may. */
  async stop(principal: Principal, id: PersonId, reason: string): Promise<number> {
    const { ledger, standing, sessions } = this.#parts;
    const { receipt } = await ledger.commit(
      ({ time }) => {
        if (!personKnown(standing, id, Date.parse(time))) throw new DomainError('not-found', `${id} is not enrolled.`);
        if (standing.accounts.suspension(id)) throw new DomainError('conflict', `${id} is suspended already.`);
        return { events: [makeEvent('account.suspended', principal, { person: id, reason })], result: undefined };
      },
      { ending: true },
    );
    sessions.endAll(id);
    return receipt.index;
  }

  async restore(asker: Asker, id: PersonId, reason: string): Promise<number> {
    this.#administer(asker);
    const { ledger, standing } = this.#parts;
    const { receipt } = await ledger.commit(() => {
      if (!standing.accounts.suspension(id)) throw new DomainError('conflict', `${id} is not suspended.`);
      const event = makeEvent('account.restored', asker.principal, { person: id, reason });
      return { events: [event], result: undefined };
    });
    return receipt.index;
  }

  async signOut(asker: Asker, id: PersonId, reason: string): Promise<number> {
    this.#administer(asker);
    const ended = this.#parts.sessions.endAll(id);
    const event = makeEvent('session.ended', asker.principal, { person: id, sessions: ended, reason });
    const { receipt } = await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }), {
      ending: true,
    });
    return receipt.index;
  }

  async setBadge(asker: Asker, id: PersonId, badge: string, pin: string): Promise<void> {
    this.#administer(asker);
    const { standing, passwords, clock } = this.#parts;
    await passwords.setBadge(personInOffice(standing, id, clock()), badge, pin);
  }

  async #invite(principal: Principal, id: PersonId): Promise<Invitation> {
    const { ledger, standing, records, sessions, lockOut, clock, random } = this.#parts;
    const untilMs = clock() + limits.setupLinkMs;
    const until = new Date(untilMs).toISOString();
    const { receipt } = await ledger.commit(({ time }) => {
      const { id: person } = personInOffice(standing, id, Date.parse(time));
      return { events: [makeEvent('account.invited', principal, { person, until })], result: undefined };
    });
    for (const kind of ['link', 'password', 'subject']) records.removeOf(kind, id);
    sessions.endAll(id);
    lockOut.clear(id);
    const token = Buffer.from(random(32)).toString('base64url');
    records.put('link', records.nameOf('link', token), { person: id, expires: untilMs }, {});
    return { person: id, token, untilMs, index: receipt.index };
  }

  #account(person: Person): Account {
    const { records, sessions, lockOut, passwords, standing } = this.#parts;
    const { id } = person;
    return {
      person,
      hasPassword: passwords.has('password', id),
      hasBadge: passwords.has('badge', id),
      bound: records.of('subject', id, Unsaid).length > 0,
      suspended: standing.accounts.suspension(id),
      lockedUntilMs: lockOut.lockedUntil(id),
      invitedUntilMs: records.of('link', id, Unsaid)[0]?.expires,
      sessions: sessions.count(id),
    };
  }

  #administer(asker: Asker): void {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
  }
}
