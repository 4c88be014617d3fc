import { describe, expect, it } from 'vitest';
import { emptyRoot, leafHash, nodeHash } from '../../src/merkle/hashes.ts';
import {
  consistencyProof,
  Frontier,
  type HashReader,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../src/merkle/tree.ts';
import { grow, NaiveTree, readVectors, sampleLeaf, sampleLeaves } from './naive-tree.ts';

type Vectors = {
  leaves: string[];
  roots: { name: string; size: number; root: string }[];
  inclusion: { name: string; index: number; size: number; proof: string[] }[];
  consistency: { name: string; oldSize: number; newSize: number; proof: string[] }[];
};
const vectors = readVectors<Vectors>('rfc6962');
const hex = (text: string) => Buffer.from(text, 'hex');
const vectorLeaves = vectors.leaves.map(hex);
const vectorRoot = (size: number) => hex(vectors.roots.find((r) => r.size === size)?.root ?? '');

const naive = new NaiveTree(sampleLeaves(2000));
const { reader } = grow(sampleLeaves(2000));
const same = (a: readonly Buffer[], b: readonly Buffer[]) =>
  a.length === b.length && Buffer.concat(a).equals(Buffer.concat(b));

describe('the reference tree of certificate transparency', () => {
  const published = grow(vectorLeaves);

  it.each(vectors.roots)('has the published root over $name', ({ size, root }) => {
    expect(rootOf(size, published.reader).toString('hex')).toBe(root);
    expect(grow(vectorLeaves.slice(0, size)).builder.root().toString('hex')).toBe(root);
  });

  it.each(vectors.inclusion)('has the published audit path of $name', ({ index, size, proof }) => {
    expect(inclusionProof(index, size, published.reader).map((h) => h.toString('hex'))).toEqual(proof);
    const leaf = leafHash(vectorLeaves[index] ?? Buffer.alloc(0));
    expect(verifyInclusion({ leafHash: leaf, index, size, proof: proof.map(hex), root: vectorRoot(size) })).toBe(true);
  });

  it.each(vectors.consistency)('has the published consistency proof of $name', ({ oldSize, newSize, proof }) => {
    expect(consistencyProof(oldSize, newSize, published.reader).map((h) => h.toString('hex'))).toEqual(proof);
    const roots = { oldRoot: vectorRoot(oldSize), newRoot: vectorRoot(newSize) };
    expect(verifyConsistency({ oldSize, newSize, ...roots, proof: proof.map(hex) })).toBe(true);
  });
});

describe('a tree of any size', () => {
  it('has the root that the definition gives, for 0 to 2000 leaves, in one step or leaf by leaf', () => {
    const edge = Frontier.empty();
    for (let size = 0; size <= 2000; size += 1) {
      const expected = naive.root(size);
      if (!edge.root().equals(expected) || !rootOf(size, reader).equals(expected)) expect.fail(`size ${size}`);
      if (!Frontier.from(size, edge.hashes).root().equals(expected)) expect.fail(`edge of ${size}`);
      edge.append(leafHash(sampleLeaf(size)));
    }
  });

  it('has the audit paths that the definition gives, for every leaf of every tree up to 300, and they verify', () => {
    for (let size = 1; size <= 300; size += 1) {
      const root = naive.root(size);
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(index, size, reader);
        if (!same(proof, naive.path(index, 0, size))) expect.fail(`path of ${index} in ${size}`);
        const claim = { leafHash: leafHash(sampleLeaf(index)), index, size, proof, root };
        if (!verifyInclusion(claim)) expect.fail(`${index} in ${size}`);
      }
    }
  });

  it('has the consistency proofs that the definition gives, for every pair up to 300, and they verify', () => {
    for (let newSize = 1; newSize <= 300; newSize += 1) {
      const newRoot = naive.root(newSize);
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const proof = consistencyProof(oldSize, newSize, reader);
        if (!same(proof, oldSize === 0 ? [] : naive.proof(oldSize, 0, newSize, true))) {
          expect.fail(`proof of ${oldSize} to ${newSize}`);
        }
        const claim = { oldSize, oldRoot: naive.root(oldSize), newSize, newRoot, proof };
        if (!verifyConsistency(claim)) expect.fail(`${oldSize} to ${newSize}`);
      }
    }
  });
});

