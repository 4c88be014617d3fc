import { DomainError } from '../domain/errors.ts';
import type { EventOf, Sequenced } from '../domain/events.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Person } from '../domain/people.ts';
import { type ReleaseStatement, releasePredicate, statementType } from '../domain/statements.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { judgeRoute, type Routes } from '../policy/routes.ts';
import { manifestDigest, sameJson, subjectsOf, verifyApproval } from './statements.ts';

/** The ledger entries that a release rests on, each already proven to be in the ledger at its index. */
export type ReleaseEvidence = {
  submitted: Sequenced<EventOf<'package.submitted'>>;
  approvals: readonly Sequenced<EventOf<'approval.given'>>[];
  people: readonly Sequenced<EventOf<'person.enrolled'>>[];
  routes: Routes;
};

/** The release statement that this evidence supports; what the signer signs must be equal to it. */
export function releaseStatement(
  evidence: Pick<ReleaseEvidence, 'submitted' | 'approvals'>,
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
    },
  };
}

/**
 * Re-derives `statement` from the evidence and checks every signature behind it: the manifest's digest, each approval
 * by its person's own key over these bytes, roles, and the route complete without author or double. The signer runs
 * this before it signs, the services before they deliver. Throws `not-verified`, saying which step failed.
 */
export function verifyReleaseStatement(statement: ReleaseStatement, evidence: ReleaseEvidence): Manifest {
  const { packageId, manifest, manifestDigest: recorded } = evidence.submitted.event.data;
  const { routeVersion } = statement.predicate;
  require(manifestDigest(manifest) === recorded, 'the manifest is not the one that was submitted');
  require(sameJson(
    statement,
    releaseStatement(evidence, statement.predicate),
  ), 'the release says something else than its evidence');
  require(evidence.routes.version === routeVersion, 'the approval route is not the one that the release names');

  for (const { index, event } of evidence.approvals) {
    const { data } = event;
    const person = enrolledAt(evidence, data.person, index);
    require(person !== undefined, `${data.person} was not enrolled when they approved`);
    const said = verifyApproval(data.envelope, { person, manifest, packageId }).predicate;
    require(data.packageId === packageId && data.manifestDigest === recorded, 'an approval is of another package');
    require(said.decision === 'approve' && said.role === data.role, `${data.person} did not approve as ${data.role}`);
    require(said.routeVersion === data.routeVersion, 'an approval was given under another route');
    require(person.roles.includes(data.role), `${data.person} does not hold the role ${data.role}`);
  }

  const votes = evidence.approvals.map(({ event }) => event.data);
  const judged = judgeRoute(evidence.routes.routeFor(manifest), manifest, votes, recorded);
  require(judged.complete && judged.counted.length === votes.length, 'the approvals do not complete the route');
  return manifest;
}

/** The person as enrolled by the newest event before `index`. */
function enrolledAt(evidence: ReleaseEvidence, id: PersonId, index: number): Person | undefined {
  const before = evidence.people.filter((e) => e.index < index && e.event.data.person.id === id);
  return before.sort((a, b) => b.index - a.index)[0]?.event.data.person;
}

function require(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new DomainError('not-verified', `The release cannot be verified: ${problem}.`);
}
