import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage, ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { ReleaseId } from '../domain/ids.ts';
import type { ManifestFile } from '../domain/manifest.ts';
import type { Proofs } from '../ledger/proofs.ts';
import { parseRoutes } from '../policy/routes.ts';
import { openEnvelope } from '../signing/dsse.ts';
import { verifyReleaseStatement } from '../signing/release-evidence.ts';
import { parseReleaseStatement, sameJson } from '../signing/statements.ts';
import { certificateValidAt, type Trust } from '../signing/trust.ts';
import type { ProvenEntries } from './proven-entries.ts';

/** A release whose every signature and ledger entry was checked. Its files, each with its detached signature. */
export type VerifiedRelease = {
  releaseId: ReleaseId;
  files: readonly (ManifestFile & { signature: { digest: Digest; size: number } })[];
};

type VerificationParts = { standing: Standing; proofs: Proofs; entries: ProvenEntries; trust: Trust };

/**
 * Decides whether a release may be believed, from the trust file and the ledger alone: a signed checkpoint covers its
 * entries, the release key signed this very manifest, and people's own keys approved it along the route. The answer is
 * kept per release, and forgotten when the release is no longer in force.
 */
export class Verification {
  readonly #parts: VerificationParts;
  readonly #verified = new Map<ReleaseId, { standing: ReleaseStanding; release: VerifiedRelease }>();

  constructor(parts: VerificationParts) {
    this.#parts = parts;
  }

  /** Throws `not-found` when it is not in force, `checkpoint-behind` or `not-verified`. */
  release(releaseId: ReleaseId): VerifiedRelease {
    const standing = this.#parts.standing.release(releaseId);
    if (!standing) {
      this.#verified.delete(releaseId);
      throw new DomainError('not-found', 'There is no such release in force.');
    }
    if (standing.doubted !== undefined) throw new DomainError('not-verified', standing.doubted);
    const known = this.#verified.get(releaseId);
    if (known?.standing === standing) return known.release;
    const release = this.#verify(standing);
    this.#verified.set(releaseId, { standing, release });
    return release;
  }

  #verify(standing: ReleaseStanding): VerifiedRelease {
    const { trust } = this.#parts;
    const tree = this.#parts.entries.checkpointOver(standing.index);
    const issued = this.#parts.entries.openAs(standing.index, 'release.issued', tree);
    if (!certificateValidAt(trust.releaseCertificate, Date.parse(issued.time))) {
      throw new DomainError('not-verified', 'The release certificate was not valid when this was released.');
    }
    const statement = parseReleaseStatement(openEnvelope(issued.event.data.envelope, [trust.releaseKey]));
    const { predicate } = statement;
    if (predicate.releaseId !== standing.releaseId || predicate.packageId !== issued.event.data.packageId) {
      throw new DomainError('not-verified', 'The signed release is another one than the ledger entry says.');
    }
    const manifest = verifyReleaseStatement(statement, {
      submitted: this.#parts.entries.openAs(predicate.submitted, 'package.submitted', tree),
      approvals: predicate.approvals.map(({ index }) => this.#parts.entries.openAs(index, 'approval.given', tree)),
      people: this.#parts.entries.peopleBehind(
        [predicate.author, ...predicate.approvals.map(({ person }) => person)],
        tree,
      ),
      previous: predicate.previous && {
        issued: this.#parts.entries.openAs(predicate.previous.issued, 'release.issued', tree),
        submitted: this.#parts.entries.openAs(predicate.previous.submitted, 'package.submitted', tree),
      },
      routes: this.#routes(predicate.routeVersion),
      trust,
      issuedAt: standing.index,
    });
    if (!sameJson(manifest, standing.manifest))
      throw new DomainError('not-verified', 'The released manifest is not the one in force.');
    const files = manifest.files.map((file, at) => {
      const signature = issued.event.data.signatures[at];
      if (signature?.name !== file.name) throw new DomainError('not-verified', `${file.name} has no signature.`);
      return { ...file, signature: { digest: signature.digest, size: signature.size } };
    });
    return { releaseId: standing.releaseId, files };
  }

  /** The evidence for releasing `waiting`, under a checkpoint that covers it. Throws `checkpoint-behind`. */
  evidence(waiting: OpenPackage, counted: OpenPackage['approvals']) {
    const { standing, proofs } = this.#parts;
    const people = standing.register.entriesBehind([waiting.manifest.author, ...counted.map(({ person }) => person)]);
    const previous = standing.releaseOfJob(waiting.manifest);
    const last = Math.max(...counted.map(({ index }) => index), waiting.index, previous?.index ?? 0, ...people);
    const tree = this.#parts.entries.checkpointOver(last);
    const prove = (index: number) => proofs.prove(index, tree.size);
    return {
      checkpoint: tree.note,
      submitted: prove(waiting.index),
      approvals: counted.map(({ index }) => prove(index)),
      people: people.map(prove),
      ...(previous && { previous: { issued: prove(previous.index), submitted: prove(previous.submittedIndex) } }),
    };
  }

  #routes(version: Digest) {
    const text = this.#parts.standing.routesText(version);
    if (text === undefined)
      throw new DomainError('not-verified', 'The approval route of this release is not in the ledger.');
    return parseRoutes(Buffer.from(text, 'utf8'), 'routes of the ledger');
  }
}