/** Every proof that differs from a good one in one bit, one hash or the order of two. */
function* alterations(proof: readonly Buffer[]): Generator<{ what: string; proof: Buffer[] }> {
  for (const [at, hash] of proof.entries()) {
    for (let bit = 0; bit < 256; bit += 1) {
      const flipped = Buffer.from(hash);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      yield { what: `bit ${bit} of hash ${at} flipped`, proof: proof.with(at, flipped) };
    }
    yield { what: `hash ${at} left out`, proof: proof.toSpliced(at, 1) };
    yield { what: `hash ${at} doubled`, proof: proof.toSpliced(at, 0, hash) };
    yield { what: `hash ${at} cut short`, proof: proof.with(at, hash.subarray(0, 31)) };
    yield { what: `hash ${at} too long`, proof: proof.with(at, Buffer.concat([hash, Buffer.of(0)])) };
    const next = proof[at + 1];
    if (next) yield { what: `hashes ${at} and ${at + 1} swapped`, proof: proof.with(at, next).with(at + 1, hash) };
  }
  yield { what: 'one hash more', proof: [...proof, emptyRoot] };
}

describe('an altered proof', () => {
  const sizes = [1, 2, 3, 7, 8, 100, 255, 256, 257, 1999];

  it('of inclusion is refused', () => {
    for (const size of sizes) {
      const root = naive.root(size);
      for (const index of new Set([0, size >> 1, size - 1])) {
        const good = {
          leafHash: leafHash(sampleLeaf(index)),
          index,
          size,
          proof: inclusionProof(index, size, reader),
          root,
        };
        expect(verifyInclusion(good)).toBe(true);
        for (const { what, proof } of alterations(good.proof)) {
          if (verifyInclusion({ ...good, proof })) expect.fail(`${index} in ${size}: ${what}`);
        }
        for (let other = 0; other < size; other += 1) {
          if (other !== index && verifyInclusion({ ...good, index: other }))
            expect.fail(`${index} as ${other} of ${size}`);
        }
        expect(verifyInclusion({ ...good, leafHash: leafHash(Buffer.from('another')) })).toBe(false);
        expect(verifyInclusion({ ...good, root: emptyRoot })).toBe(false);
      }
    }
  });

  it('of consistency is refused', () => {
    for (const newSize of sizes) {
      for (const oldSize of new Set([1, newSize >> 1, Math.max(1, newSize - 1), newSize])) {
        if (oldSize === 0) continue;
        const proof = consistencyProof(oldSize, newSize, reader);
        const good = { oldSize, oldRoot: naive.root(oldSize), newSize, newRoot: naive.root(newSize), proof };
        expect(verifyConsistency(good)).toBe(true);
        for (const altered of alterations(proof)) {
          if (verifyConsistency({ ...good, proof: altered.proof }))
            expect.fail(`${oldSize} to ${newSize}: ${altered.what}`);
        }
        expect(verifyConsistency({ ...good, oldRoot: emptyRoot })).toBe(false);
        expect(verifyConsistency({ ...good, newRoot: emptyRoot })).toBe(false);
      }
    }
  });

  it('is refused for a tree of another height, even over the very root that it leads to', () => {
    const inclusion = {
      leafHash: leafHash(sampleLeaf(0)),
      index: 0,
      proof: inclusionProof(0, 8, reader),
      root: naive.root(8),
    };
    for (const size of [1, 2, 3, 4, 9, 16, 100, 2 ** 40]) {
      expect(verifyInclusion({ ...inclusion, size })).toBe(false);
    }
    const growth = {
      oldSize: 1,
      oldRoot: naive.root(1),
      newRoot: naive.root(8),
      proof: consistencyProof(1, 8, reader),
    };
    for (const newSize of [2, 3, 4, 9, 16, 100, 2 ** 40]) {
      expect(verifyConsistency({ ...growth, newSize })).toBe(false);
    }
    expect(verifyConsistency({ ...growth, newSize: 8, oldSize: 2 })).toBe(false);
  });

  it('is refused where it goes on above the root of the tree that it is offered for', () => {
    const last = { leafHash: leafHash(sampleLeaf(7)), proof: inclusionProof(7, 8, reader), root: naive.root(8) };
    expect(verifyInclusion({ ...last, index: 0, size: 1 })).toBe(false);
    expect(verifyInclusion({ ...last, index: 1, size: 2 })).toBe(false);
    const growth = { oldRoot: naive.root(7), newRoot: naive.root(8), proof: consistencyProof(7, 8, reader) };
    expect(verifyConsistency({ ...growth, oldSize: 3, newSize: 4 })).toBe(false);
  });

  it('is refused where the position lies outside the tree, although the hashes fit', () => {
    const first = { leafHash: leafHash(sampleLeaf(0)), proof: inclusionProof(0, 2, reader), root: naive.root(2) };
    expect(verifyInclusion({ ...first, index: 2, size: 2 })).toBe(false);
    const oldRoot = naive.root(3);
    const backwards = {
      oldSize: 3,
      oldRoot,
      newSize: 2,
      newRoot: nodeHash(oldRoot, emptyRoot),
      proof: [oldRoot, emptyRoot],
    };
    expect(verifyConsistency(backwards)).toBe(false);
  });

  it.each([
    { what: 'a leaf beyond the tree', index: 2, size: 2 },
    { what: 'a negative index', index: -1, size: 2 },
    { what: 'a fraction', index: 0.5, size: 2 },
    { what: 'a size that is not exact', index: 0, size: 2 ** 53 },
    { what: 'an empty tree', index: 0, size: 0 },
  ])('is refused for $what', ({ index, size }) => {
    expect(verifyInclusion({ leafHash: emptyRoot, index, size, proof: [], root: emptyRoot })).toBe(false);
  });

  it('from an empty tree is refused unless the old root is the empty one and nothing is added', () => {
    const newRoot = naive.root(5);
    const good = { oldSize: 0, oldRoot: emptyRoot, newSize: 5, newRoot, proof: [] };
    expect(verifyConsistency(good)).toBe(true);
    expect(verifyConsistency({ ...good, oldRoot: newRoot })).toBe(false);
    expect(verifyConsistency({ ...good, proof: [emptyRoot] })).toBe(false);
    expect(verifyConsistency({ ...good, newSize: 0 })).toBe(false);
  });

  it('that goes back in time is refused', () => {
    const claim = { oldSize: 8, oldRoot: naive.root(8), newSize: 4, newRoot: naive.root(4), proof: [] };
    expect(verifyConsistency(claim)).toBe(false);
  });
});

