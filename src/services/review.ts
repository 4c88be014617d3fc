import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage } from '../catalog/standing-kinds.ts';
import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import type { PackageId, PersonId } from '../domain/ids.ts';
import type { Assurance, Person } from '../domain/people.ts';
import type { ApprovalStatement, Envelope } from '../domain/statements.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Routes } from '../policy/routes.ts';
import { verifyApproval } from '../signing/statements.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import { routeOf } from './package-route.ts';
import { requireFreshCounters } from './passkey-counters.ts';
import type { Asker } from './principals.ts';
import type { ReleaseService } from './release.ts';
import { signerOf } from './signer-of.ts';

type ReviewParts = {
  ledger: Ledger;
  standing: Standing;
  authority: Authority;
  routes: Routes;
  releases: ReleaseService;
};
type Said = ApprovalStatement['predicate'];
type Signing = { person: Person; assurance: Assurance };

/** Approvals and refusals: a person's own signature over exact bytes, judged and recorded. */
export class ReviewService {
  readonly #parts: ReviewParts;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
  }

  /**
   * Records what a signed statement says about a package. The signature says who it is; a door that knows who asks
   * must find the same person. An approval that does not count is refused with its reason, which is recorded too.
   */
  async record(
    asker: Asker,
    packageId: PackageId,
    envelope: Envelope,
  ): Promise<{ index: number; decision: Said['decision'] }> {
    const { ledger, releases } = this.#parts;
    const { person } = this.#signer(asker, envelope);
    try {
      const { receipt, result } = await ledger.commit(() => {
        const waiting = releases.requireOpen(packageId);
        // Asked again here: a key may have been revoked since.
        const signing = this.#signer(asker, envelope);
        const said = verifyApproval(envelope, {
          person: signing.person,
          manifest: waiting.manifest,
          packageId,
        }).predicate;
        requireFreshCounters(envelope, this.#parts.standing);
        const decision = this.#judge(asker, waiting, signing, said);
        return { events: [this.#event(waiting, envelope, said, decision)], result: said.decision };
      });
      return { index: receipt.index, decision: result };
    } catch (error) {
      if (error instanceof DomainError) await this.#recordRejected(asker, packageId, person, error);
      throw error;
    }
  }

  #signer(asker: Asker, envelope: Envelope): Signing {
    return signerOf(this.#parts.standing, asker, envelope);
  }

  #judge(asker: Asker, waiting: OpenPackage, { person, assurance }: Signing, said: Said): Decision {
    const { authority } = this.#parts;
    const { packageId, manifest, manifestDigest, approvals } = waiting;
    if (!person.roles.includes(said.role))
      throw new DomainError('role-not-held', `${person.id} does not hold the role ${said.role}.`);
    this.#requireOther(person, manifest.author);
    const decision = authority.require(
      'approve-as',
      asPerson(person.id, { ...asker.context, role: said.role }),
      packageFacts(packageId, manifest),
    );
    if (said.decision === 'refuse') return decision;
    const vote = { person: person.id, role: said.role, manifestDigest, routeVersion: said.routeVersion, assurance };
    const { judged } = routeOf(waiting, this.#parts, [vote]);
    const why = judged.notCounted.find(({ index }) => index === approvals.length);
    if (why) throw new DomainError(why.code, why.message);
    return decision;
  }

  #requireOther(person: Person, author: PersonId): void {
    const { register } = this.#parts.standing;
    if (register.human(person.id) !== register.human(author)) return;
    throw new DomainError(
      'author-may-not-approve',
      `${person.id} is the author of this package and may not approve it.`,
    );
  }

  #event(waiting: OpenPackage, envelope: Envelope, said: Said, decision: Decision) {
    const { packageId, manifestDigest } = waiting;
    const { person, role, routeVersion } = said;
    const actor = { kind: 'person' as const, id: person };
    if (said.decision === 'refuse') {
      return makeEvent('approval.refused', actor, {
        packageId,
        person,
        role,
        reason: said.meaning,
        envelope,
        decision,
      });
    }
    return makeEvent('approval.given', actor, {
      packageId,
      person,
      role,
      manifestDigest,
      routeVersion,
      envelope,
      decision,
    });
  }

  async #recordRejected(
    asker: Asker,
    packageId: PackageId,
    person: Person,
    { code, message }: DomainError,
  ): Promise<void> {
    if (code === 'ledger-unavailable' || code === 'storage-full' || code === 'not-found') return;
    const event = makeEvent('approval.rejected', asker.principal, { packageId, person: person.id, code, message });
    await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }));
  }
}
