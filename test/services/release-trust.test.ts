import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseId } from '../../src/domain/ids.ts';
import { Proofs } from '../../src/ledger/proofs.ts';
import { ProvenEntries } from '../../src/services/proven-entries.ts';
import { Verification } from '../../src/services/verification.ts';
import { parseTrust } from '../../src/signing/trust.ts';
import type { ReleaseKey, TrustRoot } from '../../src/signing/trust-root.ts';
import { openReleaseRoom, routes } from '../helpers/release-room.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';

const keys = makeTestKeys();
const place = temporaryFolder();
let now = Date.now();
let room: Awaited<ReturnType<typeof openReleaseRoom>>;
let releaseId: ReleaseId;
let issuedAt: number;

beforeAll(async () => {
  room = await openReleaseRoom({ keys, folder: place.folder, clock: () => now });
  const outcome = await room.releases.issue(await room.approved([Buffer.from('%\nO1\nM30\n%\n')]));
  if (outcome.state !== 'released') throw new Error('nothing was released');
  releaseId = outcome.releaseId;
  issuedAt = Date.parse(room.standing.release(releaseId)?.time ?? '');
  await room.publisher.covering(room.ledger.size, 10_000);
});
afterAll(async () => {
  await room.end();
  place.remove();
});

/** The delivery check of a gateway that starts with another version of the root. */
function judge(change: Partial<TrustRoot>) {
  const { standing, publisher, reader, hashes } = room;
  const proofs = new Proofs(reader, hashes);
  const entries = new ProvenEntries({ standing, proofs, publisher });
  const trust = parseTrust(keys.trustFileWith(change));
  return () => new Verification({ standing, proofs, entries, trust, routes }).release(releaseId).releaseId;
}
const [entry] = keys.trustFile.root.releaseKeys as [ReleaseKey];
const at = (ms: number) => new Date(ms).toISOString();
const other = makeTestKeys();
const [otherEntry] = other.trustFile.root.releaseKeys as [ReleaseKey];
const authorities = [...keys.trustFile.root.authorities, ...other.trustFile.root.authorities];
const followedBy = (until: number) => ({ releaseKeys: [{ ...entry, until: at(until) }, otherEntry], authorities });

describe('what a release key signed', () => {
  it('is delivered under a root where another key follows, and not where its own time was over', () => {
    expect(judge(followedBy(issuedAt + 1))()).toBe(releaseId);
    expect(judge(followedBy(issuedAt))).toThrow(/outside of the time of its key/);
  });

  it('is delivered as long as the key is not revoked from before', () => {
    const revoked = (ms: number) => ({
      releaseKeys: [{ ...entry, revoked: { at: at(ms), reason: 'Backup was stolen' } }],
    });
    expect(judge(revoked(issuedAt + 1))()).toBe(releaseId);
    expect(judge(revoked(issuedAt))).toThrow(/revoked from .* on \(Backup was stolen\)/);
  });

  it('counts for nothing where the root does not name the key', () => {
    expect(judge({ releaseKeys: [otherEntry], authorities })).toThrow(/does not name/);
  });
});

it('under a root that has expired nothing is released, and what waits goes on under the next one', async () => {
  const waiting = await room.approved([Buffer.from('%\nO2\nM30\n%\n')]);
  now = keys.trust.expiresMs;
  await expect(room.releases.issue(waiting)).rejects.toMatchObject({
    code: 'trust-expired',
    message: expect.stringMatching(/Version 1 of the trust root expired on .*deposits are still taken/),
  });
  now = keys.trust.expiresMs - 1;
  expect(await room.releases.issue(waiting)).toMatchObject({ state: 'released' });
});
