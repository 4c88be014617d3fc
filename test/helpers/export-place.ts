import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExportOptions, exportLedger } from '../../src/ledger/export.ts';
import { LedgerTiles } from '../../src/ledger/ledger-tiles.ts';
import { formatCheckpoint } from '../../src/merkle/checkpoint.ts';
import { formatNote, formatVerifierKey, signNoteLine } from '../../src/merkle/note.ts';
import { rootOf } from '../../src/merkle/tree.ts';
import { newEd25519Key } from '../../src/signing/keys.ts';
import { makeTestKeys, temporaryFolder, testOrigin } from './test-keys.ts';
import { openTestLedger, someEvent } from './test-ledger.ts';

const verifier = fileURLToPath(new URL('../../src/cli/keyway-verify.ts', import.meta.url));

/** A ledger of `entries` real events, others for another `firstEvent`, that can be exported as it was at any smaller size. */
export async function openExportPlace(entries: number, firstEvent = 0, keys = makeTestKeys()) {
  const place = temporaryFolder();
  const at = openTestLedger({ keys, folder: place.folder });
  await Promise.all(
    Array.from({ length: entries }, (_, n) =>
      at.ledger.commit(() => ({ events: [someEvent(firstEvent + n)], result: n })),
    ),
  );
  await at.publisher.covering(entries, 10_000);
  const trustFile = join(place.folder, 'trust.json');
  writeFileSync(trustFile, JSON.stringify(keys.trustFile));

  /** Signed by the ledger's keys, whatever the root: what a signer that went astray would give. */
  const sign = (size: number, root: Buffer) => {
    const text = formatCheckpoint({ origin: testOrigin, size, root });
    const note = formatNote(
      text,
      keys.ledgerSigners.map((signer) => signNoteLine(text, signer)),
    );
    return { origin: testOrigin, size, root, note };
  };
  const checkpointAt = (size: number) => sign(size, rootOf(size, new LedgerTiles(at.reader, size).hashes));
  let folders = 0;
  return {
    keys,
    trustFile,
    ledgerFile: join(place.folder, 'ledger.db'),
    at,
    reader: at.reader,
    sign,
    checkpointAt,
    data: place.folder,
    folder: () => join(place.folder, `export-${folders++}`),
    folderNamed(name: string) {
      const path = join(place.folder, name);
      mkdirSync(path);
      return path;
    },
    /** The vkey of a key that signed nothing here. */
    strangeKey: () => formatVerifierKey(testOrigin, createPublicKey(newEd25519Key())),
    exportAt: (folder: string, size: number, more: Partial<ExportOptions> = {}) =>
      exportLedger({ reader: at.reader, checkpoint: checkpointAt(size), trust: keys.trust, folder, ...more }),
    write(name: string, text: string) {
      const path = join(place.folder, name);
      writeFileSync(path, text);
      return path;
    },
    close() {
      at.close();
      place.remove();
    },
  };
}
export type ExportPlace = Awaited<ReturnType<typeof openExportPlace>>;

/** The files of an export, relative, sorted; not its lock. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.export-lock')
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

export function overwrite(path: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = change(readFileSync(path));
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}

export const flipBit = (position: number, bit: number) => (bytes: Buffer) => {
  const changed = Buffer.from(bytes);
  changed[position] = (changed[position] ?? 0) ^ (1 << bit);
  return changed;
};

/** A second folder with the same files, to be damaged. */
export function copyExport(from: string, to: string): void {
  for (const file of filesIn(from)) {
    mkdirSync(join(to, file, '..'), { recursive: true });
    writeFileSync(join(to, file), readFileSync(join(from, file)));
  }
}

/** The auditor's own program, in a process of its own. */
export function keywayVerify(...args: string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [verifier, ...args], { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}
