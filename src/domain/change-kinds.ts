import type { ChangeKind, ChangeOf } from './changes.ts';
import type { EventType } from './events.ts';
import type { PersonId } from './ids.ts';
import type { PersonRole } from './people.ts';

type Rule<K extends ChangeKind> = {
  /** The event that makes it, with the change's own fields in its data. */
  event: EventType;
  /** Different people who have to sign. What only stops something needs one: a stop must be easy. */
  signatures: 1 | 2;
  /** Whose rights it may raise: none of them may be among those who sign it. */
  raises(change: ChangeOf<K>): readonly PersonId[];
  /** Who may sign it alone without being an administrator. */
  own?(change: ChangeOf<K>): PersonId;
  /** Whoever holds one of these may sign it like an administrator. */
  roles?: readonly PersonRole[];
  /** At least one who signs must hold this role. */
  among?: PersonRole;
};

const nobody = () => [];
const both = (id: PersonId, other: PersonId | undefined) => (other === undefined ? [id] : [id, other]);

const onTheFloor: readonly PersonRole[] = ['quality', 'manufacturing-engineer'];

/** Who has to sign what (IEC 62443-4-2 CR 2.1 RE 4, dual approval; NIST SP 800-171r2 3.1.4). */
export const changeKinds: { readonly [K in ChangeKind]: Rule<K> } = {
  'person.enrol': {
    event: 'person.enrolled',
    signatures: 2,
    raises: ({ person }) => both(person.id, person.samePersonAs),
  },
  'person.change': {
    event: 'person.changed',
    signatures: 2,
    raises: ({ person, facts }) => both(person, facts.samePersonAs),
  },
  'person.key-add': { event: 'person.key-added', signatures: 2, raises: ({ person }) => [person] },
  'person.key-revoke': {
    event: 'person.key-revoked',
    signatures: 1,
    raises: nobody,
    own: ({ person }) => person,
  },
  'person.off-board': { event: 'person.off-boarded', signatures: 1, raises: nobody },
  'change.refuse': { event: 'change.refused', signatures: 1, raises: nobody },
  'machine.register': { event: 'machine.registered', signatures: 2, raises: nobody },
  'machine.change': { event: 'machine.changed', signatures: 2, raises: nobody },
  'machine.key-revoke': { event: 'machine.key-revoked', signatures: 1, raises: nobody },
  'machine.suspend': { event: 'machine.suspended', signatures: 1, raises: nobody },
  'machine.resume': { event: 'machine.resumed', signatures: 2, raises: nobody },
  // For good, unlike a suspension, which one person can do at once.
  'machine.retire': { event: 'machine.retired', signatures: 2, raises: nobody },
  'machine.safeguard': { event: 'machine.safeguarded', signatures: 2, raises: ({ safeguard }) => [safeguard.approver] },
  'policy.set': { event: 'policy.authorised', signatures: 2, raises: nobody },
  'zone.set': { event: 'zone.set', signatures: 2, raises: nobody },
  'zone.remove': { event: 'zone.removed', signatures: 2, raises: nobody },
  'conduit.set': { event: 'conduit.set', signatures: 2, raises: nobody },
  // Nothing passes any more: a stop must be easy.
  'conduit.remove': { event: 'conduit.removed', signatures: 1, raises: nobody },
  // Export compliance answers for it, and one more person, who need not be of export compliance.
  'classification.lower': {
    event: 'classification.lowered',
    signatures: 2,
    raises: nobody,
    roles: ['export-compliance', 'quality', 'manufacturing-engineer'],
    among: 'export-compliance',
  },
  // An empowered official answers for it (22 CFR 120.67).
  'authorization.set': {
    event: 'authorization.set',
    signatures: 2,
    raises: nobody,
    roles: ['export-compliance'],
    among: 'export-compliance',
  },
  'authorization.end': {
    event: 'authorization.ended',
    signatures: 1,
    raises: nobody,
    roles: ['export-compliance'],
  },
  // Whoever is there at night: two of those who answer for the program, its quality or the gateway.
  'break-glass.open': { event: 'break-glass.opened', signatures: 2, raises: nobody, roles: onTheFloor },
  'break-glass.end': { event: 'break-glass.ended', signatures: 1, raises: nobody, roles: onTheFloor },
  'nonconformance.close': {
    event: 'nonconformance.closed',
    signatures: 1,
    raises: nobody,
    roles: ['quality'],
    among: 'quality',
  },
  // What is frozen may be evidence: nobody lets go of it alone.
  'legal-hold.release': {
    event: 'legal-hold.released',
    signatures: 2,
    raises: nobody,
    roles: ['quality', 'export-compliance'],
  },
};

/** The rule of a change, whatever its kind; the table above is complete by its type. */
export const changeKind = <K extends ChangeKind>(change: ChangeOf<K>): Rule<K> =>
  changeKinds[change.kind] as unknown as Rule<K>;
