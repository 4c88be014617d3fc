import { createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeLeaf } from '../../src/domain/leaf.ts';
import { formatCheckpoint } from '../../src/merkle/checkpoint.ts';
import { formatCosignerKey, makeCosigner } from '../../src/merkle/cosignature.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { formatNote, signNoteLine } from '../../src/merkle/note.ts';
import { verifyConsistency, verifyInclusion } from '../../src/merkle/tree.ts';
import { bodyCommitment } from '../../src/platform/hash.ts';
import { newEd25519Key } from '../../src/signing/keys.ts';
import { requireGrowth } from '../../src/web/proof/consistency.ts';
import { requireInclusion } from '../../src/web/proof/inclusion.ts';
import { type Claimed, verifyEntry } from '../../src/web/proof/verify-entry.ts';
import { judgeGrowth, type Seen } from '../../src/web/proof/verify-growth.ts';
import { watchOf } from '../../src/web/proof/watch.ts';
import { makeLogKeys } from '../helpers/test-log.ts';
import { NaiveTree } from '../merkle/naive-tree.ts';

const keys = makeLogKeys();
const witness = { name: 'witness-1.example', key: newEd25519Key() };
const cosigner = makeCosigner(witness.name, witness.key, () => 1_790_000_000);
const witnesses = { quorum: 1, vkeys: [formatCosignerKey(witness.name, createPublicKey(witness.key))] };
const trusted = { origin: keys.origin, ledgerKeys: [{ vkeys: keys.vkeys }], witnesses };

const salt = Buffer.alloc(16, 9);
const body = Buffer.from(
  '{"actor":{"kind":"gateway"},"data":{"releaseId":"REL-0123456789"},"type":"release.issued","v":1}',
);
const time = '2026-11-12T14:03:00.000Z';
const leaf = encodeLeaf({ body: bodyCommitment(salt, body), time, type: 'release.issued', v: 1 });
const size = 11;
const index = 6;
const tree = new NaiveTree(Array.from({ length: size }, (_, at) => (at === index ? leaf : Buffer.from(`entry ${at}`))));

/** What a gateway answers about the entry, signed by whoever is given. */
function claimed(signers = [...keys.signers, cosigner], root = tree.root(size), origin = keys.origin): Claimed {
  const text = formatCheckpoint({ origin, size, root });
  const checkpoint = formatNote(
    text,
    signers.map((signer) => signNoteLine(text, signer)),
  );
  const path = tree.path(index, 0, size).map((hash) => hash.toString('base64'));
  const bytes = { leaf: leaf.toString('base64'), body: body.toString('base64'), salt: salt.toString('base64') };
  return { index, proven: { index, ...bytes, proof: path }, checkpoint };
}
const statesOf = async (claim: Claimed, keysBelieved: Parameters<typeof verifyEntry>[1] = trusted) =>
  Object.fromEntries((await verifyEntry(claim, keysBelieved)).checks.map(({ name, state }) => [name, state]));

test('every path of every small tree leads to its root in the browser as it does in the ledger, and no other does', async () => {
  for (let of = 1; of <= 20; of += 1)
    for (let at = 0; at < of; at += 1) {
      const entries = new NaiveTree(Array.from({ length: of }, (_, entry) => Buffer.from(`entry ${entry}`)));
      const path = entries.path(at, 0, of);
      const claim = { leaf: new Uint8Array(Buffer.from(`entry ${at}`)), index: at, size: of };
      const root = new Uint8Array(entries.root(of));
      const judge = { leafHash: leafHash(claim.leaf), index: at, size: of, proof: path, root: entries.root(of) };
      expect(verifyInclusion(judge)).toBe(true);
      const asBytes = path.map((hash) => new Uint8Array(hash));
      await requireInclusion({ ...claim, path: asBytes, root });
      await expect(requireInclusion({ ...claim, path: [...asBytes, root], root })).rejects.toThrow();
      await expect(requireInclusion({ ...claim, index: at + 1, path: asBytes, root })).rejects.toThrow();
      if (asBytes.length > 0)
        await expect(requireInclusion({ ...claim, path: asBytes.slice(1), root })).rejects.toThrow();
    }
});

