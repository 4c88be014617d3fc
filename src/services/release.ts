import type { Logger } from 'pino';
import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage, ReleaseStanding } from '../catalog/standing-kinds.ts';
import { DomainError } from '../domain/errors.ts';
import { type EventData, makeEvent } from '../domain/events.ts';
import { newReleaseId, type PackageId, type RandomBytes, type ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { disabledReason } from '../domain/states.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Publisher } from '../ledger/publisher.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { Missing } from '../policy/judge-route.ts';
import type { Routes } from '../policy/routes.ts';
import { expectType, openProvenEvent } from '../signing/proven-event.ts';
import { releaseStatement } from '../signing/release-evidence.ts';
import type { Signer } from '../signing/signer-client.ts';
import type { SignedRelease } from '../signing/signer-protocol.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { type Authority, packageFacts } from './authority.ts';
import { routeOf } from './package-route.ts';
import { type Asker, gatewayAsker } from './principals.ts';
import type { Verification } from './verification.ts';

type ReleaseParts = {
  ledger: Ledger;
  publisher: Publisher;
  standing: Standing;
  vault: BlobStore;
  signer: Signer;
  verification: Verification;
  authority: Authority;
  routes: Routes;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
};

export type ReleaseOutcome =
  | { state: 'waiting-for-approvals'; missing: Missing[] }
  | { state: 'released'; releaseId: ReleaseId; index: number };

/** Turns a package whose route is complete into a release, and takes releases back. */
export class ReleaseService {
  readonly #parts: ReleaseParts;
  readonly #running = new Map<PackageId, Promise<ReleaseOutcome>>();

  constructor(parts: ReleaseParts) {
    this.#parts = parts;
  }

  /** Releases when the route is complete; two calls at once are one act. Throws `signer-unavailable`, `checkpoint-behind`. */
  issue(packageId: PackageId): Promise<ReleaseOutcome> {
    const running = this.#running.get(packageId);
    if (running) return running;
    const started = this.#issue(packageId).finally(() => this.#running.delete(packageId));
    this.#running.set(packageId, started);
    return started;
  }

  /** Takes up what waited for the signer: at start and whenever the signer comes back. */
  async issueWaiting(): Promise<void> {
    for (const waiting of [...this.#parts.standing.openPackages()]) {
      const { packageId } = waiting;
      // Another call may have released it while this one waited for the signer.
      if (this.#parts.standing.openPackage(packageId) !== waiting) continue;
      await this.issue(packageId).catch((error: unknown) =>
        this.#parts.log.warn({ cause: String(error), packageId }, 'release is waiting'),
      );
    }
  }

  async #issue(packageId: PackageId): Promise<ReleaseOutcome> {
    const { authority, publisher, signer, ledger } = this.#parts;
    const waiting = this.requireOpen(packageId);
    const counted = this.#countedApprovals(waiting);
    if ('missing' in counted) return { state: 'waiting-for-approvals', missing: counted.missing };
    signer.requireReady();
    const decision = authority.require('release', gatewayAsker, packageFacts(packageId, waiting.manifest));
    await publisher.covering(Math.max(...counted.approvals.map(({ index }) => index)) + 1, limits.signerAnswerMs);
    const before = this.#parts.standing.releaseOfJob(waiting.manifest);
    const { releaseId, signed } = await this.#sign(waiting, counted.approvals);
    const signatures = await this.#keepSignatures(signed);
    const data = {
      releaseId,
      packageId,
      manifestDigest: waiting.manifestDigest,
      envelope: signed.envelope,
      signatures,
      decision,
    };
    const { receipt } = await ledger.commit(() =>
      this.#issueEvents(waiting, data, { counted: counted.approvals, before }),
    );
    // Deliverable from the first checkpoint that covers it; a signer that fails now only delays that.
    await publisher.covering(receipt.size, limits.signerAnswerMs).catch(() => {});
    return { state: 'released', releaseId, index: receipt.index };
  }

  /** The package while it waits. Throws `state-forbids` or `not-found`. */
  requireOpen(packageId: string): OpenPackage {
    const waiting = this.#parts.standing.openPackage(packageId);
    if (waiting) return waiting;
    const state = this.#parts.standing.packageState(packageId);
    const why = state && disabledReason('approve', state);
    if (why) throw new DomainError('state-forbids', why);
    throw new DomainError('not-found', 'There is no such package.');
  }

  #countedApprovals(waiting: OpenPackage): { approvals: OpenPackage['approvals'] } | { missing: Missing[] } {
    const { judged } = routeOf(waiting, this.#parts);
    if (!judged.complete) return { missing: judged.missing };
    return { approvals: judged.counted.flatMap((at) => waiting.approvals[at] ?? []) };
  }

  async #sign(
    waiting: OpenPackage,
    counted: OpenPackage['approvals'],
  ): Promise<{ releaseId: ReleaseId; signed: SignedRelease }> {
    const { verification, signer, vault, routes, clock, random, publisher } = this.#parts;
    const evidence = verification.evidence(waiting, counted);
    const tree = publisher.latest;
    if (!tree) throw new DomainError('checkpoint-behind', 'There is no signed checkpoint yet.');
    const releaseId = newReleaseId(random);
    const statement = releaseStatement(
      {
        submitted: expectType(openProvenEvent(evidence.submitted, tree), 'package.submitted'),
        approvals: evidence.approvals.map((e) => expectType(openProvenEvent(e, tree), 'approval.given')),
        previous: evidence.previous && {
          issued: expectType(openProvenEvent(evidence.previous.issued, tree), 'release.issued'),
          submitted: expectType(openProvenEvent(evidence.previous.submitted, tree), 'package.submitted'),
        },
      },
      { releaseId, routeVersion: routes.version, time: rfc3339(clock()) },
    );
    const artefacts = waiting.manifest.files.map((file) => vault.path(file.digest));
    return { releaseId, signed: await signer.call('signRelease', { statement, ...evidence, artefacts }) };
  }

  /** Durable before the event that names them. */
  async #keepSignatures(signed: SignedRelease): Promise<EventData<'release.issued'>['signatures']> {
    const kept = [];
    for (const { name, cms } of signed.signatures) {
      const { digest, size } = await this.#parts.vault.putBytes(Buffer.from(cms, 'base64'));
      this.#parts.vault.admit(digest);
      kept.push({ name, digest, size });
    }
    return kept;
  }

  /** What was signed must still hold: the package waits, its approvals stand, and it goes beyond the same release. */
  #issueEvents(
    waiting: OpenPackage,
    data: EventData<'release.issued'>,
    { counted, before }: { counted: OpenPackage['approvals']; before: ReleaseStanding | undefined },
  ) {
    const { standing } = this.#parts;
    if (standing.openPackage(waiting.packageId) !== waiting) {
      throw new DomainError(
        'state-forbids',
        'The package was refused, replaced or withdrawn while it was being signed.',
      );
    }
    const now = this.#countedApprovals(waiting);
    if ('missing' in now || now.approvals.map(({ index }) => index).join() !== counted.map(({ index }) => index).join())
      throw new DomainError('route-incomplete', 'An approval fell while the release was being signed.');
    const older = standing.releaseOfJob(waiting.manifest);
    if (older?.releaseId !== before?.releaseId)
      throw new DomainError('conflict', 'Another release of this job was issued while this one was being signed.');
    const issued = makeEvent('release.issued', gatewayAsker.principal, data);
    const superseded = older
      ? [makeEvent('release.superseded', gatewayAsker.principal, { releaseId: older.releaseId, by: data.releaseId })]
      : [];
    return { events: [issued, ...superseded], result: undefined };
  }

  /** Stops a package or its release at once, on every door. `id` is a package's or a release's. */
  async withdraw(asker: Asker, id: string, reason: string): Promise<{ index: number; withdrawn: string }> {
    const { standing, ledger, authority } = this.#parts;
    const { receipt, result } = await ledger.commit(() => {
      const release = standing.release(id) ?? [...standing.releases()].find((other) => other.packageId === id);
      if (release) {
        const decision = authority.require('withdraw', asker, packageFacts(release.packageId, release.manifest));
        const { releaseId } = release;
        return {
          events: [makeEvent('release.withdrawn', asker.principal, { releaseId, reason, decision })],
          result: releaseId as string,
        };
      }
      const { packageId, manifest } = this.requireOpen(id);
      const decision = authority.require('withdraw', asker, packageFacts(packageId, manifest));
      return {
        events: [makeEvent('package.withdrawn', asker.principal, { packageId, reason, decision })],
        result: packageId as string,
      };
    });
    return { index: receipt.index, withdrawn: result };
  }
}
