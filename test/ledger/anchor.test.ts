import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DomainError } from '../../src/domain/errors.ts';
import { limits } from '../../src/domain/limits.ts';
import { AnchorFolder } from '../../src/ledger/anchor.ts';
import { requireAnchored } from '../../src/ledger/anchored-start.ts';
import { openCheckpoint } from '../../src/merkle/checkpoint.ts';
import { makeTestKeys, temporaryFolder, testOrigin } from '../helpers/test-keys.ts';
import { openTestLedger, someEvent } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
let place: ReturnType<typeof temporaryFolder>;
let said: { level: number; msg: string }[];
const log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });
beforeEach(() => {
  place = temporaryFolder();
  said = [];
});
afterEach(() => place.remove());

const anchorPath = () => join(place.folder, 'anchor');
const anchor = () => new AnchorFolder(anchorPath(), testOrigin, log);
const inFolder = (name: string): string => {
  const folder = join(place.folder, name);
  mkdirSync(folder, { recursive: true });
  return folder;
};
const open = (folder: string, kept = anchor()) =>
  openTestLedger({ keys, folder: inFolder(folder), published: { anchor: kept } });

/** A ledger in `folder` of `entries` events, the numbers from `first` on, all under a checkpoint. */
async function grow(folder: string, entries: number, first = 0, kept = anchor()): Promise<void> {
  const at = open(folder, kept);
  for (let n = 0; n < entries; n += 1) {
    await at.ledger.commit(() => ({ events: [someEvent(first + n)], result: n }));
    await at.publisher.covering(at.ledger.size, 5_000);
  }
  at.close();
}

async function start(folder: string): Promise<void> {
  const at = open(folder);
  try {
    await requireAnchored({ opened: at.opened, folder: anchor(), peers: [], trust: keys.trust, log });
  } finally {
    at.close();
  }
}

const copyLedger = (from: string, to: string) =>
  copyFileSync(join(inFolder(from), 'ledger.db'), join(inFolder(to), 'ledger.db'));

async function refusal(folder: string): Promise<DomainError> {
  const error: unknown = await start(folder).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'ledger-inconsistent' });
  return error as DomainError;
}

const rootIn = (note: string) =>
  openCheckpoint(note, { origin: testOrigin, verifiers: keys.trust.ledgerVerifiers, required: 2 }).root.toString(
    'base64',
  );

describe('beside its anchor', () => {
  it('a ledger starts, also when it grew since', async () => {
    await grow('a', 3);
    const kept = readFileSync(anchor().path);
    await grow('a', 2, 3);
    await start('a');
    writeFileSync(anchor().path, kept);
    await start('a');
    expect(readFileSync(anchor().path, 'utf8'), 'what a crash left behind is mended').toContain(`${testOrigin}\n5\n`);
    expect(said).toEqual([]);
  });

  it('a ledger that was restored from an older copy is refused, with both checkpoints', async () => {
    await grow('a', 3);
    copyLedger('a', 'older');
    const before = rootIn(readFileSync(anchor().path, 'utf8'));
    await grow('a', 2, 3);
    const { message } = await refusal('older');
    expect(message).toContain(anchor().path);
    expect(message).toContain(`5 entries, root ${rootIn(readFileSync(anchor().path, 'utf8'))}`);
    expect(message).toContain(`3 entries, root ${before}`);
  });

  it('a ledger with another past is refused, even when it is longer', async () => {
    await grow('a', 4);
    const true4 = rootIn(readFileSync(anchor().path, 'utf8'));
    const kept = readFileSync(anchor().path);
    const elsewhere = new AnchorFolder(join(place.folder, 'elsewhere'), testOrigin, log);
    await grow('b', 4, 100, elsewhere);
    const other4 = rootIn(readFileSync(elsewhere.path, 'utf8'));
    await grow('b', 2, 200, elsewhere);
    expect(readFileSync(anchor().path)).toEqual(kept);
    const { message } = await refusal('b');
    expect(message).toContain(`4 entries, root ${true4}`);
    expect(message).toContain(`6 entries, root ${rootIn(readFileSync(elsewhere.path, 'utf8'))}`);
    expect(message).toContain(`its first 4 have root ${other4}`);
    expect(readFileSync(anchor().path), 'a refusal leaves the anchor as it is').toEqual(kept);
  });

  it('an empty ledger is refused', async () => {
    await grow('a', 2);
    expect((await refusal('empty')).message).toContain('this ledger: 0 entries');
  });

  it.each([
    ['of other keys', () => makeTestKeys()],
    ['of other keys and another origin', () => undefined],
  ])('an anchor %s is refused, not overwritten', async (_what, otherKeys) => {
    await grow('a', 2);
    const other = otherKeys();
    const note = readFileSync(anchor().path, 'utf8');
    if (other) {
      const folder = inFolder('other');
      const at = openTestLedger({ keys: other, folder, published: { anchor: anchor() } });
      await at.ledger.commit(() => ({ events: [someEvent(1)], result: 0 }));
      await at.publisher.covering(1, 5_000);
      at.close();
    } else writeFileSync(anchor().path, note.replaceAll(testOrigin, 'other.example/ledger'));
    const changed = readFileSync(anchor().path);
    expect((await refusal('a')).message).toContain('is not a checkpoint signed by the keys of test.example/ledger');
    expect(readFileSync(anchor().path)).toEqual(changed);
  });

  it.each([
    ['cut in the middle', (note: string) => note.slice(0, note.length / 2)],
    ['empty', () => ''],
    ['with another size', (note: string) => note.replace('\n2\n', '\n1\n')],
  ])('an anchor that is %s is refused', async (_what, change) => {
    await grow('a', 2);
    writeFileSync(anchor().path, change(readFileSync(anchor().path, 'utf8')));
    await refusal('a');
  });

  it('a ledger without an anchor starts with a warning, and has one from then on', async () => {
    await grow('a', 3);
    rmSync(anchorPath(), { recursive: true });
    await start('a');
    expect(said).toMatchObject([{ level: 40, msg: expect.stringContaining('no anchor') }]);
    expect(readFileSync(anchor().path, 'utf8')).toContain(`${testOrigin}\n3\n`);
    said = [];
    await start('a');
    expect(said).toEqual([]);
  });
});

