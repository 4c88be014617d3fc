/**
 * One life of a ledger after the other, each on a disk that breaks at its next durable write (see broken-disk.c): `FOLDER
 * CONTROL`. Prints a JSON line for each: which write broke, whether it reached the disk, and what a start on a whole disk
 * then found.
 */
import { cpSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { loadEvent } from './ledger-load.ts';
import { makeLedgerKeys } from './ledger-process.ts';
import { openTestLedger } from './test-ledger.ts';

export type BrokenLife = {
  write: number;
  persisted: boolean;
  /** Whether the disk broke at all: not where the life has fewer durable writes. */
  broke: boolean;
  /** Indices that somebody was told, and those of them that are there after the reload. */
  acknowledged: number;
  kept: number;
  /** Whether anything was acknowledged after something failed. */
  wentOn: boolean;
  /** After the reload and one more entry: what is there, what a checkpoint covers, and what does not verify. */
  entries: number;
  covered: number;
  problems: number;
};

const [folder = '', controlFile = ''] = process.argv.slice(2);
const control = openSync(controlFile, 'r+');
const [whole, copy] = [join(folder, 'whole'), join(folder, 'copy')];
const keys = makeLedgerKeys(folder);

function arm(write: number, persisted: boolean): void {
  const numbers = BigInt64Array.of(BigInt(write), persisted ? 1n : 0n, 0n);
  writeSync(control, new Uint8Array(numbers.buffer), 0, 24, 0);
}
function writesSoFar(): number {
  const numbers = new BigInt64Array(3);
  readSync(control, new Uint8Array(numbers.buffer), 0, 24, 0);
  return Number(numbers[2]);
}

const commitAll = (at: ReturnType<typeof openTestLedger>, count: number) =>
  Promise.allSettled(
    Array.from({ length: count }, () =>
      at.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: nextIndex })),
    ),
  );

/** A batch that fills a tile, smaller ones around it, each under a checkpoint where one comes, and a clean stop. */
async function live(): Promise<{ acknowledged: number[]; wentOn: boolean }> {
  const acknowledged: number[] = [];
  let failed = false;
  let wentOn = false;
  const at = openTestLedger({ keys, folder: copy, clock: () => 1_800_000_001_000 });
  for (const count of [1, 20, 3]) {
    for (const settled of await commitAll(at, count)) {
      if (settled.status === 'rejected') failed = true;
      else {
        wentOn ||= failed;
        acknowledged.push(settled.value.result);
      }
    }
    await Promise.race([at.publisher.covering(at.ledger.size, 5_000).catch(() => {}), at.broken]);
  }
  at.close();
  return { acknowledged, wentOn };
}

async function brokenLife(write: number, persisted: boolean): Promise<BrokenLife> {
  rmSync(copy, { recursive: true, force: true });
  cpSync(whole, copy, { recursive: true });
  arm(write, persisted);
  const { acknowledged, wentOn } = await live().catch(() => ({ acknowledged: [], wentOn: false }));
  const broke = writesSoFar() >= write;
  arm(0, false);
  const again = openTestLedger({ keys, folder: copy, clock: () => 1_800_000_002_000 });
  const kept = acknowledged.filter((index) => again.reader.entry(index)?.body.equals(canonicalJson(loadEvent(index))));
  await again.ledger.commit(({ nextIndex }) => ({ events: [loadEvent(nextIndex)], result: 0 }));
  await again.publisher.covering(again.ledger.size, 5_000);
  again.close();
  const { entries, covered, problems } = verifyLedgerFile(join(copy, 'ledger.db'), keys.trust);
  return {
    ...{ write, persisted, broke, wentOn },
    ...{ acknowledged: acknowledged.length, kept: kept.length },
    ...{ entries, covered, problems: problems.length },
  };
}

async function main(): Promise<void> {
  mkdirSync(whole);
  const at = openTestLedger({ keys, folder: whole });
  await commitAll(at, 240);
  await at.publisher.covering(240, 5_000);
  at.close();
  for (const persisted of [false, true]) {
    for (let write = 1; ; write++) {
      const life = await brokenLife(write, persisted);
      process.stdout.write(`${JSON.stringify(life)}\n`);
      if (!life.broke) break;
    }
  }
}

if (import.meta.main) await main();