test('an honest answer is proven whole, and what happened is read from the bytes that are proven', async () => {
  const report = await verifyEntry(claimed(), trusted);
  expect(report.checks.map(({ state }) => state)).toEqual(['good', 'good', 'good', 'good']);
  expect(report.leaf).toMatchObject({ time, type: 'release.issued' });
  expect(report.event?.data).toEqual({ releaseId: 'REL-0123456789' });
  const hidden = claimed();
  const { body: _body, salt: _salt, ...closed } = hidden.proven;
  expect(await statesOf({ ...hidden, proven: closed })).toMatchObject({ body: 'unchecked', inclusion: 'good' });
});

test('a body, a proof or a checkpoint that was changed is broken, each where it was changed', async () => {
  const good = claimed();
  const change = (text: string) => `${text.slice(0, 4)}${text[4] === 'A' ? 'B' : 'A'}${text.slice(5)}`;
  const proven = (over: Partial<Claimed['proven']>): Claimed => ({ ...good, proven: { ...good.proven, ...over } });
  const tampered: [Claimed, object][] = [
    [proven({ body: change(good.proven.body ?? '') }), { body: 'bad', inclusion: 'good', checkpoint: 'good' }],
    [proven({ salt: change(good.proven.salt ?? '') }), { body: 'bad', inclusion: 'good' }],
    [proven({ leaf: change(good.proven.leaf) }), { body: 'bad', inclusion: 'bad' }],
    [proven({ proof: good.proven.proof.map(change) }), { body: 'good', inclusion: 'bad', checkpoint: 'good' }],
    [proven({ proof: good.proven.proof.slice(1) }), { inclusion: 'bad' }],
    [proven({ index: index + 1 }), { inclusion: 'bad' }],
    [
      { ...good, checkpoint: good.checkpoint.replace('\n11\n', '\n12\n') },
      { checkpoint: 'bad', inclusion: 'bad' },
    ],
    [{ ...good, checkpoint: good.checkpoint.replace('\n11\n', '\n011\n') }, { checkpoint: 'bad' }],
    [{ ...good, checkpoint: `${good.checkpoint}\n` }, { checkpoint: 'bad' }],
    [claimed(keys.signers.slice(0, 1)), { checkpoint: 'bad', inclusion: 'bad' }],
    [claimed(keys.signers.slice(1)), { checkpoint: 'bad' }],
    [claimed(makeLogKeys().signers), { checkpoint: 'bad' }],
    [claimed(keys.signers, tree.root(size - 1)), { checkpoint: 'good', inclusion: 'bad', witnesses: 'unchecked' }],
    [claimed(keys.signers, undefined, 'other.example/ledger'), { checkpoint: 'bad' }],
  ];
  for (const [claim, states] of tampered) expect(await statesOf(claim)).toMatchObject(states);
  const report = await verifyEntry(proven({ body: change(good.proven.body ?? '') }), trusted);
  expect(report.event).toBeUndefined();
});

test('keys that had ended, a key with an id of another, and a cosignature in another’s name do not count', async () => {
  const until = '2026-11-12T14:02:59.999Z';
  expect(await statesOf(claimed(), { ...trusted, ledgerKeys: [{ vkeys: keys.vkeys, until }] })).toMatchObject({
    checkpoint: 'bad',
    inclusion: 'good',
  });
  const [first = '', second = ''] = keys.vkeys;
  const renamed = first.replace(/\+[0-9a-f]{8}\+/, '+00000000+');
  expect(await statesOf(claimed(), { ...trusted, ledgerKeys: [{ vkeys: [renamed, second] }] })).toMatchObject({
    checkpoint: 'bad',
  });
  const other = makeCosigner(witness.name, newEd25519Key(), () => 1_790_000_000);
  const forged = { ...other, keyId: cosigner.keyId };
  expect(await statesOf(claimed([...keys.signers, forged]))).toMatchObject({ checkpoint: 'good', witnesses: 'bad' });
  expect(await statesOf(claimed([...keys.signers, other]))).toMatchObject({ witnesses: 'unchecked' });
});

