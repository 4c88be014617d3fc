import { DomainError } from '../domain/errors.ts';
import type { EventOf, Sequenced } from '../domain/events.ts';
import type { PersonId } from '../domain/ids.ts';
import { changeSize, jobKey, type Manifest } from '../domain/manifest.ts';
import type { PeopleEntry, PeopleRegister } from '../domain/people-register.ts';
import { type ReleaseStatement, releasePredicate, statementType } from '../domain/statements.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { withHolds } from '../policy/holds.ts';
import { judgeRoute, type RouteVote } from '../policy/judge-route.ts';
import type { Routes } from '../policy/routes.ts';
import { type AuthorisedEntry, type ChangeTrust, verifiedRegister } from './change.ts';
import { manifestDigest, sameJson, subjectsOf, verifyApproval } from './statements.ts';

/** The ledger entries that a release rests on, each already proven to be in the ledger at its index. */
export type ReleaseEvidence = {
  submitted: Sequenced<EventOf<'package.submitted'>>;
  approvals: readonly Sequenced<EventOf<'approval.given'>>[];
  /** All about the author, the approvers and those who signed for them, down to the trust root's administrators. */
  people: readonly PeopleEntry[];
  /** Whether the authorisation of one of them was verified before, under the same trust root. */
  known?: (entry: AuthorisedEntry) => boolean;
  /** The release that this one goes beyond, where one is in force for the job: it makes the size of the change. */
  previous:
    | { issued: Sequenced<EventOf<'release.issued'>>; submitted: Sequenced<EventOf<'package.submitted'>> }
    | undefined;
  routes: Routes;
  trust: ChangeTrust;
  /** The entry of the release; undefined while it is about to be signed. A key that ended before it counts no more. */
  issuedAt: number | undefined;
};

/** The release statement that this evidence supports; what the signer signs must be equal to it. */
export function releaseStatement(
  evidence: Pick<ReleaseEvidence, 'submitted' | 'approvals' | 'previous'>,
  rest: Pick<ReleaseStatement['predicate'], 'releaseId' | 'routeVersion' | 'time'>,
): ReleaseStatement {
  const { packageId, manifest } = evidence.submitted.event.data;
  const { part, revision, operation, machineGroup, author, changeOrder, classification } = manifest;
  return {
    _type: statementType,
    subject: subjectsOf(manifest),
    predicateType: releasePredicate,
    predicate: {
      ...rest,
      packageId,
      ...{ part, revision, operation, machineGroup, author, changeOrder, classification },
      submitted: evidence.submitted.index,
      approvals: evidence.approvals.map(({ index, event }) => ({
        index,
        person: event.data.person,
        role: event.data.role,
        envelope: digestOf(canonicalJson(event.data.envelope)),
      })),
      ...(evidence.previous === undefined ? {} : { previous: previousOf(evidence.previous) }),
    },
  };
}

const previousOf = ({ issued, submitted }: NonNullable<ReleaseEvidence['previous']>) => ({
  releaseId: issued.event.data.releaseId,
  issued: issued.index,
  submitted: submitted.index,
});

/**
 * Re-derives `statement` from the evidence and checks every signature behind it: the manifest's digest, who the people
 * are by the signatures of those who enrolled them, each approval by its person's own key over these bytes, roles, and
 * the route complete without author or double. The signer runs this before it signs, the services before they deliver.
 * Throws `not-verified`, saying which step failed.
 */
export function verifyReleaseStatement(statement: ReleaseStatement, evidence: ReleaseEvidence): Manifest {
  const { manifest, manifestDigest: recorded } = evidence.submitted.event.data;
  const { routeVersion } = statement.predicate;
  require(manifestDigest(manifest) === recorded, 'the manifest is not the one that was submitted');
  require(sameJson(
    statement,
    releaseStatement(evidence, statement.predicate),
  ), 'the release says something else than its evidence');
  require(evidence.routes.version === routeVersion, 'the approval route is not the one that the release names');

  const people = verifiedPeople(evidence);
  const votes = evidence.approvals.map((approval) => verifiedVote(approval, evidence, people));
  const { holds = [] } = evidence.submitted.event.data;
  const change = changeSize(manifest, previousManifest(manifest, evidence));
  const route = withHolds(evidence.routes.routeFor(manifest, change), holds);
  const subject = { author: manifest.author, manifestDigest: recorded, human: (id: PersonId) => people.human(id) };
  const judged = judgeRoute(route, subject, votes);
  require(judged.complete && judged.counted.length === votes.length, 'the approvals do not complete the route');
  return manifest;
}

/** Everyone concerned, each as enrolled by signatures that lead to the trust root. */
function verifiedPeople({ people, trust, known, submitted }: ReleaseEvidence): PeopleRegister {
  const register = verifiedRegister(people, trust, known && { known });
  const { author } = submitted.event.data.manifest;
  require(register.index(author) !== undefined, `${author}, who wrote it, was never enrolled`);
  return register;
}

function previousManifest(manifest: Manifest, { previous }: ReleaseEvidence): Manifest | undefined {
  if (!previous) return undefined;
  const { manifest: before, packageId } = previous.submitted.event.data;
  require(previous.issued.event.data.packageId === packageId, 'the release before it is of another package');
  require(jobKey(before) === jobKey(manifest), 'the release before it is of another job');
  return before;
}

/** One approval as a vote, once the person's own key made it over this package, in a role that they held. */
function verifiedVote(
  { index, time, event: { data } }: ReleaseEvidence['approvals'][number],
  { submitted, issuedAt }: ReleaseEvidence,
  people: PeopleRegister,
): RouteVote {
  const { packageId, manifest, manifestDigest: recorded } = submitted.event.data;
  const person = people.personAt(data.person, index);
  require(person !== undefined, `${data.person} was not enrolled when they approved`);
  const said = verifyApproval(data.envelope, { person, manifest, packageId }).predicate;
  require(data.packageId === packageId && data.manifestDigest === recorded, 'an approval is of another package');
  require(said.decision === 'approve' && said.role === data.role, `${data.person} did not approve as ${data.role}`);
  require(said.routeVersion === data.routeVersion, 'an approval was given under another route');
  require(person.roles.includes(data.role), `${data.person} does not hold the role ${data.role}`);

  const holder = people.holder(data.envelope.signatures[0]?.keyid ?? '');
  require(holder !== undefined, `${data.person} signed with a key that nobody enrolled`);
  const { end, key } = holder;
  const since = end?.compromisedSince;
  require(since === undefined || since > time, `${data.person} signed with a key that is compromised since ${since}`);
  require(end === undefined ||
    end.index >= (issuedAt ?? Number.POSITIVE_INFINITY), `${data.person}'s key was revoked before the release`);
  require(key.assurance !== 'service', `${data.person} signed with a service key`);
  return { ...data, assurance: key.assurance };
}

function require(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new DomainError('not-verified', `The release cannot be verified: ${problem}.`);
}
