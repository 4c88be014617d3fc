import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath, xModSources } from '../debian-packages.ts';
import { copyExport, type ExportPlace, filesIn, flipBit, openExportPlace, overwrite } from '../helpers/export-place.ts';
import { keywayHere } from '../helpers/keyway-here.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const isThere = onPath('go') && existsSync(xModSources);
if (!isThere && !process.env.CI) console.warn('Go and golang.org/x/mod are not installed: their tests are skipped.');

it.runIf(process.env.CI)('Go and golang.org/x/mod are there to judge the export', () => {
  expect(isThere).toBe(true);
});

describe.skipIf(!isThere)("the Go module mirror's own tree and note code", () => {
  const place = temporaryFolder();
  const binary = join(place.folder, 'tlog-go');
  let ledger: ExportPlace;
  let good: string;
  const sizes = [1, 255, 256, 257, 600];

  beforeAll(async () => {
    const main = fileURLToPath(new URL('./tlog-go/main.go', import.meta.url));
    // Debian's sources and nothing from the network.
    const { GOFLAGS: _, ...rest } = process.env;
    const env = { ...rest, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: join(place.folder, 'cache') };
    const built = spawnSync('go', ['build', '-o', binary, main], { env, encoding: 'utf8' });
    expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 0, stderr: '' });
    ledger = await openExportPlace(600);
    good = ledger.folder();
    for (const size of sizes) ledger.exportAt(good, size);
  }, 180_000);
  afterAll(() => {
    ledger?.close();
    place.remove();
  });

  const judge = (folder: string, ...older: string[]) => {
    const vkey = ledger.keys.trust.ledgerVerifiers[0]?.vkey ?? '';
    const { status, stdout, stderr } = spawnSync(binary, [folder, vkey, ...older], { encoding: 'utf8' });
    return { code: status, out: (stdout + stderr).trim() };
  };
  const damaged = (file: string, change: (bytes: Buffer) => Buffer) => {
    const folder = ledger.folder();
    copyExport(good, folder);
    overwrite(join(folder, file), change);
    return judge(folder);
  };

  it.each(sizes)('accepts an export of %i entries', (size) => {
    const folder = ledger.folder();
    ledger.exportAt(folder, size);
    expect(judge(folder)).toEqual({ code: 0, out: `ACCEPTED ${size}` });
  });

  it('finds every older checkpoint consistent with the newest', () => {
    const older = sizes.map((size) => ledger.write(`older-${size}`, ledger.checkpointAt(size).note));
    expect(judge(good, ...older)).toEqual({ code: 0, out: 'ACCEPTED 600' });
  });

  it('accepts the proof that the command writes, for that entry alone', async () => {
    const vkey = ledger.keys.trust.ledgerVerifiers[0]?.vkey ?? '';
    const leaf = (index: number) => ledger.reader.entry(index)?.leaf.toString('base64') ?? '';
    const check = (file: string, index: number) =>
      spawnSync(binary, ['-proof', file, leaf(index), vkey], { encoding: 'utf8' }).stdout.trim();
    for (const index of [0, 255, 256, 511, 599]) {
      const file = join(ledger.data, `${index}.tlog-proof`);
      const args = ['--data', ledger.data, 'ledger', 'prove', String(index), '--out', file];
      expect(await keywayHere(...args)).toMatchObject({ code: 0 });
      expect(check(file, index)).toBe('ACCEPTED 600');
      expect(check(file, (index + 1) % 600)).toMatch(/^REJECTED /);
    }
  });

  it('refuses an older checkpoint of another history', () => {
    const forked = ledger.sign(300, ledger.checkpointAt(301).root);
    expect(judge(good, ledger.write('forked', forked.note))).toMatchObject({ code: 1 });
  });

  it('refuses a flipped byte in every bundle and tile of the tree, and in the checkpoint', () => {
    const olderPartial = /\.p\/(1|255)$/;
    const ofTree = filesIn(good).filter((file) => !olderPartial.test(file));
    expect(ofTree).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/88',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/88',
    ]);
    for (const file of ofTree) {
      for (const position of [0, 30, 60]) {
        expect({ file, position, ...damaged(file, flipBit(position, 1)) }).toMatchObject({
          code: 1,
          out: expect.stringMatching(/^REJECTED /),
        });
      }
    }
  });

  it('refuses a checkpoint without the signature of the key that it knows', () => {
    const withoutFirst = (bytes: Buffer) => Buffer.from(String(bytes).replace(/\n\n— [^\n]*\n/, '\n\n'));
    expect(damaged('checkpoint', withoutFirst)).toMatchObject({ code: 1 });
  });
});