test('every tree that grew is shown to extend every smaller one, as the ledger shows it, and no other path does', async () => {
  const entries = Array.from({ length: 20 }, (_, at) => Buffer.from(`entry ${at}`));
  const grown = new NaiveTree(entries);
  const other = new NaiveTree(entries.map((entry) => Buffer.concat([entry, Buffer.from('!')])));
  const head = (of: NaiveTree, at: number) => ({ size: at, root: new Uint8Array(of.root(at)) });
  for (let to = 1; to <= 20; to += 1)
    for (let from = 1; from <= to; from += 1) {
      const path = grown.proof(from, 0, to, true);
      const judge = { oldSize: from, oldRoot: grown.root(from), newSize: to, newRoot: grown.root(to), proof: path };
      expect(verifyConsistency(judge)).toBe(true);
      const [older, newer] = [head(grown, from), head(grown, to)];
      const asBytes = path.map((hash) => new Uint8Array(hash));
      await requireGrowth(older, newer, asBytes);
      await expect(requireGrowth(head(other, from), newer, asBytes)).rejects.toThrow();
      await expect(requireGrowth(older, head(other, to), asBytes)).rejects.toThrow();
      await expect(requireGrowth(older, newer, [...asBytes, newer.root])).rejects.toThrow();
      if (from < to) await expect(requireGrowth(newer, older, asBytes)).rejects.toThrow('this browser saw it with');
      if (asBytes.length > 0) await expect(requireGrowth(older, newer, asBytes.slice(1))).rejects.toThrow();
    }
});

test('a browser remembers keys and checkpoint, and believes neither other keys nor another history later', async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
  };
  const trustFile = (vkeys: readonly string[]) =>
    JSON.stringify({ root: { origin: keys.origin, ledgerKeys: [{ vkeys }] } });
  const noteOf = (of: number, signers = keys.signers, root = tree.root(of)): string => {
    const text = formatCheckpoint({ origin: keys.origin, size: of, root });
    return formatNote(
      text,
      signers.map((signer) => signNoteLine(text, signer)),
    );
  };
  const growth = (from: number, to: number) => tree.proof(from, 0, to, true).map((hash) => hash.toString('base64'));
  const judge = (note: string, path: string[] | undefined, vkeys: readonly string[] = keys.vkeys) =>
    watchOf(trustFile(vkeys), storage).judge({ note, growth: path }, new Date(time));
  expect(await judge(noteOf(5), undefined)).toMatchObject({ state: 'good', size: 5 });
  expect(await judge(noteOf(9), growth(5, 9))).toMatchObject({ state: 'good', since: { size: 5 } });
  expect(await judge(noteOf(11), growth(5, 11))).toMatchObject({ state: 'bad', since: { size: 9 } });
  expect(await judge(noteOf(11), growth(9, 11))).toMatchObject({ state: 'good' });
  expect(await judge(noteOf(9), [])).toMatchObject({ state: 'bad', why: expect.stringContaining('with 11') });
  expect(await judge(noteOf(11, keys.signers, tree.root(9)), [])).toMatchObject({ state: 'bad' });
  const others = makeLogKeys();
  const changed = await judge(noteOf(11, others.signers), [], others.vkeys);
  expect(changed).toMatchObject({ state: 'bad', why: expect.stringContaining('other keys') });
  expect(await judge(noteOf(11, others.signers), [])).toMatchObject({ state: 'bad' });
  expect(await watchOf('{}', storage).judge({ note: noteOf(11), growth: [] }, new Date(time))).toMatchObject({
    state: 'bad',
  });
  const damaged: Seen = { size: 11, note: 'nothing', at: time };
  const believed = { keys: trusted, why: 'seen' as const };
  expect(await judgeGrowth({ note: noteOf(11), growth: [] }, believed, damaged)).toMatchObject({ state: 'bad' });
});
