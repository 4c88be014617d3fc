import { z } from 'zod';
import { ExportAuthorization } from './authorizations.ts';
import { BreakGlass } from './break-glass.ts';
import { AuthorizationId, Classification } from './classification.ts';
import { Digest } from './digest.ts';
import { ChangeId, LegalHoldId, MachineId, NonconformanceId, PersonId } from './ids.ts';
import { Machine, Safeguard } from './machines.ts';
import { Disposition } from './nonconformances.ts';
import { KeyId, Person, PersonFacts, PersonKey } from './people.ts';
import { SshRevocation } from './ssh-keys.ts';
import { Envelope, statementType } from './statements.ts';
import { PathWord, ShortText, Text } from './text.ts';
import { Conduit, Zone } from './zones.ts';

/**
 * What administrators decide, and sign before it is so. A new kind is: its fields here and in the union below; its event
 * in events.ts with the same fields and `madeBy`; its line in change-kinds.ts, which says who has to sign; its rules in
 * services/changes (what stands against it); and what it does in catalog/standing.ts.
 */
export const changeFields = {
  'person.enrol': { person: Person },
  /** All facts anew, so that what was signed says what holds and not what it was before. */
  'person.change': { person: PersonId, facts: PersonFacts },
  'person.key-add': { person: PersonId, key: PersonKey },
  /** `compromisedSince`: from then on somebody else may have signed with it; without it the key was only lost. */
  'person.key-revoke': {
    person: PersonId,
    keyId: KeyId,
    compromisedSince: z.iso.datetime({ precision: 3 }).optional(),
  },
  'person.off-board': { person: PersonId },
  'change.refuse': { refused: ChangeId },
  'machine.register': { machine: Machine },
  /** All facts anew, as with people. */
  'machine.change': { machine: Machine },
  'machine.suspend': { machineId: MachineId },
  'machine.key-revoke': { machineId: MachineId, revoked: SshRevocation },
  'machine.resume': { machineId: MachineId },
  'machine.retire': { machineId: MachineId },
  'machine.safeguard': { machineId: MachineId, safeguard: Safeguard },
  /** The rules and routes, by digest, that the next start may take up. */
  'policy.set': { policySet: Digest, routes: Digest },
  'zone.set': { zone: Zone },
  'zone.remove': { zoneId: PathWord },
  'conduit.set': { conduit: Conduit },
  'conduit.remove': { from: PathWord, to: PathWord },
  /** The label of a part, from here on; without it the strictest of its past holds. */
  'classification.lower': { part: PathWord, classification: Classification },
  /** Anew, or in the place of the one of its id. */
  'authorization.set': { authorization: ExportAuthorization },
  'authorization.end': { authorizationId: AuthorizationId },
  'break-glass.open': BreakGlass.shape,
  /** By the id of the change that opened it. */
  'break-glass.end': { opened: ChangeId },
  'nonconformance.close': { nonconformanceId: NonconformanceId, disposition: Disposition },
  'legal-hold.release': { holdId: LegalHoldId },
};

const kind = <K extends keyof typeof changeFields>(name: K) =>
  z.strictObject({ kind: z.literal(name), ...changeFields[name] });

export const Change = z.discriminatedUnion('kind', [
  kind('person.enrol'),
  kind('person.change'),
  kind('person.key-add'),
  kind('person.key-revoke'),
  kind('person.off-board'),
  kind('change.refuse'),
  kind('machine.register'),
  kind('machine.change'),
  kind('machine.suspend'),
  kind('machine.key-revoke'),
  kind('machine.resume'),
  kind('machine.retire'),
  kind('machine.safeguard'),
  kind('policy.set'),
  kind('zone.set'),
  kind('zone.remove'),
  kind('conduit.set'),
  kind('conduit.remove'),
  kind('classification.lower'),
  kind('authorization.set'),
  kind('authorization.end'),
  kind('break-glass.open'),
  kind('break-glass.end'),
  kind('nonconformance.close'),
  kind('legal-hold.release'),
]);
export type Change = z.infer<typeof Change>;
export type ChangeKind = Change['kind'];
export type ChangeOf<K extends ChangeKind> = Extract<Change, { kind: K }>;

/** What an event that makes a change carries beside the change's own fields. */
export const madeBy = { changeId: ChangeId, reason: Text, authorisation: Envelope };

export const changePredicate = 'https://keyway.example/change/v1';
const time = z.iso.datetime({ precision: 3 });

/** in-toto Statement v1; its one subject is the digest of the RFC 8785 JSON of the change. */
export const ChangeStatement = z.strictObject({
  _type: z.literal(statementType),
  subject: z
    .array(
      z.strictObject({
        name: z.literal('change.json'),
        digest: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
      }),
    )
    .length(1),
  predicateType: z.literal(changePredicate),
  predicate: z.strictObject({
    changeId: ChangeId,
    /** Of the ledger: what is signed for one gateway is void at another. */
    origin: ShortText,
    change: Change,
    reason: Text,
    time,
    validUntil: time,
  }),
});
export type ChangeStatement = z.infer<typeof ChangeStatement>;
