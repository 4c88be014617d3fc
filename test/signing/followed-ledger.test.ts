import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PackageId } from '../../src/domain/ids.ts';
import { SignerFeed } from '../../src/ledger/signer-feed.ts';
import type { ReleaseRequest } from '../../src/signing/signer-protocol.ts';
import { openReleaseRoom, signerOf } from '../helpers/release-room.ts';
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

const stateFile = () => join(place.folder, 'signer-state');
const covered = () => room.publisher.covering(room.ledger.size, 5_000);
async function feed(core = room.core): Promise<void> {
  await covered();
  await new SignerFeed(room.reader, {
    followLedger: async () => core.followLedger(),
    takeLeaves: async (part) => core.takeLeaves(part),
  }).reach(room.ledger.size);
}

/** What the core would ask the signer for, taken while everything is in order. */
async function requestFor(packageId: PackageId): Promise<ReleaseRequest> {
  await covered();
  let request: ReleaseRequest | undefined;
  const { signRelease } = room.core;
  room.core.signRelease = async (asked) => {
    request = asked;
    throw new Error('not now');
  };
  await room.releases.issue(packageId).catch(() => {});
  room.core.signRelease = signRelease;
  return request ?? expect.fail('nothing was asked of the signer');
}

const revoke = async () => {
  const { person } = room.crew.inspector;
  await room.change({ kind: 'person.key-revoke', person: person.id, keyId: person.keys[0]?.keyId ?? '' });
  await covered();
};

describe('a core that hides a revocation from the signer', () => {
  it('gets no release signed, whichever checkpoint it shows and whether it shows the leaves or not', async () => {
    const request = await requestFor(await room.approved([Buffer.from('G1 X1.')]));
    await revoke();
    const { checkpoint } = { checkpoint: room.publisher.latest?.note ?? '' };
    // The signer signed a head over the revocation, so that what it knew before does not do.
    await expect(room.core.signRelease(request)).rejects.toMatchObject({ code: 'checkpoint-behind' });
    await feed();
    await expect(room.core.signRelease(request)).rejects.toThrow(/leaves out what the ledger says about QA-1/);
    await expect(room.core.signRelease({ ...request, checkpoint })).rejects.toMatchObject({ code: 'not-verified' });
  });

  it('gets nowhere with another leaf in its place, without its body, or with fewer leaves', async () => {
    const request = await requestFor(await room.approved([Buffer.from('G1 X1.')]));
    await revoke();
    const { from, to } = room.core.followLedger();
    const leaves = [...room.reader.leafTexts(from, to)];
    const harmless = leaves.map((leaf) => leaf.replace('person.key-revoked', 'person.name-changed'));
    const other = leaves.map((leaf) => leaf.replace('person.key-revoked', 'delivery.completed'));
    expect(() => room.core.takeLeaves({ from, leaves: harmless, bodies: [] })).toThrow(/is none/);
    room.core.followLedger();
    expect(() => room.core.takeLeaves({ from, leaves: other, bodies: [] })).toThrow(/do not make the tree/);
    const again = room.core.followLedger();
    expect(again).toEqual({ from: 0, to });
    await feed();
    await expect(room.core.signRelease(request)).rejects.toThrow(/leaves out/);

    await room.change({ kind: 'person.off-board', person: room.crew.engineer.person.id });
    await covered();
    const next = room.core.followLedger();
    const rest = [...room.reader.leafTexts(next.from, next.to)];
    expect(() => room.core.takeLeaves({ from: next.from, leaves: rest, bodies: [] })).toThrow(
      /about a person and was not shown/,
    );
    expect(() => room.core.takeLeaves({ from: next.from, leaves: rest, bodies: [] })).toThrow(/shown other entries/);
    // Checkpoints go on.
    await room.submit([Buffer.from('G1 X9.')]);
    await covered();
    await expect(room.core.signRelease(request)).rejects.toMatchObject({ code: 'checkpoint-behind' });
  });
});

describe('what the signer knows of the ledger', () => {
  it('outlasts a restart, and is learnt again where its files are lost or spoilt', async () => {
    const request = await requestFor(await room.approved([Buffer.from('G1 X1.')]));
    await feed();
    const { size } = room.ledger;
    const known = async () => (await signerOf(keys, stateFile(), Date.now)).followLedger();
    const people = room.standing.register.index('QA-1') ?? 0;
    expect((await known()).from).toBeGreaterThan(people);
    for (const name of ['0', '1']) writeFileSync(`${stateFile()}.followed.${name}`, 'spoilt');
    expect(await known()).toEqual({ from: 0, to: size });
    for (const name of ['0', '1']) rmSync(`${stateFile()}.followed.${name}`);
    const core = await signerOf(keys, stateFile(), Date.now);
    await expect(core.signRelease(request)).rejects.toMatchObject({ code: 'checkpoint-behind' });
    await feed(core);
    const { envelope } = await core.signRelease(request);
    expect(envelope.signatures).toHaveLength(1);
  });

  it('does not keep a release waiting for what happens meanwhile', async () => {
    const packageId = await room.approved([Buffer.from('G1 X1.')]);
    const { signRelease } = room.core;
    let asked = 0;
    room.core.signRelease = async (request) => {
      if (asked++ === 0) {
        await room.submit([Buffer.from('G1 X2.')]);
        await covered();
      }
      return signRelease.call(room.core, request);
    };
    expect(await room.releases.issue(packageId)).toMatchObject({ state: 'released' });
    expect(asked).toBe(2);
  });

  it('is brought up to date while nothing is appended', async () => {
    await covered();
    const { from: before, to } = room.core.followLedger();
    expect(before).toBeLessThan(to);
    await room.feed.look();
    await room.feed.look();
    expect(room.core.followLedger()).toEqual({ from: to, to });
  });
});
