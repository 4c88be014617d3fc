import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseId } from '../../src/domain/ids.ts';
import { encodeLeaf } from '../../src/domain/leaf.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { bodyCommitment } from '../../src/platform/hash.ts';
import { ProvenTree } from '../../src/signing/proven-tree.ts';
import { openReleaseRoom } from '../helpers/release-room.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
let room: Awaited<ReturnType<typeof openReleaseRoom>>;
beforeEach(async () => {
  place = temporaryFolder();
  room = await openReleaseRoom({ keys, folder: place.folder });
});
afterEach(() => {
  room.close();
  place.remove();
});

async function released(text = 'G1 X1.'): Promise<ReleaseId> {
  const outcome = await room.releases.issue(await room.approved([Buffer.from(text)]));
  if (outcome.state !== 'released') throw new Error(outcome.state);
  return outcome.releaseId;
}

/** Rewrites an entry in the database as somebody could who knows how it is made, with a body that says something else. */
function forge(index: number, change: (body: string) => string): void {
  const entry = room.reader.entry(index) ?? expect.fail();
  const body = Buffer.from(change(entry.body.toString('utf8')));
  const said = JSON.parse(entry.leaf.toString('ascii'));
  const leaf = encodeLeaf({ ...said, body: bodyCommitment(entry.salt, body) });
  const db = new Database(join(place.folder, 'ledger.db'));
  db.exec('DROP TRIGGER IF EXISTS entries_no_update');
  db.prepare('UPDATE entries SET leaf = ?, body = ? WHERE idx = ?').run(leaf, body, index);
  db.close();
}

describe('the check before a delivery', () => {
  it('holds for what was released, remembers it, and ends with the withdrawal', async () => {
    const id = await released();
    const verified = room.verification.release(id);
    expect(verified.files.map(({ name }) => name)).toEqual(['O1-0.NC']);
    expect(room.verification.release(id)).toBe(verified);
    const asker = {
      principal: { kind: 'local', account: 'keyway' },
      context: { channel: 'local-socket', encrypted: true },
    };
    await room.releases.withdraw(asker as Parameters<typeof room.releases.withdraw>[0], id, 'Wrong datum.');
    expect(() => room.verification.release(id)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('does not hold where an approver turns out to have lost the key before they signed', async () => {
    const id = await released();
    room.verification.release(id);
    const { person } = room.crew.inspector;
    const [key] = person.keys;
    const since = '2020-01-01T00:00:00.000Z';
    await room.change({
      kind: 'person.key-revoke',
      person: person.id,
      keyId: key?.keyId ?? '',
      compromisedSince: since,
    });
    expect(() => room.verification.release(id)).toThrow(/QA-1's key is compromised/);
    const other = await room.submit([Buffer.from('G1 X2.')]);
    await room.approve(other, room.crew.engineer, 'manufacturing-engineer');
    await expect(room.approve(other, room.crew.inspector, 'quality')).rejects.toMatchObject({ code: 'key-revoked' });
  });

  it.each([
    ['the release', (id: ReleaseId) => room.standing.release(id)?.index],
    ['an approval', (id: ReleaseId) => room.standing.release(id)?.approvals[0]?.index],
    ['the package', (id: ReleaseId) => room.standing.release(id)?.submittedIndex],
    ['an enrolment', () => room.standing.register.index('ME-2')],
  ])('does not hold where %s was rewritten in the database, leaf and all', async (_what, indexOf) => {
    const id = await released();
    room.fresh().release(id);
    forge(indexOf(id) ?? expect.fail(), (body) => body.replace('"v":1', '"v":1'.padEnd(6)));
    expect(() => room.fresh().release(id)).toThrow(/not in the signed tree|damaged/);
  });

  it('looks at the people behind a release once, and at each release by itself', async () => {
    const [first, second] = [await released('G1 X1.'), await released('G1 X2.')];
    room.verification.release(first);
    // Whoever enrolled was verified; the second release is not.
    forge(room.standing.register.index('ME-2') ?? 0, (body) => body.replace('ME-2', 'ME-3'));
    expect(room.verification.release(second).releaseId).toBe(second);
    forge(room.standing.release(first)?.index ?? 0, (body) => body.replace('REL', 'RAL'));
    expect(() => room.fresh().release(first)).toThrow(/not in the signed tree/);
  });
});

describe('a signed tree', () => {
  const leaves = Array.from({ length: 11 }, (_, n) => Buffer.from(`leaf ${n}`));

  it('knows its leaves by their place, and believes no stored hash that does not lead to its root', async () => {
    const { size, root } = room.ledger.head();
    const hashes = room.hashes;
    const tree = new ProvenTree({ size, root }, hashes);
    const leafOf = (index: number) => room.reader.entry(index)?.leaf ?? expect.fail();
    for (let index = 0; index < size; index++) expect(() => tree.require(index, leafOf(index))).not.toThrow();
    expect(() => tree.require(0, leafOf(1))).toThrow(/entry 0 is not in the signed tree/);
    expect(() => tree.require(size, leafOf(0))).toThrow(/not in the signed tree/);
    const forged = leaves[0] ?? Buffer.alloc(0);
    const lying = {
      hashAt: (level: number, at: number) => (level === 0 && at === 2 ? leafHash(forged) : hashes.hashAt(level, at)),
    };
    expect(() => new ProvenTree({ size, root }, lying).require(2, forged)).toThrow(/not in the signed tree/);
  });
});
