import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../../../domain/errors.ts';
import { PackageId, ReleaseId } from '../../../domain/ids.ts';
import type { Envelope } from '../../../domain/statements.ts';
import type { Asker } from '../../../services/principals.ts';
import { ApprovalAnswer, Released, SubmitApproval, Withdraw, Withdrawn } from '../contract/packages.ts';
import { refusalOf } from '../errors.ts';
import type { HttpParts } from '../parts.ts';
import { defineRoute, noBody, nothing } from '../route.ts';

type ReleaseParts = Pick<HttpParts, 'browse' | 'review' | 'releases' | 'standing' | 'log'>;
type ReleaseState = z.input<typeof ApprovalAnswer>['release'];

const onePackage = z.strictObject({ packageId: PackageId });
const oneRelease = z.strictObject({ releaseId: ReleaseId });

/** Approving, releasing and taking back. */
export function releaseRoutes(app: FastifyInstance, parts: ReleaseParts): void {
  const { browse, releases, standing } = parts;

  defineRoute(app, {
    method: 'POST',
    url: '/packages/:packageId/approvals',
    id: 'approve',
    summary: 'Records a signed approval or refusal, and releases once the route is complete.',
    access: { to: 'approve-as' },
    params: onePackage,
    query: nothing,
    body: SubmitApproval,
    statuses: [201],
    response: ApprovalAnswer,
    handler: ({ asker, params, body }) => recordApproval(parts, asker, params.packageId, body.envelope),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/packages/:packageId/release',
    id: 'issueRelease',
    summary: 'Releases a package whose route is complete, where that had to wait.',
    access: { to: 'view' },
    params: onePackage,
    query: nothing,
    body: noBody,
    statuses: [200],
    response: Released,
    handler: async ({ asker, params: { packageId } }) => {
      await browse.package(asker, packageId, 1);
      const outcome = await releases.issue(packageId);
      if (outcome.state === 'released') return { releaseId: outcome.releaseId, index: outcome.index };
      const missing = outcome.missing.map(({ role, count }) => `${count} as ${role}`).join(', ');
      throw new DomainError('route-incomplete', `Approvals are missing: ${missing}.`);
    },
  });

  defineRoute(app, {
    method: 'POST',
    url: '/packages/:packageId/withdraw',
    id: 'withdrawPackage',
    summary: 'Stops a package, and its release, on every door.',
    access: { to: 'withdraw' },
    params: onePackage,
    query: nothing,
    body: Withdraw,
    statuses: [200],
    response: Withdrawn,
    handler: ({ asker, params: { packageId }, body }) =>
      hiding(parts, asker, packageId, () => releases.withdraw(asker, packageId, body.reason)),
  });

  defineRoute(app, {
    method: 'POST',
    url: '/releases/:releaseId/withdraw',
    id: 'withdrawRelease',
    summary: 'Stops a release on every door.',
    access: { to: 'withdraw' },
    params: oneRelease,
    query: nothing,
    body: Withdraw,
    statuses: [200],
    response: Withdrawn,
    handler: ({ asker, params: { releaseId }, body }) => {
      const packageId = standing.release(releaseId)?.packageId;
      const withdraw = () => releases.withdraw(asker, releaseId, body.reason);
      return hiding(parts, asker, packageId, withdraw);
    },
  });
}

/** Records what was signed, however it was, and says how far the release is with it. */
export async function recordApproval(
  parts: ReleaseParts,
  asker: Asker,
  packageId: PackageId,
  envelope: Envelope,
): Promise<z.input<typeof ApprovalAnswer>> {
  const { index, decision } = await hiding(parts, asker, packageId, () =>
    parts.review.record(asker, packageId, envelope),
  );
  const release: ReleaseState = decision === 'refuse' ? { state: 'refused' } : await releaseNow(parts, packageId);
  return { index, decision, release };
}

/**
 * The act's refusal, unless the asker may not even see the package: then it is answered as if it did not exist. The act
 * comes first, because its refusal is recorded.
 */
async function hiding<T>(
  { browse }: ReleaseParts,
  asker: Asker,
  packageId: PackageId | undefined,
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (packageId) await browse.package(asker, packageId, 1);
    throw error;
  }
}

/** The approval stands by now; whatever keeps the release is told beside it and not as a failure of the approval. */
async function releaseNow({ releases, standing, log }: ReleaseParts, packageId: PackageId): Promise<ReleaseState> {
  try {
    return await releases.issue(packageId);
  } catch (error) {
    // Someone else's last approval, or the signer coming back, may have released it in the meantime.
    const released = [...standing.releases()].find((release) => release.packageId === packageId);
    if (released) return { state: 'released', releaseId: released.releaseId, index: released.index };
    log.warn({ err: error, packageId }, 'release is waiting');
    const { code, message } = refusalOf(error);
    return { state: 'waiting', code, detail: message };
  }
}
