import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { newDepositId } from '../../src/domain/ids.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { openProof } from '../../src/merkle/proof.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { type ExportPlace, keywayVerify, openExportPlace } from '../helpers/export-place.ts';
import { keywayHere } from '../helpers/keyway-here.ts';
import { makeTestKeys, testOrigin } from '../helpers/test-keys.ts';
import { countingRandom, someEvent } from '../helpers/test-ledger.ts';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const keys = makeTestKeys();
let place: ExportPlace;
beforeEach(async () => {
  place = await openExportPlace(300, 0, keys);
});
afterEach(() => place.close());

type Said = { code: number | null; out: Record<string, unknown>; text: string };

/** The command; nobody runs a gateway. */
async function keyway(...args: string[]): Promise<Said> {
  const { code, out, err } = await keywayHere('--data', place.data, '--json', 'ledger', ...args);
  return { code, out: JSON.parse(out || '{}'), text: out + err };
}

/** The same as a process, as a script meets it. */
function keywayProcess(...args: string[]): Said {
  const line = [entry, '--data', place.data, '--json', 'ledger', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
  return { code: status, out: JSON.parse(stdout || '{}'), text: stdout + stderr };
}

function edit(sql: string): void {
  const db = new Database(place.ledgerFile);
  for (const table of ['entries', 'tiles', 'batches', 'checkpoints']) {
    db.exec(`DROP TRIGGER IF EXISTS ${table}_no_update; DROP TRIGGER IF EXISTS ${table}_no_delete;`);
  }
  db.exec(sql);
  db.close();
}

describe('ledger verify', () => {
  it('accepts a good ledger, and its catalogue', () => {
    expect(keywayProcess('verify', '--catalogue')).toMatchObject({
      code: 0,
      out: { verified: true, entries: 300, covered: 300, problems: [], differing: [] },
    });
  });

  it.each([
    ['a body', 4, { kind: 'damaged', index: 7 }, "UPDATE entries SET body = x'00' WHERE idx = 7"],
    [
      'a tile',
      11,
      { kind: 'bad-inclusion', index: 3 },
      `UPDATE tiles SET hashes = CAST(substr(hashes, 1, 96) || zeroblob(8096) AS BLOB)`,
    ],
    ['a tile less', 13, { kind: 'missing', index: 0 }, 'DELETE FROM tiles'],
    ['the end', 13, { kind: 'missing', index: 280 }, 'DELETE FROM entries WHERE idx >= 280'],
    ['an entry within', 13, { kind: 'missing', index: 9 }, 'DELETE FROM entries WHERE idx = 9'],
    [
      'a signature',
      10,
      { kind: 'bad-signature', index: 256 },
      `UPDATE checkpoints SET note = replace(note, '— ', '— x')`,
    ],
  ])('tells by its exit code what is wrong with %s, and where first', async (_what, code, first, sql) => {
    edit(sql);
    const { code: exit, out } = await keyway('verify');
    expect({ exit, verified: out.verified, first: (out.problems as unknown[])[0] }).toMatchObject({
      exit: code,
      verified: false,
      first,
    });
  });

  it('says 4 where only the catalogue differs', async () => {
    const db = new Database(join(place.data, 'catalog.db'));
    db.exec("UPDATE people SET time = 'never'");
    db.close();
    expect(await keyway('verify')).toMatchObject({ code: 0 });
    expect(keywayProcess('verify', '--catalogue')).toMatchObject({
      code: 4,
      out: { verified: false, differing: ['people'] },
    });
  });

  it('finds every other key to be none', async () => {
    const { ledgerKeys } = place.keys.trustFile.root;
    const strange = ledgerKeys.map(({ vkeys, ...rest }) => ({ ...rest, vkeys: [place.strangeKey(), vkeys[1] ?? ''] }));
    const other = place.keys.trustFileWith({ ledgerKeys: strange });
    expect((await keyway('verify', '--trust', place.write('other.json', JSON.stringify(other)))).code).toBe(10);
  });
});

describe('ledger prove', () => {
  it('writes a proof that others verify, and never over another file', async () => {
    const out = join(place.data, 'entry-299.tlog-proof');
    expect(await keyway('prove', '299', '--out', out)).toMatchObject({
      code: 0,
      out: { index: 299, size: 300, verified: true },
    });
    const leaf = place.reader.entry(299)?.leaf ?? Buffer.alloc(0);
    const trust = {
      leafHash: leafHash(leaf),
      origin: testOrigin,
      verifiers: place.keys.trust.ledgerVerifiers,
      required: 2,
    };
    expect(openProof(readFileSync(out), trust)).toMatchObject({ index: 299, checkpoint: { size: 300 } });
    expect(await keyway('prove', '298', '--out', out)).toMatchObject({ code: 1, out: { error: { code: 'conflict' } } });
    expect(openProof(readFileSync(out), trust).index).toBe(299);
  });

  it('proves nothing of an entry that was changed', async () => {
    edit("UPDATE entries SET leaf = CAST(leaf || ' ' AS BLOB) WHERE idx = 12");
    expect(await keyway('prove', '12', '--out', join(place.data, 'p'))).toMatchObject({
      code: 11,
      out: { error: { code: 'not-verified', kind: 'bad-inclusion' } },
    });
    expect(existsSync(join(place.data, 'p'))).toBe(false);
  });

  it('refuses what is not there, or no index', async () => {
    expect(await keyway('prove', '300')).toMatchObject({ code: 1, out: { error: { code: 'not-found' } } });
    expect(await keyway('prove', '1e2')).toMatchObject({ code: 2 });
  });
});

describe('ledger consistency', () => {
  const older = (size: number, root?: Buffer) => {
    const { note } = root ? place.sign(size, root) : place.checkpointAt(size);
    return place.write(`checkpoint-${size}`, note);
  };

  it('proves that the ledger extends an older checkpoint', async () => {
    for (const size of [1, 255, 256, 300]) {
      expect(await keyway('consistency', older(size))).toMatchObject({
        code: 0,
        out: { verified: true, old: { size }, new: { size: 300 } },
      });
    }
  });

  it('refuses one of another history, of a longer ledger, or that nobody signed', async () => {
    expect(await keyway('consistency', older(200, place.checkpointAt(201).root))).toMatchObject({ code: 12 });
    expect(await keyway('consistency', older(301, place.checkpointAt(300).root))).toMatchObject({ code: 12 });
    const note = readFileSync(older(200), 'utf8').replace('\n200\n', '\n199\n');
    expect(await keyway('consistency', place.write('edited', note))).toMatchObject({ code: 10 });
    expect(await keyway('consistency', join(place.data, 'nowhere'))).toMatchObject({ code: 2 });
  });
});

describe('ledger export', () => {
  it('writes what the auditor’s program accepts, and goes on from there', async () => {
    const folder = join(place.data, 'public');
    expect(await keyway('export', folder)).toMatchObject({ code: 0, out: { size: 300, written: 5, skipped: 0 } });
    expect(keywayVerify(folder, place.trustFile)).toMatchObject({ code: 0 });
    expect(await keyway('export', folder)).toMatchObject({ code: 0, out: { written: 0, skipped: 2, compared: 3 } });
    expect(await keyway('export', folder, '--check')).toMatchObject({ code: 0, out: { skipped: 0, compared: 5 } });
    const file = join(folder, 'tile/0/000');
    chmodSync(file, 0o600);
    writeFileSync(file, Buffer.alloc(8192));
    const refused = await keyway('export', folder, '--check');
    expect(refused).toMatchObject({ code: 4, out: { error: { code: 'ledger-inconsistent' } } });
    expect(refused.text).toContain('tile/0/000');
  });

  it('says what kind of damage keeps it from being written', async () => {
    edit('DELETE FROM entries WHERE idx = 20');
    expect(await keyway('export', join(place.data, 'public'))).toMatchObject({
      code: expect.toSatisfy((code) => code === 11 || code === 13),
    });
  });
});

it('ledger show needs no gateway, and shows nothing that does not verify', async () => {
  expect(await keyway('show', '5')).toMatchObject({ code: 0, out: { index: 5, type: 'person.enrolled' } });
  edit("UPDATE entries SET body = CAST(replace(body, 'P-5', 'P-6') AS BLOB) WHERE idx = 5");
  expect(await keyway('show', '5')).toMatchObject({ code: 4, out: { error: { code: 'not-verified' } } });
});

describe('ledger tail', () => {
  it('lists the newest entries', async () => {
    const { code, out } = await keyway('tail', '-n', '2');
    expect({ code, entries: out.entries }).toEqual({
      code: 0,
      entries: [298, 299].map((index) => ({ index, time: '2027-01-15T08:00:00.000Z', type: 'person.enrolled' })),
    });
  });

  it('follows the ledger while others write, and ends when it is told to', async () => {
    const child = spawn(process.execPath, [
      entry,
      '--data',
      place.data,
      '--json',
      'ledger',
      'tail',
      '-n',
      '1',
      '--follow',
    ]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value ?? '{}').index;
    expect(await next()).toBe(299);
    await place.at.ledger.commit(() => ({ events: [someEvent(300)], result: 0 }));
    expect(await next()).toBe(300);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

describe('ledger fsck', () => {
  const bytes = Buffer.from('%\nO4471\nM30\n%\n');
  const file = { name: 'O4471.NC' as never, digest: digestOf(bytes), size: bytes.length };
  const inVault = () => join(place.data, 'vault/quarantine', file.digest.slice(7, 9), file.digest.slice(7));
  beforeEach(async () => {
    const store = new BlobStore(place.folderNamed('vault'));
    await store.putBytes(bytes);
    const depositId = newDepositId(countingRandom());
    const data = { depositId, door: 'drop-folder' as const, name: 'x', files: [file] };
    const event = makeEvent('deposit.received', { kind: 'gateway' }, data);
    await place.at.ledger.commit(() => ({ events: [event], result: 0 }));
    await place.at.publisher.covering(301, 10_000);
  });

  it('looks at every blob that the ledger names, and at the catalogue', async () => {
    expect(await keyway('fsck')).toMatchObject({
      code: 0,
      out: { verified: true, differing: [], blobs: { checked: 1, missing: [], damaged: [] } },
    });
  });

  it('names one that is lost, with the entry that names it', async () => {
    rmSync(inVault());
    expect(await keyway('fsck')).toMatchObject({
      code: 13,
      out: { verified: false, problems: [], blobs: { missing: [{ digest: file.digest, index: 300 }] } },
    });
  });

  it('names one that was changed, also where its length is the same', async () => {
    chmodSync(inVault(), 0o600);
    writeFileSync(inVault(), String(bytes).replace('M30', 'M02'));
    expect(await keyway('fsck')).toMatchObject({
      code: 4,
      out: { blobs: { damaged: [{ digest: file.digest, index: 300 }] } },
    });
  });

  it('changes nothing where there is no vault', async () => {
    const nowhere = join(place.data, 'no-vault');
    expect(await keyway('fsck', '--vault', nowhere)).toMatchObject({ code: 13 });
    expect(existsSync(nowhere)).toBe(false);
  });

  it('believes nothing of a ledger that does not verify', async () => {
    edit("UPDATE entries SET body = x'00' WHERE idx = 7");
    expect(await keyway('fsck')).toMatchObject({ code: 4, out: { verified: false, blobs: { looked: false } } });
  });
});

it.each(['verify', 'fsck', 'prove', 'consistency', 'show', 'export', 'tail', 'rebuild'])(
  'ledger %s explains itself with an example',
  async (command) => {
    const { code, out } = await keywayHere('ledger', command, '--help');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`keyway ledger ${command}`) });
  },
);

it('a command says which of its options it cannot do without', async () => {
  const { out } = await keywayHere('media', 'issue', '--help');
  expect(out).toMatch(/--to <folder> +where the stick is mounted \(required\)\n/);
  expect(out).toMatch(/--days <days> +how long it is good for \(default: "14"\)\n/);
});
