/**
 * A ledger under load in a process of its own, for tests that kill or watch it: `FOLDER CALLERS [COMMITS]`. Prints
 * `open SIZE` once it is recovered, and `ack INDEX` for each receipt, without buffering. Entry n is `loadEvent(n)`, so
 * that whoever reads the ledger later knows what was acknowledged.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../src/domain/limits.ts';
import { formatVerifierKey, makeSigner, parseVerifierKey } from '../../src/merkle/note.ts';
import { newEd25519Key, newP256Key } from '../../src/signing/keys.ts';
import { loadEvent } from './ledger-load.ts';
import { type LedgerKeys, openTestLedger } from './test-ledger.ts';

const origin = 'test.example/ledger';
const keyFile = (folder: string) => join(folder, 'ledger-keys.json');

export function makeLedgerKeys(folder: string): LedgerKeys {
  const pems = [newEd25519Key(), newP256Key()].map((key) => key.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(keyFile(folder), JSON.stringify(pems));
  return readLedgerKeys(folder);
}

function readLedgerKeys(folder: string): LedgerKeys {
  const keys = (JSON.parse(readFileSync(keyFile(folder), 'utf8')) as string[]).map((pem) => createPrivateKey(pem));
  return {
    trust: {
      origin,
      ledgerVerifiers: keys.map((key) => parseVerifierKey(formatVerifierKey(origin, createPublicKey(key)))),
    },
    ledgerSigners: keys.map((key) => makeSigner(origin, key)),
  };
}

/** At once and whole: the pipe that a test gives us does not wait when it is full. */
function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

async function main(folder: string, callers: number, commits: number): Promise<void> {
  const published = { intervalMs: limits.checkpointIntervalMs };
  const at = openTestLedger({ keys: readLedgerKeys(folder), folder, published });
  say(`open ${at.ledger.size}`);
  let left = commits;
  const caller = async () => {
    while (left-- > 0) {
      const { receipt } = await at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 }));
      say(`ack ${receipt.index}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  at.close();
}

if (import.meta.main) {
  const [folder = '', callers, commits] = process.argv.slice(2);
  await main(folder, Number(callers), commits === undefined ? Number.POSITIVE_INFINITY : Number(commits));
}
