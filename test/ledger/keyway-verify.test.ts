import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  copyExport,
  type ExportPlace,
  filesIn,
  flipBit,
  keywayVerify,
  openExportPlace,
  overwrite,
} from '../helpers/export-place.ts';

let place: ExportPlace;
let good: string;
beforeAll(async () => {
  place = await openExportPlace(300);
  good = place.folder();
  // Two steps, so that partial tiles of an older export are there as well.
  for (const size of [130, 300]) place.exportAt(good, size);
});
afterAll(() => place.close());

function damaged(damage: (folder: string) => void): { code: number | null; out: string } {
  const folder = place.folder();
  copyExport(good, folder);
  damage(folder);
  return keywayVerify(folder, place.trustFile);
}

describe('the auditor’s program', () => {
  it('accepts a good export, and says over how many entries', () => {
    const { code, out } = keywayVerify(good, place.trustFile);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^VERIFIED test\.example\/ledger: 300 /),
    });
  });

  it('needs nothing but Node', () => {
    const source = readFileSync(fileURLToPath(new URL('../../src/cli/keyway-verify.ts', import.meta.url)), 'utf8');
    const imported = [...source.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    );
    expect(imported.length).toBeGreaterThan(2);
    for (const name of imported) expect(builtinModules).toContain(name.replace(/^node:/, ''));
    expect(source.split('\n').length).toBeLessThan(521);
  });

  it.each<[string, number, string, (folder: string) => void]>([
    ['a bit of an entry', 11, 'entry 0', (f) => overwrite(join(f, 'tile/entries/000'), flipBit(12, 0))],
    [
      'an entry of an older bundle',
      11,
      'entry 3 ',
      (f) => overwrite(join(f, 'tile/entries/000.p/130'), flipBit(3 * 154 + 13, 0)),
    ],
    ['a length', 4, 'entry', (f) => overwrite(join(f, 'tile/entries/001.p/44'), flipBit(1, 3))],
    ['a hash', 11, 'entry 5:', (f) => overwrite(join(f, 'tile/0/000'), flipBit(5 * 32 + 9, 2))],
    ['a hash of an older tile', 11, 'entry 129:', (f) => overwrite(join(f, 'tile/0/000.p/130'), flipBit(129 * 32, 7))],
    ['a hash of the upper level', 11, 'tile/1/000.p/1', (f) => overwrite(join(f, 'tile/1/000.p/1'), flipBit(0, 0))],
    ['a tile that is too long', 4, '', (f) => overwrite(join(f, 'tile/0/001.p/44'), (b) => Buffer.concat([b, b]))],
    [
      'a bundle cut off',
      4,
      'ends inside',
      (f) => overwrite(join(f, 'tile/entries/001.p/44'), (b) => b.subarray(0, -1)),
    ],
    [
      'a bundle that goes on',
      4,
      'goes on',
      (f) => overwrite(join(f, 'tile/entries/000'), (b) => Buffer.concat([b, b])),
    ],
    [
      'the size in the checkpoint',
      10,
      '',
      (f) => overwrite(join(f, 'checkpoint'), (b) => Buffer.from(String(b).replace('\n300\n', '\n301\n'))),
    ],
    [
      'no signature of one key',
      10,
      'not signed',
      (f) => overwrite(join(f, 'checkpoint'), (b) => Buffer.from(String(b).replace(/— [^\n]*\n$/, ''))),
    ],
    ['no checkpoint', 13, 'checkpoint', (f) => rmSync(join(f, 'checkpoint'))],
    ['no tiles', 13, 'tile', (f) => rmSync(join(f, 'tile'), { recursive: true })],
    ['a tile less', 13, 'tile/0/000', (f) => rmSync(join(f, 'tile/0/000'))],
    ['a bundle less', 13, 'tile/entries/001.p/44', (f) => rmSync(join(f, 'tile/entries/001.p/44'))],
    ['a name that is no tile', 4, 'tile/0/0000', (f) => writeFileSync(join(f, 'tile/0/0000'), '')],
    [
      'a folder that is a link',
      4,
      '',
      (f) => {
        rmSync(join(f, 'tile/1'), { recursive: true });
        symlinkSync(join(good, 'tile/1'), join(f, 'tile/1'));
      },
    ],
  ])('refuses %s', (_what, code, says, damage) => {
    const verdict = damaged(damage);
    expect(verdict).toMatchObject({ code, out: expect.stringMatching(/^NOT VERIFIED /) });
    expect(verdict.out).toContain(says);
    expect(verdict.out.trimEnd().split('\n')).toHaveLength(1);
  });

  it('refuses a whole ledger made anew under a checkpoint that was signed for another', async () => {
    const other = await openExportPlace(300, 1_000);
    const forged = place.folder();
    other.exportAt(forged, 300);
    overwrite(join(forged, 'checkpoint'), () => Buffer.from(place.sign(300, place.checkpointAt(299).root).note));
    expect(keywayVerify(forged, place.trustFile)).toMatchObject({ code: 11, out: expect.stringContaining('root') });
    other.close();
  });

  it('finds every single flipped bit, wherever it is', () => {
    let state = 20_261_123;
    const next = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    for (const file of filesIn(good)) {
      const { length } = readFileSync(join(good, file));
      for (let round = 0; round < 4; round += 1) {
        const [position, bit] = [next(length), next(8)];
        const verdict = damaged((folder) => overwrite(join(folder, file), flipBit(position, bit)));
        expect({ file, position, bit, ...verdict }).toMatchObject({
          code: expect.toSatisfy((code) => [4, 10, 11, 13].includes(code)),
        });
      }
    }
  });

  it('refuses an older checkpoint of another history, of a larger tree, or that nobody signed', async () => {
    const other = await openExportPlace(140, 1_000);
    const strange = other.checkpointAt(140);
    const mine = place.checkpointAt(140);
    // Signed by the trusted keys, over a root that this ledger never had: what a forked log would show.
    const forked = place.sign(140, strange.root);
    const check = (name: string, note: string) =>
      keywayVerify(good, place.trustFile, '--older', place.write(name, note));
    expect(check('same', mine.note)).toMatchObject({ code: 0, out: expect.stringContaining('extends 140 entries') });
    expect(check('forked', forked.note)).toMatchObject({ code: 12, out: expect.stringContaining('first 140 entries') });
    expect(check('strange', strange.note)).toMatchObject({ code: 10 });
    expect(check('larger', place.sign(301, strange.root).note)).toMatchObject({ code: 12 });
    other.close();
  });

  it('refuses a checkpoint of another origin, also when the same keys signed it', () => {
    const trust = place.keys.trustFileWith({ origin: 'other.example/ledger' });
    expect(keywayVerify(good, place.write('other.json', JSON.stringify(trust))).code).toBe(10);
  });

  it.each([[[]], [['DIR']], [['DIR', 'trust.json', '--older']], [['DIR', 'trust.json', '--newer', 'x']]])(
    'says how it is used for %j',
    (args) => {
      expect(keywayVerify(...args)).toMatchObject({ code: 2, out: expect.stringContaining('usage:') });
    },
  );

  it('says that a trust file is none', () => {
    expect(keywayVerify(good, place.write('no-trust.json', '{"v":2}'))).toMatchObject({ code: 2 });
  });
});
