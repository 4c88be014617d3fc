import type { Standing } from '../../catalog/standing.ts';
import { dutiesConflict } from '../../domain/duties.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Person, PersonFacts, PersonKey } from '../../domain/people.ts';
import { requireGoodKey } from './people-keys.ts';
import type { ChangeContext, ChangeRules } from './rules.ts';

type PeopleKind = 'person.enrol' | 'person.change' | 'person.key-add' | 'person.key-revoke' | 'person.off-board';

/** People and their keys: ids and keys are given once and for good; no human being holds duties that exclude each other. */
export const peopleRules: ChangeRules<PeopleKind> = {
  'person.enrol': ({ person }, context) => {
    const { standing } = context;
    if (standing.register.index(person.id) !== undefined)
      throw new DomainError('conflict', `${person.id} is already enrolled, or was; an id is never given again.`);
    if (person.keys.length === 0)
      throw new DomainError('request-invalid', 'Nobody is enrolled without a key.', { field: 'keys' });
    requireHuman(person, standing);
    requireDutiesApart(person, context);
    for (const key of person.keys) requireFreeKey(key, person.id, context);
  },
  'person.change': ({ person, facts }, context) => {
    requireHuman({ ...facts, id: requireEnrolled(person, context.standing).id }, context.standing);
    requireDutiesApart({ ...facts, id: person }, context);
  },
  'person.key-add': ({ person, key }, context) => {
    const { keys } = requireEnrolled(person, context.standing);
    if (keys.length >= limits.keysPerHolder)
      throw new DomainError('conflict', `${person} already has ${limits.keysPerHolder} keys; revoke one first.`);
    requireFreeKey(key, person, context);
  },
  'person.key-revoke': ({ person, keyId, compromisedSince }, { standing, timeMs }) => {
    const holder = standing.register.holder(keyId);
    if (holder?.person !== person) throw new DomainError('not-found', `${person} has no such key.`);
    if (holder.end && compromisedSince === undefined)
      throw new DomainError('conflict', 'This key is revoked already; only say since when it is compromised.');
    if (compromisedSince !== undefined && Date.parse(compromisedSince) > timeMs)
      throw new DomainError('request-invalid', 'A key is not compromised since a time to come.', {
        field: 'compromisedSince',
      });
  },
  'person.off-board': ({ person }, { standing }) => void requireEnrolled(person, standing),
};

function requireEnrolled(id: PersonId, standing: Standing): Person {
  const person = standing.person(id)?.person;
  if (!person) throw new DomainError('not-found', `${id} is not enrolled.`);
  return person;
}

/** One level, so that everybody sees at once who is who. */
function requireHuman({ id, samePersonAs }: Pick<Person, 'id' | 'samePersonAs'>, standing: Standing): void {
  if (samePersonAs === undefined) return;
  const other = standing.person(samePersonAs)?.person;
  const isOthers = standing.register.people().some((person) => person.samePersonAs === id);
  if (!other || other.id === id || other.samePersonAs !== undefined || isOthers)
    throw new DomainError(
      'request-invalid',
      `samePersonAs must name the first id of the person, not ${samePersonAs}.`,
      {
        field: 'samePersonAs',
      },
    );
}

/** The duties of all ids of one human being together, an office in the trust root included. */
function requireDutiesApart(
  { id, roles, samePersonAs }: Pick<PersonFacts, 'roles' | 'samePersonAs'> & { id: PersonId },
  { standing, trust, timeMs }: ChangeContext,
): void {
  const human = samePersonAs ?? id;
  const accounts = [id, ...standing.register.people().flatMap((p) => ((p.samePersonAs ?? p.id) === human ? p.id : []))];
  const others = accounts.flatMap((other) => (other === id ? [] : (standing.person(other)?.person.roles ?? [])));
  const isRoot = trust.administratorsAt(timeMs).some(({ person }) => person === human || accounts.includes(person));
  const conflict = dutiesConflict([...roles, ...others, ...(isRoot ? (['administrator'] as const) : [])]);
  if (conflict) throw new DomainError('duties-conflict', conflict, { field: 'roles' });
}

function requireFreeKey(key: PersonKey, person: PersonId, context: ChangeContext): void {
  const { standing, trust, timeMs } = context;
  requireGoodKey(key, context);
  const holder = standing.register.holder(key.keyId);
  const root = trust.administratorsAt(timeMs).find(({ keyId }) => keyId === key.keyId);
  const taken = holder?.person ?? (root && root.person !== person ? root.person : undefined);
  if (taken !== undefined)
    throw new DomainError('conflict', `This key already belongs to ${taken}; each person has keys of their own.`);
}
