import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { makeEvent } from '../../src/domain/events.ts';
import { encodeLeaf } from '../../src/domain/leaf.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { bodyCommitment, canonicalJson, digestOf } from '../../src/platform/hash.ts';
import { LedgerBrowse } from '../../src/services/ledger-browse.ts';
import type { Asker } from '../../src/services/principals.ts';
import { openProvenEvent, type ProvenEvent } from '../../src/signing/proven-event.ts';

const asker: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const time = '2026-11-23T20:00:00.000Z';
const event = makeEvent(
  'gateway.initialised',
  { kind: 'gateway' },
  { origin: 'test.example/ledger', trust: digestOf('t') },
);
const body = canonicalJson(event);
const salt = Buffer.alloc(16, 7);
const leaf = encodeLeaf({ body: bodyCommitment(salt, body), time, type: event.type, v: 1 });
const root = leafHash(leaf);
const checkpoint = { origin: 'test.example/ledger', size: 1, root, note: 'a signed note\n' };

function browse(about: {
  allowed?: string[];
  latest?: typeof checkpoint | undefined;
  size?: number;
  stored?: Buffer;
  visible?: boolean;
}) {
  const { allowed = ['read-ledger', 'administer'], latest, size = 1, stored = body, visible = true } = about;
  let rebuilt = 0;
  const service = new LedgerBrowse({
    authority: {
      require: (action) => {
        if (!allowed.includes(action)) throw new DomainError('policy-denied', 'No rule allows this.');
        return {} as never;
      },
    },
    sight: { maySee: async () => visible },
    ledger: { writable: true, head: () => ({ size, root }) },
    publisher: { latest },
    proofs: {
      prove: (index) => ({
        index,
        leaf: leaf.toString('base64'),
        body: stored.toString('base64'),
        salt: salt.toString('base64'),
        proof: [],
      }),
      growth: (from, size) => [`${from} to ${size}`],
      tile: ({ width }, size) => Buffer.from(`${width} of ${size}`),
    },
    origin: 'test.example/ledger',
    rebuildCatalogue: () => ({ entries: ++rebuilt, differing: [] }),
  });
  return { service, rebuilds: () => rebuilt };
}

describe('whoever may read the ledger', () => {
  it('sees its size and root, and the newest checkpoint where there is one', () => {
    const status = { origin: 'test.example/ledger', size: 1, root: root.toString('base64'), writable: true };
    expect(browse({}).service.status(asker)).toEqual(status);
    const { service } = browse({ latest: checkpoint });
    expect(service.status(asker)).toEqual({ ...status, checkpoint: { size: 1, note: checkpoint.note } });
    expect(service.checkpoint(asker)).toBe(checkpoint.note);
  });

  it('sees that the checkpoint extends the one that they saw before, unless that one was larger', () => {
    const { service } = browse({ latest: checkpoint, allowed: [] });
    expect(service.state(0).growth).toEqual(['0 to 1']);
    expect(service.state(1).growth).toEqual(['1 to 1']);
    expect(service.state(2)).not.toHaveProperty('growth');
    expect(service.state()).not.toHaveProperty('growth');
  });

  it('sees an entry with the proof that leads from it to the checkpoint', async () => {
    const entry = await browse({ latest: checkpoint }).service.entry(asker, 0);
    expect(entry).toMatchObject({ index: 0, time, type: 'gateway.initialised', event, checkpoint: checkpoint.note });
    expect(openProvenEvent(entry.proven as ProvenEvent, checkpoint).event).toEqual(event);
  });

  it('sees of an entry about a package that is hidden from them what every tile shows, and no more', async () => {
    const entry = await browse({ latest: checkpoint, visible: false }).service.entry(asker, 0);
    expect(entry).toEqual({
      ...{ index: 0, time, type: 'gateway.initialised', checkpoint: checkpoint.note },
      proven: { index: 0, leaf: leaf.toString('base64'), proof: [] },
    });
  });

  it('waits for the checkpoint that covers an entry', async () => {
    const behind = { code: 'checkpoint-behind' };
    await expect(browse({ latest: checkpoint, size: 2 }).service.entry(asker, 1)).rejects.toMatchObject(behind);
    await expect(browse({}).service.entry(asker, 0)).rejects.toMatchObject(behind);
    expect(() => browse({}).service.checkpoint(asker)).toThrow(expect.objectContaining(behind));
  });

  it('takes tiles of the newest signed tree, each by its one path', () => {
    const { service } = browse({ latest: checkpoint });
    expect(service.tile(asker, 'tile/0/000.p/1')).toEqual({ bytes: Buffer.from('1 of 1'), isFull: false });
    expect(service.tile(asker, 'tile/entries/x001/234')).toEqual({ bytes: Buffer.from('256 of 1'), isFull: true });
    for (const path of ['tile/0/0', 'tile/0/x000/001', 'tile/64/000', 'tile/0/000.p/0', 'tile/0/000.p/256', 'x']) {
      expect(() => service.tile(asker, path)).toThrow(expect.objectContaining({ code: 'request-invalid' }));
    }
  });

  it('finds nothing beyond the end', async () => {
    await expect(browse({ latest: checkpoint }).service.entry(asker, 1)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not shown an entry whose stored body was edited', async () => {
    const stored = canonicalJson({ ...event, data: { ...event.data, origin: 'other.example/ledger' } });
    await expect(browse({ latest: checkpoint, stored }).service.entry(asker, 0)).rejects.toMatchObject({
      code: 'not-verified',
    });
  });
});

it('nobody else sees anything of the ledger', async () => {
  const { service } = browse({ allowed: ['administer'], latest: checkpoint, visible: false });
  for (const look of [
    () => service.status(asker),
    () => service.checkpoint(asker),
    () => service.tile(asker, 'tile/0/000'),
  ]) {
    expect(look).toThrow(expect.objectContaining({ code: 'policy-denied' }));
  }
  for (const index of [0, 99])
    await expect(service.entry(asker, index)).rejects.toMatchObject({ code: 'policy-denied' });
});

it('only who may administer has the catalogue rebuilt', async () => {
  const reader = browse({ allowed: ['read-ledger'] });
  await expect(reader.service.rebuild(asker)).rejects.toMatchObject({ code: 'policy-denied' });
  expect(reader.rebuilds()).toBe(0);
  expect(await browse({ allowed: ['administer'] }).service.rebuild(asker)).toEqual({ entries: 1, differing: [] });
});
