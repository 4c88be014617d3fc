import type { X509Certificate } from 'node:crypto';
import { changeKind, changeKinds } from '../domain/change-kinds.ts';
import { type Change, type ChangeKind, ChangeStatement, changePredicate, type madeBy } from '../domain/changes.ts';
import { digestHex } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { Event, Sequenced } from '../domain/events.ts';
import type { PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { KeyId, PersonRole } from '../domain/people.ts';
import { isPeopleEntry, PeopleRegister } from '../domain/people-register.ts';
import { type Envelope, statementType } from '../domain/statements.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { openCosigned, type VerifyingKey } from './dsse.ts';
import { parseSigned, sameJson } from './statements.ts';

type Said = ChangeStatement['predicate'];

/** What a change is verified against: the trust root, and whoever it put in office. */
export type ChangeTrust = {
  /** Of the ledger. */
  origin: string;
  /** The administrators that the trust root in force at `timeMs` names. */
  administratorsAt(timeMs: number): readonly RootAdministrator[];
  /** The authorities whose certificates may vouch for people's cards and tokens; where none is named there are none. */
  peopleAuthorities?: readonly X509Certificate[];
};
export type RootAdministrator = { person: PersonId; keyId: KeyId; publicKey: string };

/** Somebody whose signature may be under a change. `human` is who they are behind all their ids. */
type Signatory = { human: PersonId; administrator: boolean; roles: readonly PersonRole[]; key: VerifyingKey };
type Office = {
  origin: string;
  human(id: PersonId): PersonId;
  signatory(keyId: string): Signatory | undefined;
};

/** Who may sign changes at `timeMs`: administrators of the trust root, and people as the register knows them by then. */
export function officeAt(trust: ChangeTrust, register: PeopleRegister, timeMs: number): Office {
  const roots = trust.administratorsAt(timeMs);
  const human = (id: PersonId) => register.human(id);
  return {
    origin: trust.origin,
    human,
    signatory(keyId) {
      const root = roots.find((administrator) => administrator.keyId === keyId);
      if (root) return { human: human(root.person), administrator: true, roles: [], key: root };
      const holder = register.holder(keyId);
      const person = holder && register.person(holder.person);
      if (!holder || !person || holder.end) return undefined;
      const { id, roles } = person;
      return { human: human(id), administrator: roles.includes('administrator'), roles, key: holder.key };
    },
  };
}

/** What administrators sign. `subject` binds the change by its digest, `changeId` makes it one act and not a habit. */
export function changeStatement(predicate: Said): ChangeStatement {
  return { _type: statementType, subject: subjectOf(predicate.change), predicateType: changePredicate, predicate };
}

const subjectOf = (change: Change): ChangeStatement['subject'] => [
  { name: 'change.json', digest: { sha256: digestHex(digestOf(canonicalJson(change))) } },
];

export type VerifiedChange = {
  said: Said;
  /** Different human beings, each entitled to sign this. */
  signers: readonly PersonId[];
  /** Whether they are enough for it to be made. */
  complete: boolean;
};

/**
 * Checks every signature under a change and the right of each signer to sign it: an administrator, or where the kind
 * allows it the person themself or another role; nobody twice, whatever their keys or ids; nobody whose own rights it may raise; within
 * its time. That it is used once is for whoever knows the whole ledger. Throws the rule that it breaks.
 */
export function verifyChange(envelope: Envelope, office: Office, timeMs: number): VerifiedChange {
  const signatories = envelope.signatures.map(({ keyid }) => requireSignatory(office, keyid));
  const { payload } = openCosigned(
    envelope,
    signatories.map(({ key }) => key),
  );
  const { subject, predicate: said } = parseSigned(ChangeStatement, payload);
  if (said.origin !== office.origin) throw mismatch(`It was signed for ${said.origin}, not for this ledger.`);
  if (!sameJson(subject, subjectOf(said.change))) throw mismatch('It names another change than it holds.');
  requireInTime(said, timeMs);
  const signers = signatories.map(({ human }) => human);
  if (new Set(signers).size !== signers.length)
    throw new DomainError('already-counted', 'One person signed twice; a change needs different people.');
  for (const signatory of signatories) requireEntitled(signatory, said.change, office);
  const { signatures, among } = changeKind(said.change);
  const answered = among === undefined || signatories.some(({ roles }) => roles.includes(among));
  return { said, signers, complete: signers.length >= signatures && answered };
}

function requireSignatory(office: Office, keyId: string): Signatory {
  const found = office.signatory(keyId);
  if (!found)
    throw new DomainError(
      'not-administrator',
      'A signature is by a key that is neither of the trust root nor of anyone enrolled now.',
    );
  return found;
}

/** Signed for long in advance it would be a blank cheque, and after its time it is nothing. */
function requireInTime({ time, validUntil }: Said, timeMs: number): void {
  const [from, until] = [Date.parse(time), Date.parse(validUntil)];
  if (until - from > limits.changeValidityMs)
    throw new DomainError('change-expired', 'A change is valid for at most seven days after it was signed.');
  if (timeMs < from - limits.changeClockMs || timeMs > until)
    throw new DomainError('change-expired', `The change is valid from ${time} to ${validUntil}. Sign it again.`);
}

function requireEntitled({ human, administrator, roles }: Signatory, change: Change, office: Office): void {
  const { own, raises, roles: others = [] } = changeKind(change);
  const entitled = administrator || others.some((role) => roles.includes(role));
  if (!entitled && (own === undefined || office.human(own(change)) !== human))
    throw new DomainError('not-administrator', `${human} is not an administrator and may not sign this change.`);
  if (raises(change).some((id) => office.human(id) === human))
    throw new DomainError('own-rights', `${human} may not sign a change of their own rights.`);
}

const mismatch = (why: string) => new DomainError('statement-mismatch', `The signed change is not this one. ${why}`);

/** An entry of the ledger that somebody's signatures authorised. */
export type AuthorisedEntry = Sequenced & {
  event: { data: { authorisation: Envelope } & Record<string, unknown> };
};

const kindOfEvent: ReadonlyMap<string, ChangeKind> = new Map(
  Object.entries(changeKinds).map(([kind, { event }]) => [event, kind as ChangeKind]),
);

export const isAuthorised = (entry: Sequenced<Event>): entry is Sequenced & AuthorisedEntry =>
  kindOfEvent.has(entry.event.type);

/** Checks an entry again that was made by a change: signed by enough of the right people, and saying what they signed. */
export function verifyAuthorisation(entry: Sequenced & AuthorisedEntry, office: Office): VerifiedChange {
  const verified = verifyChange(entry.event.data.authorisation, office, Date.parse(entry.time));
  if (!verified.complete)
    throw new DomainError('signatures-missing', `Ledger entry ${entry.index} has too few signatures.`);
  const { authorisation: _, changeId, reason, ...fields } = entry.event.data as typeof entry.event.data & MadeBy;
  const { said } = verified;
  const made = { kind: kindOfEvent.get(entry.event.type), ...fields };
  if (said.changeId !== changeId || said.reason !== reason || !sameJson(said.change, made))
    throw mismatch(`Ledger entry ${entry.index} says something else.`);
  return verified;
}
type MadeBy = { [K in keyof typeof madeBy]: unknown };

/**
/**
 * Folds entries about people, each only once its authorisation holds against those before it; `onOther` is given those
 * about anything else in the same way. What this register says rests on the trust root and the ledger alone. `known`:
 * whether the same entry was verified before, under the same trust root. Throws where one entry does not hold.
 */
export function verifiedRegister(
  entries: readonly AuthorisedEntry[],
  trust: ChangeTrust,
  { known, onOther }: { known?: (entry: AuthorisedEntry) => boolean; onOther?: (entry: AuthorisedEntry) => void } = {},
): PeopleRegister {
  const register = new PeopleRegister();
  for (const entry of [...entries].sort((a, b) => a.index - b.index)) {
    if (!known?.(entry)) verifyAuthorisation(entry, officeAt(trust, register, Date.parse(entry.time)));
    if (isPeopleEntry(entry)) register.apply(entry);
    else onOther?.(entry);
  }
  return register;
}
