import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { durableFiles, type ExportFiles } from '../../src/ledger/export-files.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { decodeEntryBundle } from '../../src/merkle/tiles.ts';
import { holdLock } from '../../src/platform/sqlite.ts';
import { type ExportPlace, filesIn, keywayVerify, openExportPlace, overwrite } from '../helpers/export-place.ts';

let place: ExportPlace;
beforeAll(async () => {
  place = await openExportPlace(600);
});
afterAll(() => place.close());

const verdict = (folder: string, ...more: string[]) => keywayVerify(folder, place.trustFile, ...more);
const refusal = (act: () => unknown): { code?: string; message?: string; cause?: { code?: string } } => {
  try {
    act();
    return {};
  } catch (error) {
    return error as ReturnType<typeof refusal>;
  }
};

describe('an export', () => {
  it.each([
    [1, ['checkpoint', 'tile/0/000.p/1', 'tile/entries/000.p/1']],
    [255, ['checkpoint', 'tile/0/000.p/255', 'tile/entries/000.p/255']],
    [256, ['checkpoint', 'tile/0/000', 'tile/1/000.p/1', 'tile/entries/000']],
    [257, ['checkpoint', 'tile/0/000', 'tile/0/001.p/1', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/1']],
  ])('of %i entries holds the tiles of that tree and is verified without us', (size, files) => {
    const folder = place.folder();
    expect(place.exportAt(folder, size)).toMatchObject({ size, written: files.length - 1, compared: 0, skipped: 0 });
    expect(filesIn(folder)).toEqual(files);
    expect(verdict(folder)).toMatchObject({ code: 0, out: expect.stringContaining(`${size} entries`) });
  });

  it('publishes the leaves and nothing of what they commit to', () => {
    const folder = place.folder();
    place.exportAt(folder, 600);
    const entries = [0, 1, 2].flatMap((n) => {
      const width = n < 2 ? 256 : 88;
      const path = join(folder, `tile/entries/00${n}${n < 2 ? '' : '.p/88'}`);
      return decodeEntryBundle(readFileSync(path), width);
    });
    expect(entries.every((leaf, index) => leaf.equals(place.reader.entry(index)?.leaf ?? Buffer.alloc(0)))).toBe(true);
    expect(entries[7]?.toString()).toMatch(/^\{"body":"[0-9a-f]{64}","time":"[^"]+","type":"person.enrolled","v":1\}$/);
    const hashes = Buffer.concat(entries.slice(0, 256).map((leaf) => leafHash(leaf)));
    expect(readFileSync(join(folder, 'tile/0/000')).equals(hashes)).toBe(true);
  });

  it('cannot be changed by whoever may only read it', () => {
    const folder = place.folder();
    place.exportAt(folder, 257);
    for (const file of filesIn(folder)) expect(statSync(join(folder, file)).mode & 0o333).toBe(0);
  });

  it('of nothing is refused', () => {
    expect(refusal(() => place.exportAt(place.folder(), 0))).toMatchObject({ code: 'ledger-inconsistent' });
  });

  it('of a ledger that lost its end is refused, and leaves no checkpoint', () => {
    const folder = place.folder();
    const cut = { ...place.reader, leaves: (from: number, to: number) => place.reader.leaves(from, Math.min(to, 590)) };
    expect(refusal(() => place.exportAt(folder, 600, { reader: cut }))).toMatchObject({
      code: 'ledger-inconsistent',
      cause: { code: expect.stringMatching(/missing|bad-inclusion/) },
    });
    expect(filesIn(folder)).not.toContain('checkpoint');
  });

  it('names the entry that was changed in the database', () => {
    const changed = {
      ...place.reader,
      *leaves(from: number, to: number) {
        for (const leaf of place.reader.leaves(from, to)) {
          const isChanged = leaf.equals(place.reader.entry(44)?.leaf ?? leaf);
          yield isChanged ? Buffer.from(leaf.toString().replace('person.enrolled', 'machine.registered')) : leaf;
        }
      },
    };
    expect(refusal(() => place.exportAt(place.folder(), 600, { reader: changed }))).toMatchObject({
      message: expect.stringContaining('entry 44 '),
      cause: { code: 'bad-inclusion' },
    });
  });

  it('of a tile that was changed in the database is refused', () => {
    const changed: ExportPlace['reader'] = {
      ...place.reader,
      fullTile(level, index) {
        const tile = place.reader.fullTile(level, index);
        return tile && { ...tile, hashes: Buffer.from(tile.hashes).fill(7, 320, 352) };
      },
    };
    expect(refusal(() => place.exportAt(place.folder(), 600, { reader: changed }))).toMatchObject({
      cause: { code: 'bad-inclusion' },
    });
  });

  it('of entries and a tile that were changed together is refused, since the tile above is of others', () => {
    const forged = Buffer.from('a forged leaf');
    const changed: ExportPlace['reader'] = {
      ...place.reader,
      *leaves(from: number, to: number) {
        for (const leaf of place.reader.leaves(from, to)) yield from === 0 ? forged : leaf;
      },
      fullTile(level, index) {
        const tile = place.reader.fullTile(level, index);
        if (!tile || index > 0) return tile;
        return { ...tile, hashes: Buffer.concat(Array.from({ length: 256 }, () => leafHash(forged))) };
      },
    };
    const folder = place.folder();
    expect(refusal(() => place.exportAt(folder, 600, { reader: changed }))).toMatchObject({
      message: expect.stringContaining('tile 0/0 '),
      cause: { code: 'bad-inclusion' },
    });
    // Only the tile above, which is signed: a forged file would stand in the way of every later export.
    expect(filesIn(folder)).toEqual(['tile/1/000.p/2']);
    expect(place.exportAt(folder, 600)).toMatchObject({ compared: 1 });
    expect(verdict(folder).code).toBe(0);
  });
});

describe('an export into a folder that holds one', () => {
  const sizes = [1, 255, 256, 257, 511, 600];

  it('extends it step by step; the older checkpoints still hold', () => {
    const folder = place.folder();
    for (const size of sizes) {
      place.exportAt(folder, size);
      for (const older of sizes.filter((other) => other <= size)) {
        const file = place.write(`older-${older}`, place.checkpointAt(older).note);
        expect(verdict(folder, '--older', file)).toMatchObject({ code: 0 });
      }
    }
    expect(filesIn(folder)).toContain('tile/entries/000.p/255');
    expect(place.exportAt(folder, 600)).toMatchObject({ written: 0, skipped: 4 });
    expect(place.exportAt(folder, 600, { check: true })).toMatchObject({ written: 0, skipped: 0, compared: 7 });
  });

  it('is refused where a file was changed, and names it', () => {
    const folder = place.folder();
    place.exportAt(folder, 300);
    overwrite(join(folder, 'tile/entries/000'), (bytes) => bytes.fill(0x30, 10, 11));
    expect(refusal(() => place.exportAt(folder, 600, { check: true }))).toMatchObject({
      code: 'ledger-inconsistent',
      message: expect.stringContaining('tile/entries/000 '),
    });
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n')[1]).toBe('300');
  });

  it('is refused where a file is a link to one with the right content', () => {
    const [folder, other] = [place.folder(), place.folder()];
    place.exportAt(folder, 300);
    place.exportAt(other, 300);
    rmSync(join(folder, 'tile/0/000'));
    symlinkSync(join(other, 'tile/0/000'), join(folder, 'tile/0/000'));
    expect(refusal(() => place.exportAt(folder, 600)).message).toContain('tile/0/000 is there already');
  });

  it('brings back a full tile that was lost', () => {
    const folder = place.folder();
    place.exportAt(folder, 300);
    rmSync(join(folder, 'tile/0/000'));
    expect(verdict(folder).code).toBe(13);
    place.exportAt(folder, 300);
    expect(verdict(folder).code).toBe(0);
  });

  it('never takes a checkpoint back', () => {
    const folder = place.folder();
    place.exportAt(folder, 300);
    expect(refusal(() => place.exportAt(folder, 257))).toMatchObject({
      code: 'ledger-inconsistent',
      cause: { code: 'bad-consistency' },
    });
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n')[1]).toBe('300');
  });

  it('is refused where the checkpoint there is signed by nobody', () => {
    const folder = place.folder();
    place.exportAt(folder, 300);
    overwrite(join(folder, 'checkpoint'), (bytes) => Buffer.from(bytes.toString().replace('300', '299')));
    expect(refusal(() => place.exportAt(folder, 600))).toMatchObject({ cause: { code: 'bad-signature' } });
  });

  it('is refused where the checkpoint there is of another history', async () => {
    const other = await openExportPlace(300, 1_000);
    const folder = place.folder();
    other.exportAt(folder, 300);
    expect(refusal(() => place.exportAt(folder, 600, { trust: other.keys.trust }))).toMatchObject({
      cause: { code: 'bad-consistency' },
    });
    other.close();
  });

  it('is refused while another export writes there', () => {
    const folder = place.folder();
    place.exportAt(folder, 1);
    const lock = holdLock(join(folder, '.export-lock'));
    expect(refusal(() => place.exportAt(folder, 600)).code).toBe('ledger-locked');
    lock.release();
  });
});

describe('an export that was killed', () => {
  /** Fails before or after the `n`-th file of the run. */
  const crashAt = (n: number, after: boolean): ExportFiles => {
    let count = 0;
    const step = (write: () => void) => {
      count += 1;
      if (count === n && !after) throw new Error('killed');
      write();
      if (count === n) throw new Error('killed');
    };
    return {
      create: (path, bytes) => step(() => durableFiles.create(path, bytes)),
      replace: (path, bytes) => step(() => durableFiles.replace(path, bytes)),
    };
  };

  it.each(Array.from({ length: 7 }, (_, n) => [n + 1]))(
    'at file %i leaves the older one whole, and the next completes it',
    (n) => {
      for (const after of [false, true]) {
        const folder = place.folder();
        place.exportAt(folder, 255);
        expect(refusal(() => place.exportAt(folder, 600, { files: crashAt(n, after) })).message).toBe('killed');
        expect(verdict(folder)).toMatchObject({ code: 0, out: expect.stringContaining(' 255 entries') });
        writeFileSync(join(folder, 'tile/.tmp-1-left-over'), 'half');
        place.exportAt(folder, 600);
        expect(verdict(folder)).toMatchObject({ code: 0, out: expect.stringContaining(' 600 entries') });
        expect(filesIn(folder).some((file) => file.includes('.tmp-'))).toBe(false);
      }
    },
  );

  it('before or after its checkpoint has that one or the other', () => {
    for (const after of [false, true]) {
      const folder = place.folder();
      place.exportAt(folder, 255);
      expect(refusal(() => place.exportAt(folder, 600, { files: crashAt(8, after) })).message).toBe('killed');
      expect(verdict(folder)).toMatchObject({ code: 0, out: expect.stringContaining(after ? ' 600 ' : ' 255 ') });
    }
  });

  it('is not completed over what was changed meanwhile', () => {
    const folder = place.folder();
    place.exportAt(folder, 255);
    expect(refusal(() => place.exportAt(folder, 600, { files: crashAt(4, true) })).message).toBe('killed');
    chmodSync(join(folder, 'tile/entries/000'), 0o600);
    overwrite(join(folder, 'tile/entries/000'), (bytes) => bytes.fill(0x31, 20, 22));
    expect(refusal(() => place.exportAt(folder, 600)).message).toContain('tile/entries/000 is there already');
  });
});

it('an export of many entries grows by what is new, over three levels of tiles', async () => {
  const large = await openExportPlace(65_800);
  const folder = large.folder();
  const [before, after] = [65_300, 65_800].map((size) => large.exportAt(folder, size));
  expect(before).toMatchObject({ written: 2 * 256 + 1, skipped: 0 });
  // Bundles and tiles 255 to 257, and the tiles above them: 1/000 and 1/001.p/1, and 2/000.p/1.
  expect(after).toMatchObject({ written: 2 * 3 + 3, skipped: 2 * 255 });
  expect(filesIn(folder)).toContain('tile/2/000.p/1');
  expect(keywayVerify(folder, large.trustFile)).toMatchObject({ code: 0 });
  large.close();
});