describe('the anchor', () => {
  it('holds a checkpoint before anyone is shown it', async () => {
    const seen: number[] = [];
    const kept = anchor();
    const keep = async (checkpoint: Parameters<typeof kept.keep>[0]) => {
      seen.push(at.publisher.latest?.size ?? 0);
      await kept.keep(checkpoint);
      // Not before the last word of the disk.
      seen.push(at.publisher.latest?.size ?? 0);
    };
    const at = openTestLedger({ keys, folder: inFolder('a'), published: { anchor: { keep } } });
    await at.ledger.commit(() => ({ events: [someEvent(1)], result: 0 }));
    await at.publisher.covering(1, 5_000);
    expect(seen).toEqual([0, 0]);
    expect(readFileSync(kept.path, 'utf8')).toBe(at.publisher.latest?.note);
    at.close();
  });

  it('that answers after the end finds nobody to tell', async () => {
    const disk = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const anchorage = {
      keep: async () => {
        asked.resolve();
        await disk.promise;
      },
    };
    const onPublished = vi.fn();
    const at = openTestLedger({ keys, folder: inFolder('a'), published: { anchor: anchorage, onPublished } });
    await at.ledger.commit(() => ({ events: [someEvent(1)], result: 0 }));
    await asked.promise;
    at.close();
    disk.resolve();
    await new Promise(setImmediate);
    expect(onPublished).not.toHaveBeenCalled();
  });

  it('clears away what a crash in the middle of a write left, and nothing else', () => {
    mkdirSync(anchorPath());
    for (const name of ['.tmp-1-00-test.example%2Fledger.checkpoint', '.tmp-1-00-other', 'mine.txt']) {
      writeFileSync(join(anchorPath(), name), '');
    }
    anchor();
    expect(readdirSync(anchorPath()).sort()).toEqual(['.tmp-1-00-other', 'mine.txt']);
  });

  it('is one file in its folder, whatever the origin is called', async () => {
    const kept = new AnchorFolder(anchorPath(), '../../etc/x', log);
    await kept.keep({ origin: '', size: 1, root: Buffer.alloc(32), note: 'n' });
    expect(readdirSync(anchorPath())).toEqual(['..%2F..%2Fetc%2Fx.checkpoint']);
  });

  it('that is there and cannot be read does not pass for a missing one', async () => {
    const kept = anchor();
    mkdirSync(kept.path);
    await expect(start('a')).rejects.toMatchObject({ code: 'config-invalid', field: 'ledger.anchor' });
    writeFileSync(join(place.folder, 'file'), '');
    expect(() => new AnchorFolder(join(place.folder, 'file', 'in'), testOrigin, log)).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  it('whose write fails leaves nothing beside it, so that no attempt fills the folder', async () => {
    const kept = anchor();
    mkdirSync(kept.path);
    for (const size of [1, 2]) await kept.keep({ origin: '', size, root: Buffer.alloc(32), note: 'n' });
    expect(said.map(({ level }) => level)).toEqual([50]);
    expect(readdirSync(anchorPath())).toEqual([basename(kept.path)]);
  });

  it('that cannot be written raises one alarm, and publication goes on', async () => {
    const kept = anchor();
    rmSync(anchorPath(), { recursive: true });
    await grow('a', 3, 0, kept);
    expect(said.filter(({ level }) => level >= 50)).toHaveLength(1);
    expect(existsSync(kept.path)).toBe(false);
    mkdirSync(anchorPath());
    await grow('a', 2, 3, kept);
    expect(readFileSync(kept.path, 'utf8')).toContain(`${testOrigin}\n5\n`);
    expect(said.filter(({ level }) => level >= 50)).toHaveLength(1);
    expect(said.at(-1)?.msg).toContain('written again');
  });

  it('whose disk does not answer raises one alarm, is asked once, and is written again when it answers', async () => {
    const disk = Promise.withResolvers<void>();
    const asked: string[] = [];
    const write = async (_path: string, note: string) => {
      asked.push(note);
      await disk.promise;
    };
    const kept = new AnchorFolder(anchorPath(), testOrigin, log, write);
    const checkpoint = (size: number) => ({ origin: '', size, root: Buffer.alloc(32), note: `n${size}` });
    vi.useFakeTimers();
    try {
      const first = kept.keep(checkpoint(1));
      await vi.advanceTimersByTimeAsync(limits.anchorMs);
      await first;
      await kept.keep(checkpoint(2));
      expect(asked).toEqual(['n1']);
      expect(said.map(({ level }) => level)).toEqual([50]);
      disk.resolve();
      await vi.advanceTimersByTimeAsync(0);
      await kept.keep(checkpoint(3));
    } finally {
      vi.useRealTimers();
    }
    expect(asked).toEqual(['n1', 'n3']);
    expect(said.at(-1)?.msg).toContain('written again');
  });
});
