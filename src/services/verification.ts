import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage, ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { Sequenced } from '../domain/events.ts';
import type { PersonId, ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ManifestFile } from '../domain/manifest.ts';
import type { PeopleEntry } from '../domain/people-register.ts';
import type { Proofs } from '../ledger/proofs.ts';
import type { SignedCheckpoint } from '../ledger/publisher.ts';
import { parseRoutes, type Routes } from '../policy/routes.ts';
import { openEnvelope } from '../signing/dsse.ts';
import { expectPeopleEntry, expectType } from '../signing/proven-event.ts';
import { verifyReleaseStatement } from '../signing/release-evidence.ts';
import { parseReleaseStatement, sameJson } from '../signing/statements.ts';
import { releaseKeyAt, type Trust } from '../signing/trust.ts';
import type { ProvenEntries } from './proven-entries.ts';

/** A release whose every signature and ledger entry was checked. Its files, each with its detached signature. */
export type VerifiedRelease = {
  releaseId: ReleaseId;
  files: readonly (ManifestFile & { signature: { digest: Digest; size: number } })[];
};

type VerificationParts = {
  standing: Standing;
  proofs: Pick<Proofs, 'prove' | 'opener'>;
  entries: Pick<ProvenEntries, 'checkpointOver'>;
  trust: Trust;
  /** Those in force. */
  routes: Routes;
};

/**
 * Decides whether a release may be believed, from the trust file and the ledger alone: a signed checkpoint covers its
 * entries, the release key signed this very manifest, and people's own keys approved it along the route. The answer is
 * kept per release, and forgotten when the release is no longer in force.
 */
export class Verification {
  readonly #parts: VerificationParts;
  readonly #verified = new Map<ReleaseId, { standing: ReleaseStanding; release: VerifiedRelease }>();

  /** By index: entries about people that were proven and whose authorisation holds. Entries are never changed. */
  readonly #people = new Map<number, PeopleEntry>();
  /** Those that the last release was judged by: the next one most likely names the same. */
  #readRoutes: Routes;

  constructor(parts: VerificationParts) {
    this.#parts = parts;
    this.#readRoutes = parts.routes;
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
    const open = this.#parts.proofs.opener(tree);
    const issued = expectType(open(standing.index), 'release.issued');
    const { envelope } = issued.event.data;
    const { keyId, publicKey } = releaseKeyAt(trust, envelope.signatures[0]?.keyid, Date.parse(issued.time));
    const statement = parseReleaseStatement(openEnvelope(envelope, [{ keyId, publicKey }]));
    const { predicate } = statement;
    if (predicate.releaseId !== standing.releaseId || predicate.packageId !== issued.event.data.packageId) {
      throw new DomainError('not-verified', 'The signed release is another one than the ledger entry says.');
    }
    const submitted = expectType(open(predicate.submitted), 'package.submitted');
    const { waivers = [] } = submitted.event.data.manifest;
    const concerned = [...predicate.approvals.map(({ person }) => person), ...waivers.map(({ by }) => by)];
    const people = this.#peopleBehind([predicate.author, ...concerned], tree, open);
    const manifest = verifyReleaseStatement(statement, {
      submitted,
      approvals: predicate.approvals.map(({ index }) => expectType(open(index), 'approval.given')),
      waivers: waivers.map(({ entry }) => expectType(open(entry), 'finding.waived')),
      people,
      known: (entry) => this.#people.get(entry.index) === entry,
      previous: predicate.previous && {
        issued: expectType(open(predicate.previous.issued), 'release.issued'),
        submitted: expectType(open(predicate.previous.submitted), 'package.submitted'),
      },
      routes: this.#routes(predicate.routeVersion),
      trust,
      issuedAt: standing.index,
    });
    this.#keepPeople(people);
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
    const { author, waivers = [] } = waiting.manifest;
    const concerned = [...counted.map(({ person }) => person), ...waivers.map(({ by }) => by)];
    const people = standing.register.entriesBehind([author, ...concerned]);
    const previous = standing.releaseOfJob(waiting.manifest);
    const last = Math.max(...counted.map(({ index }) => index), waiting.index, previous?.index ?? 0, ...people);
    const tree = this.#parts.entries.checkpointOver(last);
    const prove = (index: number) => proofs.prove(index, tree.size);
    return {
      checkpoint: tree.note,
      submitted: prove(waiting.index),
      approvals: counted.map(({ index }) => prove(index)),
      ...(waivers.length === 0 ? {} : { waivers: waivers.map(({ entry }) => prove(entry)) }),
      people: people.map(prove),
      ...(previous && { previous: { issued: prove(previous.index), submitted: prove(previous.submittedIndex) } }),
    };
  }

  /** As far as the checkpoint reaches: what is newer is judged by the standing. */
  #peopleBehind(ids: readonly PersonId[], { size }: SignedCheckpoint, open: (index: number) => Sequenced) {
    const indices = this.#parts.standing.register.entriesBehind(ids).filter((index) => index < size);
    return indices.map((index) => this.#people.get(index) ?? expectPeopleEntry(open(index)));
  }

  /** A release holds only where all of these do. */
  #keepPeople(people: readonly PeopleEntry[]): void {
    if (this.#people.size + people.length > limits.peopleEntriesRemembered) this.#people.clear();
    for (const entry of people) this.#people.set(entry.index, entry);
  }

  #routes(version: Digest): Routes {
    if (this.#readRoutes.version === version) return this.#readRoutes;
    const text = this.#parts.standing.rules.routesText(version);
    if (text === undefined)
      throw new DomainError('not-verified', 'The approval route of this release is not in the ledger.');
    this.#readRoutes = parseRoutes(Buffer.from(text, 'utf8'), 'routes of the ledger');
    return this.#readRoutes;
  }
}
