import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../src/merkle/hashes.ts';
import {
  type CompletedTile,
  decodeEntryBundle,
  encodeEntryBundle,
  entriesPath,
  parseTilePath,
  TileHashReader,
  TreeBuilder,
  type TreeSnapshot,
  tilePath,
  tilesForGrowth,
} from '../../src/merkle/tiles.ts';
import { inclusionProof, rootOf } from '../../src/merkle/tree.ts';
import { grow, NaiveTree, readVectors, sampleLeaf, sampleLeaves } from './naive-tree.ts';

const refusal = (code: string) => expect.objectContaining({ name: 'MerkleError', code });
const hashesOf = (from: number, to: number) =>
  Buffer.concat(Array.from({ length: to - from }, (_, at) => leafHash(sampleLeaf(from + at))));

describe('a tile path', () => {
  type Address = { path: string; level: number | 'entries'; index: number; width: number };
  const vectors = readVectors<{ good: Address[]; bad: { name: string; path: string; expect: string }[] }>('tile-paths');

  it.each(vectors.good)('$path is written and read', ({ path, level, index, width }) => {
    expect(level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  it.each(vectors.bad)('is refused: $name', ({ path, expect: code }) => {
    expect(() => parseTilePath(path)).toThrow(refusal(code));
  });

  it.each([
    [-1, 0, 1],
    [64, 0, 1],
    [0, -1, 1],
    [0, 2 ** 53, 1],
    [0, 0, 0],
    [0, 0, 257],
    [0, 0.5, 1],
  ])('is refused for level %d, index %d, width %d', (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow(refusal('malformed'));
  });

  it('survives the way there and back for any address', () => {
    const address = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(address, ({ level, index, width }) => {
        const path = level === 'entries' ? entriesPath(index, width) : tilePath(level, index, width);
        expect(parseTilePath(path)).toEqual({ level, index, width });
      }),
      { seed: 6962 },
    );
  });
});

describe('an entry bundle', () => {
  it('gives its entries back, also empty and largest ones', () => {
    const entries = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(65_535, 1), Buffer.alloc(256, 2)];
    expect(decodeEntryBundle(encodeEntryBundle(entries), 4)).toEqual(entries);
    expect(encodeEntryBundle([Buffer.alloc(258, 9)]).subarray(0, 3)).toEqual(Buffer.of(1, 2, 9));
  });

  it.each([
    ['without entries', () => encodeEntryBundle([])],
    ['of 257 entries', () => encodeEntryBundle(Array.from({ length: 257 }, () => Buffer.of(1)))],
    ['with an entry of 65,536 bytes', () => encodeEntryBundle([Buffer.alloc(65_536)])],
    ['read as no entries', () => decodeEntryBundle(Buffer.alloc(0), 0)],
    ['that ends in a length', () => decodeEntryBundle(Buffer.of(0), 1)],
    ['that ends in an entry', () => decodeEntryBundle(Buffer.of(0, 2, 1), 1)],
    ['with an entry too few', () => decodeEntryBundle(Buffer.of(0, 1, 1), 2)],
    ['with a byte too many', () => decodeEntryBundle(Buffer.of(0, 1, 1, 0), 1)],
  ])('is refused: one %s', (_, act) => {
    expect(act).toThrow(refusal('malformed'));
  });
});

describe('the tiles of a tree', () => {
  it('are those that the specification counts for 70,000 entries', () => {
    const { builder, tiles, reader } = grow(sampleLeaves(70_000));
    const levels = [...tiles.values()].map((tile) => tile.level);
    expect(levels.filter((level) => level === 0)).toHaveLength(273);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect([0, 1, 2, 3].map((level) => builder.partial(level).length / 32)).toEqual([112, 17, 1, 0]);
    expect(builder.root()).toEqual(new NaiveTree(sampleLeaves(70_000)).root(70_000));
    expect(rootOf(70_000, reader)).toEqual(builder.root());
    expect(tiles.get('0/272')?.hashes).toEqual(hashesOf(272 * 256, 273 * 256));
    expect(tiles.get('1/0')?.hashes.subarray(32, 64)).toEqual(tiles.get('0/1')?.root);
    expect(builder.partial(2)).toEqual(tiles.get('1/0')?.root);
  });

  it('that change as it grows are listed with their new width', () => {
    expect(tilesForGrowth(0, 0)).toEqual([]);
    expect(tilesForGrowth(300, 300)).toEqual([]);
    expect(tilesForGrowth(0, 256)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
    expect(tilesForGrowth(255, 513)).toEqual([
      { level: 0, index: 0, width: 256 },
      { level: 0, index: 1, width: 256 },
      { level: 0, index: 2, width: 1 },
      { level: 1, index: 0, width: 2 },
    ]);
    expect(tilesForGrowth(300, 301)).toEqual([{ level: 0, index: 1, width: 45 }]);
    expect(tilesForGrowth(0, 70_000)).toHaveLength(273 + 1 + 1 + 1 + 1);
  });

  it('in any two steps are those of one step', () => {
    const key = ({ level, index }: { level: number; index: number }) => `${level}/${index}`;
    const size = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(fc.tuple(size, size, size), (sizes) => {
        const [a = 0, b = 0, c = 0] = sizes.toSorted((x, y) => x - y);
        const widths = (tiles: ReturnType<typeof tilesForGrowth>) => new Map(tiles.map((t) => [key(t), t.width]));
        expect(new Map([...widths(tilesForGrowth(a, b)), ...widths(tilesForGrowth(b, c))])).toEqual(
          new Map([...widths(tilesForGrowth(a, b)), ...widths(tilesForGrowth(a, c))]),
        );
      }),
      { seed: 6962, numRuns: 50 },
    );
  });
});

describe('reading hashes out of tiles', () => {
  it('proves an older tree from tiles that have grown since', () => {
    const { reader } = grow(sampleLeaves(512));
    expect(inclusionProof(260, 300, reader)).toEqual(new NaiveTree(sampleLeaves(300)).path(260, 0, 300));
  });

  it('sees a partial tile that grew, or was rolled back and grew differently', () => {
    let tile = hashesOf(0, 2);
    const reader = new TileHashReader(() => tile);
    expect(() => reader.hashAt(2, 0)).toThrow(refusal('missing'));
    tile = hashesOf(0, 4);
    expect(reader.hashAt(2, 0)).toEqual(new NaiveTree(sampleLeaves(4)).root(4));
    tile = hashesOf(4, 8);
    expect(reader.hashAt(2, 0)).toEqual(new NaiveTree(sampleLeaves(8).slice(4)).root(4));
  });

  it('asks for a full tile once', () => {
    const { tiles } = grow(sampleLeaves(256));
    let asked = 0;
    const reader = new TileHashReader((level, index) => {
      asked += 1;
      return tiles.get(`${level}/${index}`)?.hashes;
    });
    for (let index = 0; index < 256; index += 1) reader.hashAt(0, index);
    reader.hashAt(7, 1);
    expect(asked).toBe(1);
  });

  it.each([
    ['no tile', undefined, 'missing'],
    ['an empty tile', Buffer.alloc(0), 'malformed'],
    ['a tile of 33 bytes', Buffer.alloc(33), 'malformed'],
    ['a tile of 257 hashes', Buffer.alloc(257 * 32), 'malformed'],
    ['a tile too narrow', Buffer.alloc(32), 'missing'],
  ])('is refused over %s', (_, bytes, code) => {
    expect(() => new TileHashReader(() => bytes).hashAt(0, 1)).toThrow(refusal(code));
  });
});

describe('the tree builder', () => {
  it('hands over each tile once, in the order in which they filled', () => {
    const builder = TreeBuilder.empty();
    const taken: CompletedTile[] = [];
    for (let index = 0; index < 65_536; index += 1) {
      builder.append(leafHash(sampleLeaf(index)));
      if (index % 1000 === 0) taken.push(...builder.takeCompleted());
    }
    taken.push(...builder.takeCompleted());
    expect(builder.takeCompleted()).toEqual([]);
    const order = taken.map(({ level, index }) => `${level}/${index}`);
    expect(order).toEqual([...Array.from({ length: 256 }, (_, index) => `0/${index}`), '1/0']);
    expect(taken.at(-1)?.root).toEqual(builder.root());
  });

  it.each([0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])(
    'goes on from %d entries after a restart',
    (size) => {
      const { builder, source } = grow(sampleLeaves(size));
      const asked: string[] = [];
      const restored = TreeBuilder.restore(size, (level, index, width) => {
        asked.push(tilePath(level, index, width));
        return source(level, index) ?? Buffer.alloc(0);
      });
      expect(restored.root()).toEqual(builder.root());
      const partials = tilesForGrowth(0, size).filter(({ width }) => width < 256);
      expect(asked).toEqual(partials.map(({ level, index, width }) => tilePath(level, index, width)));
      for (const tree of [builder, restored]) {
        for (let index = size; index < size + 300; index += 1) tree.append(leafHash(sampleLeaf(index)));
      }
      expect(restored.root()).toEqual(builder.root());
      expect(restored.takeCompleted()).toEqual(builder.takeCompleted());
      expect([0, 1, 2].map((level) => restored.partial(level))).toEqual(
        [0, 1, 2].map((level) => builder.partial(level)),
      );
    },
  );

  it('refuses to restart from a tile of another width', () => {
    expect(() => TreeBuilder.restore(3, () => hashesOf(0, 2))).toThrow(refusal('malformed'));
  });

  it('hands out copies of partial tiles', () => {
    const { builder } = grow(sampleLeaves(3));
    builder.partial(0).fill(0);
    expect(builder.partial(0)).toEqual(hashesOf(0, 3));
  });

  const stateOf = (builder: TreeBuilder) => ({
    size: builder.size,
    root: builder.root().toString('hex'),
    partials: [0, 1, 2].map((level) => builder.partial(level).toString('hex')),
  });
  const tilesOf = (tiles: readonly CompletedTile[]) =>
    tiles.map(
      ({ level, index, hashes, root }) => `${level}/${index} ${hashes.toString('hex')} ${root.toString('hex')}`,
    );

  it('is after a rollback exactly what it was, and tiles handed out before stay what they were', () => {
    const { builder } = grow(sampleLeaves(250));
    const before = stateOf(builder);
    const snapshot = builder.snapshot();
    for (let index = 0; index < 600; index += 1) builder.append(leafHash(Buffer.from(`lost ${index}`)));
    const lost = builder.takeCompleted();
    const lostText = tilesOf(lost);
    builder.rollback(snapshot);
    expect(stateOf(builder)).toEqual(before);
    expect(builder.takeCompleted()).toEqual([]);
    for (let index = 250; index < 520; index += 1) builder.append(leafHash(sampleLeaf(index)));
    expect(stateOf(builder)).toEqual(stateOf(grow(sampleLeaves(520)).builder));
    expect(tilesOf(builder.takeCompleted())).toEqual(tilesOf([...grow(sampleLeaves(520)).tiles.values()]));
    expect(tilesOf(lost)).toEqual(lostText);
  });

  it('keeps tiles that were completed, but not taken, before the snapshot', () => {
    const builder = TreeBuilder.empty();
    for (const leaf of sampleLeaves(256)) builder.append(leafHash(leaf));
    const snapshot = builder.snapshot();
    expect(builder.takeCompleted()).toHaveLength(1);
    builder.rollback(snapshot);
    expect(builder.takeCompleted()).toHaveLength(1);
  });

  it('agrees with a plain list of leaves through any story of appends, snapshots and rollbacks', () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ kind: fc.constant('snapshot' as const), count: fc.constant(0) }),
      fc.record({ kind: fc.constant('rollback' as const), count: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 15 }), (story) => {
        const builder = TreeBuilder.empty();
        let leaves: Buffer[] = [];
        const snapshots: { leaves: Buffer[]; snapshot: TreeSnapshot }[] = [];
        for (const [step, { kind, count }] of story.entries()) {
          if (kind === 'snapshot') snapshots.push({ leaves: [...leaves], snapshot: builder.snapshot() });
          const back = kind === 'rollback' ? snapshots[count % Math.max(1, snapshots.length)] : undefined;
          if (back) {
            leaves = [...back.leaves];
            builder.rollback(back.snapshot);
          }
          for (let at = 0; kind === 'append' && at < count; at += 1) {
            const leaf = Buffer.from(`step ${step} leaf ${at}`);
            leaves.push(leaf);
            builder.append(leafHash(leaf));
          }
        }
        const fresh = grow(leaves);
        expect(stateOf(builder)).toEqual(stateOf(fresh.builder));
        expect(tilesOf(builder.takeCompleted())).toEqual(tilesOf([...fresh.tiles.values()]));
      }),
      { seed: 6962, numRuns: 150 },
    );
  });
});
