import { createPrivateKey, createSecretKey } from 'node:crypto';
import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealOf } from '../../src/ledger/ledger.ts';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { TreeBuilder } from '../../src/merkle/tiles.ts';
import { loadRoutes } from '../../src/policy/routes.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { SignerCore } from '../../src/signing/signer-core.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { rowsOf } from '../helpers/ledger-content.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { seeded } from '../helpers/seeded.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const keys = makeTestKeys();
/** Each is a whole verification. */
const flips = 10_000;
const entries = 270;
const routesFile = fileURLToPath(new URL('../../config/routes.yaml', import.meta.url));

let place: ReturnType<typeof temporaryFolder>;
const file = () => join(place.folder, 'ledger.db');
beforeEach(async () => {
  place = temporaryFolder();
  const at = openTestLedger({ keys, folder: place.folder });
  for (const size of [90, 180, entries]) {
    const commits = Array.from({ length: 90 }, () =>
      at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 })),
    );
    await Promise.all(commits);
    await at.publisher.covering(size, 5_000);
  }
  at.close();
  signer = await makeSigner();
  await grow(place.folder, 0);
});
afterEach(() => place.remove());

/** The signer's own rules and memory, without its process. */
let signer: SignerCore;
const makeSigner = async () => {
  const releaseKey = pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem));
  return new SignerCore({
    ...keys,
    routes: loadRoutes(routesFile),
    releaseKey,
    cms: await CmsSigner.create(releaseKey, [keys.releaseCertificate]),
    stateFile: join(place.folder, 'signer-state'),
    clock: Date.now,
  });
};

/** Opens a ledger with that one signer, commits so many entries, and waits for what the signer says of them. */
async function grow(folder: string, commits: number): Promise<string> {
  const said = Promise.withResolvers<string>();
  const at = openTestLedger({
    keys,
    folder,
    clock: () => 1_800_000_000_000 + commits,
    signer: {
      lastSigned: async () => signer.lastSigned(),
      signCheckpoint: async (head) => signer.signCheckpoint(head),
    },
    onInconsistent: (error) => said.resolve(error.code),
  });
  const { size } = at.ledger;
  const all = Array.from({ length: commits }, () =>
    at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 })),
  );
  await Promise.all(all);
  const end = size + commits;
  if (signer.lastSigned().size === 0) {
    const { root } = at.ledger.head();
    signer.signCheckpoint({ size, root: root.toString('base64'), from: 0, proof: [] });
  }
  void at.publisher.covering(end, 5_000).then(
    () => said.resolve('signed'),
    () => {},
  );
  const answer = await said.promise;
  at.close();
  return answer;
}

const problemsOf = (path: string): string[] => {
  try {
    return verifyLedgerFile(path, keys.trust).problems.map(({ kind }) => kind);
  } catch {
    return ['unreadable'];
  }
};

/**
 * Everything but the marks of batches that a checkpoint covers: nobody reads those again, since the checkpoint says more
 * than the gateway's own seal did.
 */
function meaningOf(path: string): Buffer {
  const rows = rowsOf(path);
  rows.delete('batches');
  // With the type of each value.
  return serialize([...rows]);
}

