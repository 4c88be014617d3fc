import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { verifyLedgerFile } from '../../src/ledger/verify.ts';
import { canonicalJson } from '../../src/platform/hash.ts';
import { bundled } from '../helpers/bundled.ts';
import { openLedgerReader } from '../helpers/ledger-content.ts';
import { loadEvent } from '../helpers/ledger-load.ts';
import { makeLedgerKeys } from '../helpers/ledger-process.ts';
import { seeded } from '../helpers/seeded.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';

const source = fileURLToPath(new URL('../helpers/ledger-process.ts', import.meta.url));
const bundle = temporaryFolder();
let program: string;
beforeAll(async () => {
  program = await bundled(source, bundle.folder);
});
afterAll(() => bundle.remove());
const ledgers = 20;
const killsOfEach = 10;
const callers = 16;
/** From before the ledger is open until under load. */
const longestMs = 120;
/** However slow the machine is: half of the kills come so many acknowledgements into the load, and a moment later. */
const mostAcknowledged = 6 * callers;
const momentMs = 4;
type Moment = { acknowledgements: number; thenMs: number };

const places: ReturnType<typeof temporaryFolder>[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

/** From its first sign of life, or from an acknowledgement on. */
const someMoment = (random: () => number, n: number): Moment =>
  n % 2 === 0
    ? { acknowledgements: 0, thenMs: random() * longestMs }
    : { acknowledgements: Math.ceil(random() * mostAcknowledged), thenMs: random() * momentMs };

/** Runs the ledger until then, and kills it; returns what it had acknowledged. */
async function runAndKill(folder: string, { acknowledgements, thenMs }: Moment): Promise<number[]> {
  const child = spawn(process.execPath, [program, folder, String(callers)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: number[] = [];
  let opened: number | undefined;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [word, number] = line.split(' ');
    if (word === 'ack') acknowledged.push(Number(number));
    if (word === 'open') opened = Number(number);
    if (acknowledged.length === acknowledgements) setTimeout(() => child.kill('SIGKILL'), thenMs);
  });
  const [[code, signal]] = await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  expect(opened).toBeDefined();
  return acknowledged;
}

/** One ledger, killed again and again; every restart recovers from the kill before it. */
async function life(seed: number): Promise<{ acknowledged: number; entries: number }> {
  const random = seeded(seed);
  const place = temporaryFolder();
  places.push(place);
  const { folder } = place;
  const keys = makeLedgerKeys(folder);
  const acknowledged = new Set<number>();
  for (let n = 0; n < killsOfEach; n++) {
    for (const index of await runAndKill(folder, someMoment(random, n))) {
      // An index is given out once, also after a restart: nothing acknowledged was written over.
      expect(acknowledged.has(index)).toBe(false);
      acknowledged.add(index);
    }
  }
  const at = openTestLedger({ keys, folder });
  const { size } = at.ledger;
  if (size > 0) await at.publisher.covering(size, 10_000);
  at.close();
  const report = verifyLedgerFile(join(folder, 'ledger.db'), keys.trust);
  expect(report).toMatchObject({ entries: size, covered: size, problems: [] });
  const reader = openLedgerReader(join(folder, 'ledger.db'));
  for (const index of acknowledged) expect(reader.entry(index)?.body).toEqual(canonicalJson(loadEvent(index)));
  reader.close();
  return { acknowledged: acknowledged.size, entries: size };
}

describe('a ledger that is killed under load', () => {
  it(`holds after each of ${ledgers * killsOfEach} kills what it acknowledged, and verifies`, async () => {
    let acknowledged = 0;
    for (let seed = 0; seed < ledgers; seed += 2) {
      const pair = await Promise.all([life(seed + 1), life(seed + 2)]);
      for (const one of pair) acknowledged += one.acknowledged;
    }
    // The load was there to be interrupted.
    expect(acknowledged).toBeGreaterThan(ledgers * killsOfEach * callers);
  }, 600_000);
});
