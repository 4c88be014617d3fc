import { z } from 'zod';
import type { Standing } from '../../catalog/standing.ts';
import { SignInWay } from '../../domain/accounts.ts';
import { DomainError } from '../../domain/errors.ts';
import { makeEvent } from '../../domain/events.ts';
import { newSessionId, type PersonId, type RandomBytes, SessionId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { KeyId } from '../../domain/people.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SealedRecord, SealedRecords } from '../../platform/sealed-records.ts';
import { personInOffice, personKnown } from '../office.ts';

/** That somebody is who they say, and by what. */
export type Proof = { person: PersonId; by: SignInWay; mfa: boolean; keyId?: KeyId };

const SessionBody = z.strictObject({
  sessionId: SessionId,
  by: SignInWay,
  mfa: z.boolean(),
  openedMs: z.int(),
  seenMs: z.int(),
  /** When the person last showed that it is them. */
  provedMs: z.int(),
  /** Those that the person had: when one of them ends, so does the session. */
  keys: z.array(KeyId),
});
type SessionBody = z.infer<typeof SessionBody>;

/** Of a record whose name and person say all. */
export const Unsaid = z.strictObject({});

export type Session = Pick<SessionBody, 'sessionId' | 'by' | 'mfa'> & {
  person: PersonId;
  openedMs: number;
  idleEndsMs: number;
  endsMs: number;
  freshUntilMs: number;
};
/** `token` is for the person's browser and is kept nowhere here. */
export type OpenedSession = { token: string; session: Session };

type SessionParts = {
  ledger: Pick<Ledger, 'commit'>;
  standing: Standing;
  records: SealedRecords;
  idleMs: number;
  longestMs: number;
  clock: Clock;
  random: RandomBytes;
};

/**
 * Who is signed in. A session lets its person ask for what the ledger says that they may; it signs nothing. It ends by
 * itself after a while, and at once when the person leaves, is suspended or loses a key: each use looks at the ledger.
 */
export class Sessions {
  readonly #parts: SessionParts;
  /** When each was last used, by its name in the records; written down now and then. */
  readonly #seen = new Map<string, number>();
  readonly #names = new Map<SessionId, string>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A new session with a token of its own, on record before anybody has it. */
  async open(proof: Proof, address: string | undefined): Promise<OpenedSession> {
    const { ledger, standing, records, clock, random } = this.#parts;
    const { person, by, mfa, keyId } = proof;
    const sessionId = newSessionId(random);
    const said = { sessionId, person, by, mfa, ...(keyId && { keyId }), ...(address !== undefined && { address }) };
    const { result: keys } = await ledger.commit(({ time }) => {
      const known = personInOffice(standing, person, Date.parse(time));
      const event = makeEvent('session.opened', { kind: 'person', id: person }, said);
      return { events: [event], result: known.keys.map((key) => key.keyId) };
    });
    const now = clock();
    records.removeExpired(now);
    this.#makeRoom(person);
    return this.#issue(person, { sessionId, by, mfa, openedMs: now, seenMs: now, provedMs: now, keys });
  }

  /** Whose token this is. What nobody asked for keeps it from its idle end no longer. Throws `unauthenticated`. */
  use(token: string, { background = false } = {}): Session {
    const record = this.#record(token);
    if (!background) this.#touch(record);
    return this.#viewOf(record);
  }

  /** Whether something that goes on may do so, such as a stream of events. */
  isOpen(sessionId: SessionId): boolean {
    const name = this.#names.get(sessionId);
    const record = name === undefined ? undefined : this.#parts.records.get('session', name, SessionBody);
    return record !== undefined && this.#whyEnded(record) === undefined;
  }

  /** The person showed again that it is them: the same session under another token. Throws `forbidden`. */
  prove(token: string, proof: Proof): OpenedSession {
    const record = this.#record(token);
    if (record.person !== proof.person)
      throw new DomainError('forbidden', 'This is the session of somebody else: sign out first.');
    this.#forget(record.id);
    const { value } = record;
    const now = this.#parts.clock();
    return this.#issue(proof.person, { ...value, mfa: value.mfa || proof.mfa, seenMs: now, provedMs: now });
  }

  end(token: string): void {
    this.#forget(this.#parts.records.nameOf('session', token));
  }

  /** How many there were. */
  endAll(person: PersonId, but?: SessionId): number {
    const open = this.#of(person).filter(({ value }) => value.sessionId !== but);
    for (const { id } of open) this.#forget(id);
    return open.length;
  }

  count(person: PersonId): number {
    return this.#of(person).filter((record) => this.#whyEnded(record) === undefined).length;
  }

  #of(person: PersonId): SealedRecord<SessionBody>[] {
    return this.#parts.records.of('session', person, SessionBody);
  }

  #issue(person: PersonId, body: SessionBody): OpenedSession {
    const { records, random } = this.#parts;
    const token = Buffer.from(random(32)).toString('base64url');
    const name = records.nameOf('session', token);
    const expires = body.openedMs + this.#parts.longestMs;
    records.put('session', name, { person, expires }, body);
    this.#names.set(body.sessionId, name);
    return { token, session: this.#viewOf({ id: name, person, expires, value: body }) };
  }

  #record(token: string): SealedRecord<SessionBody> {
    const { records } = this.#parts;
    const record = records.get('session', records.nameOf('session', token), SessionBody);
    const why = record ? this.#whyEnded(record) : 'Your session has ended';
    if (record && why === undefined) {
      this.#names.set(record.value.sessionId, record.id);
      return record;
    }
    if (record) this.#forget(record.id);
    throw new DomainError('unauthenticated', `${why}. Sign in again.`);
  }

  #whyEnded(record: SealedRecord<SessionBody>): string | undefined {
    const { standing, clock } = this.#parts;
    const now = clock();
    if (now >= record.expires) return 'Your session has reached its longest time';
    if (now >= this.#idleEnds(record)) return 'Your session was not used for a while';
    if (standing.accounts.suspension(record.person)) return 'Your account is suspended';
    const keys = personKnown(standing, record.person, now)?.keys.map(({ keyId }) => keyId);
    if (!keys) return 'You are no longer enrolled';
    return record.value.keys.every((key) => keys.includes(key)) ? undefined : 'A key of yours was revoked';
  }

  #idleEnds({ id, value }: SealedRecord<SessionBody>): number {
    const idleMs = value.by === 'badge' ? limits.badgeSessionIdleMs : this.#parts.idleMs;
    return Math.max(value.seenMs, this.#seen.get(id) ?? 0) + idleMs;
  }

  #touch({ id, person, expires, value }: SealedRecord<SessionBody>): void {
    const now = this.#parts.clock();
    this.#seen.set(id, now);
    if (now - value.seenMs < limits.sessionSeenMs) return;
    this.#parts.records.put('session', id, { person, expires }, { ...value, seenMs: now });
  }

  /** The oldest make room, so that nobody is kept out by sessions that they left somewhere. */
  #makeRoom(person: PersonId): void {
    const open = this.#of(person).sort((a, b) => a.value.openedMs - b.value.openedMs);
    for (const { id } of open.slice(0, Math.max(0, open.length + 1 - limits.sessionsPerPerson))) this.#forget(id);
  }

  #forget(name: string): void {
    const body = this.#parts.records.get('session', name, SessionBody)?.value;
    if (body) this.#names.delete(body.sessionId);
    this.#seen.delete(name);
    this.#parts.records.remove('session', name);
  }

  #viewOf(record: SealedRecord<SessionBody>): Session {
    const { sessionId, by, mfa, openedMs, provedMs } = record.value;
    return {
      ...{ sessionId, by, mfa, openedMs, person: record.person as PersonId },
      ...{ idleEndsMs: this.#idleEnds(record), endsMs: record.expires },
      freshUntilMs: provedMs + limits.freshSignInMs,
    };
  }
}