describe('a ledger file that was changed without the keys', () => {
  it(`${flips} single bytes flipped anywhere in it are each found, or change nothing that it says`, () => {
    expect(problemsOf(file())).toEqual([]);
    const whole = readFileSync(file());
    const meaning = meaningOf(file());
    expect(meaning.length).toBeGreaterThan(100_000);
    const random = seeded(6962);
    const copy = join(place.folder, 'copy.db');
    copyFileSync(file(), copy);
    const fd = openSync(copy, 'r+');
    let found = 0;
    const missed: number[] = [];
    for (let n = 0; n < flips; n++) {
      const at = Math.floor(random() * whole.length);
      const original = whole[at] ?? 0;
      writeSync(fd, Buffer.of(original ^ (1 + Math.floor(random() * 255))), 0, 1, at);
      if (problemsOf(copy).length > 0) found += 1;
      else if (!sameMeaning(copy, meaning)) missed.push(at);
      writeSync(fd, Buffer.of(original), 0, 1, at);
    }
    closeSync(fd);
    expect(missed).toEqual([]);
    // Most of the file is entries: were hardly anything found, the test would look at nothing.
    expect(found).toBeGreaterThan(flips / 2);
    expect(problemsOf(copy)).toEqual([]);
  }, 300_000);

  it('a tail that was cut off is found against the checkpoint', () => {
    edit('DELETE FROM entries WHERE idx >= 200; DELETE FROM batches WHERE size > 200');
    expect(problemsOf(file())).toContain('missing');
    expect(() => reopen()).toThrow(/cut off/);
  });

  it('a tail that was cut off with its checkpoints is found by the signer, who signed more', async () => {
    edit(
      'DELETE FROM checkpoints WHERE size > 180; DELETE FROM entries WHERE idx >= 180; DELETE FROM batches WHERE size > 180',
    );
    edit('DELETE FROM tiles');
    // What is left was signed once, so that the file alone shows nothing.
    expect(verifyLedgerFile(file(), keys.trust)).toMatchObject({ covered: 180, problems: [] });
    expect(await grow(place.folder, 1)).toBe('ledger-inconsistent');
  });

  it('of two clones with one key only the first to grow is signed', async () => {
    const clone = temporaryFolder();
    copyFileSync(file(), join(clone.folder, 'ledger.db'));
    await grow(place.folder, 1);
    const signed = await grow(clone.folder, 2);
    expect(signed).toBe('ledger-inconsistent');
    // Also when it has grown beyond the other: what matters is that it does not hold what was signed.
    expect(await grow(clone.folder, 300)).toBe('ledger-inconsistent');
    expect(await grow(place.folder, 300)).toBe('signed');
    clone.remove();
  });

  it('entries that were swapped are found although every hash, tile and mark was made anew, since no key was there', () => {
    edit(`UPDATE entries SET idx = 9999 WHERE idx = 20; UPDATE entries SET idx = 20 WHERE idx = 22;
      UPDATE entries SET idx = 22 WHERE idx = 9999`);
    rewriteTree();
    expect(problemsOf(file())).toEqual(['bad-inclusion', 'bad-inclusion', 'bad-inclusion']);
    expect(() => reopen()).toThrow(/not the ones that the signed checkpoint covers/);
    edit('DELETE FROM checkpoints');
    expect(problemsOf(file())).toEqual(['missing']);
    expect(() => reopen()).toThrow(/not written by this gateway/);
  });

  it('a trigger that was dropped is found', () => {
    const db = new Database(file());
    db.exec('DROP TRIGGER entries_no_update');
    db.close();
    expect(problemsOf(file())).toEqual(['damaged']);
  });
});

function sameMeaning(path: string, meaning: Buffer): boolean {
  try {
    return meaningOf(path).equals(meaning);
  } catch {
    return false;
  }
}

const reopen = () => openTestLedger({ keys, folder: place.folder }).close();

/** Changes rows as somebody with the file can, and puts the triggers back afterwards. */
function edit(sql: string): void {
  const db = new Database(file());
  const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as Record<
    'name' | 'sql',
    string
  >[];
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  for (const trigger of triggers) db.exec(trigger.sql);
  db.close();
}

/** All that follows from the entries, as an attacker without the ledger keys and the seal key can make it. */
function rewriteTree(): void {
  const db = new Database(file());
  const leaves = db.prepare('SELECT leaf FROM entries ORDER BY idx').pluck().all() as Buffer[];
  db.close();
  const tree = TreeBuilder.empty();
  for (const leaf of leaves) tree.append(leafHash(leaf));
  const tiles = tree
    .takeCompleted()
    .map(
      ({ level, index, hashes, root }) =>
        `(${level}, ${index}, x'${hashes.toString('hex')}', x'${root.toString('hex')}')`,
    );
  const root = tree.root();
  const seal = sealOf(createSecretKey(Buffer.alloc(32, 1)), tree.size, root);
  edit(`DELETE FROM tiles; INSERT INTO tiles VALUES ${tiles.join(', ')}; DELETE FROM batches;
    INSERT INTO batches VALUES (${tree.size}, x'${root.toString('hex')}', x'${seal.toString('hex')}')`);
}