describe('a tree near 2^53 leaves', () => {
  // All its leaves are alike, so that a subtree's root depends on its level alone.
  const levels = [leafHash(Buffer.from('same'))];
  for (let level = 1; level <= 53; level += 1) {
    const below = levels[level - 1] ?? emptyRoot;
    levels.push(nodeHash(below, below));
  }
  const uniform: HashReader = { hashAt: (level) => levels[level] ?? emptyRoot };
  const size = Number.MAX_SAFE_INTEGER;
  const root = rootOf(size, uniform);

  it.each([0, 1, 2 ** 31, 2 ** 32 + 1, 2 ** 52 - 1, 2 ** 52, 2 ** 53 - 3, 2 ** 53 - 2])('proves leaf %d', (index) => {
    const proof = inclusionProof(index, size, uniform);
    expect(verifyInclusion({ leafHash: levels[0] ?? emptyRoot, index, size, proof, root })).toBe(true);
    expect(verifyInclusion({ leafHash: levels[0] ?? emptyRoot, index, size, proof: proof.slice(1), root })).toBe(false);
  });

  it.each([1, 2 ** 31, 2 ** 32 + 1, 2 ** 40 + 12_345, 2 ** 52, 2 ** 53 - 2])(
    'extends its first %d leaves',
    (oldSize) => {
      const proof = consistencyProof(oldSize, size, uniform);
      const claim = { oldSize, oldRoot: rootOf(oldSize, uniform), newSize: size, newRoot: root, proof };
      expect(verifyConsistency(claim)).toBe(true);
      expect(verifyConsistency({ ...claim, proof: proof.slice(0, -1) })).toBe(false);
    },
  );
});

describe('a request that no tree can answer', () => {
  it.each([
    ['the path of a leaf beyond the tree', () => inclusionProof(5, 5, reader), 'malformed'],
    ['the path of a negative leaf', () => inclusionProof(-1, 5, reader), 'malformed'],
    ['a proof backwards', () => consistencyProof(6, 5, reader), 'malformed'],
    ['a size beyond 2^53', () => rootOf(2 ** 53, reader), 'malformed'],
    ['leaves that are not there yet', () => rootOf(2001, reader), 'missing'],
    ['an edge with a hash too few', () => Frontier.from(3, [emptyRoot]), 'malformed'],
    ['an edge with a short hash', () => Frontier.from(1, [Buffer.alloc(31)]), 'malformed'],
    ['a leaf hash of 31 bytes', () => Frontier.empty().append(Buffer.alloc(31)), 'malformed'],
    ['a node over a short hash', () => nodeHash(emptyRoot, Buffer.alloc(31)), 'malformed'],
  ] as const)('is refused: %s', (_, ask, code) => {
    expect(ask).toThrow(expect.objectContaining({ name: 'MerkleError', code }));
  });
});

describe('hashing', () => {
  it('gives the same for a leaf whatever its length, before and behind the scratch buffer', () => {
    for (const length of [0, 1, 65_534, 65_535, 65_536, 100_000]) {
      const leaf = Buffer.alloc(length, 7);
      expect(leafHash(leaf)).toEqual(new NaiveTree([leaf]).root(1));
    }
  });

  it('keeps a clone of the edge apart from the original', () => {
    const edge = Frontier.empty();
    edge.append(leafHash(sampleLeaf(0)));
    const clone = edge.clone();
    edge.append(leafHash(sampleLeaf(1)));
    expect(clone.size).toBe(1);
    expect(clone.root()).toEqual(naive.root(1));
    expect(edge.root()).toEqual(naive.root(2));
  });
});
