import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { historyOf } from '../../src/catalog/queries/history.ts';
import { deliveriesOfRelease } from '../../src/catalog/queries/packages.ts';
import { runRows } from '../../src/catalog/queries/runs.ts';
import type { FoldedAnew } from '../../src/catalog/rebuild.ts';
import { discardFresh } from '../../src/catalog/rebuild.ts';
import type { Event } from '../../src/domain/events.ts';
import { limits } from '../../src/domain/limits.ts';
import { foldThread } from '../../src/ledger/fold-thread.ts';
import type { StoredEntry } from '../../src/ledger/store.ts';
import { leafHash } from '../../src/merkle/hashes.ts';
import { TreeBuilder } from '../../src/merkle/tiles.ts';
import { bodyCommitment } from '../../src/platform/hash.ts';
import type { Sqlite } from '../../src/platform/sqlite.ts';
import { runWorker } from '../../src/platform/worker.ts';
import { startPostgres } from '../helpers/bench-postgres.ts';
import { openLedgerReader } from '../helpers/ledger-content.ts';
import { eventsPerRelease, loadEvent, partOf, releaseIdOf, serialOf } from '../helpers/ledger-load.ts';
import { makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { type BenchResult, type Figure, figure } from './figures.ts';
import { type Cost, writePlot } from './plot.ts';

const verifyProgram = fileURLToPath(new URL('../helpers/ledger-verify-process.ts', import.meta.url));
const entries = Number(process.env.KEYWAY_BENCH_ENTRIES ?? 1_000_000);
const rounds = 3;
const seedBatch = 4_000;
const queries = 2_000;
const postgresRows = 16_000;
const plotFile =
  process.env.KEYWAY_BENCH_PLOT ?? fileURLToPath(new URL('../../data/bench-ledger.svg', import.meta.url));
const keys = makeTestKeys();

/** Durable appends beside plain SQLite and PostgreSQL; then one large ledger: verified, folded, started, queried. */
export async function run(): Promise<BenchResult> {
  const notes: string[] = [];
  const appended = await appends(notes);
  const large = await largeLedger(notes);
  return { figures: [...appended, ...large], notes };
}

async function appends(notes: string[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const postgres = await startPostgres();
  if (!postgres) notes.push('PostgreSQL is not installed (Debian: postgresql): appends are not compared with it.');
  try {
    for (const { callers, commits, goal } of [
      { callers: 1, commits: 3_000, goal: 0.7 },
      { callers: 32, commits: 30_000, goal: 0.5 },
      { callers: 256, commits: 60_000, goal: 0.3 },
    ]) {
      const measured: { ours: number; peer: number; rows: number }[] = [];
      for (let round = 0; round <= rounds; round++) {
        const { rate, batches } = await ourAppends(callers, commits);
        const sample = batches[0]?.at(-1);
        const rows = postgres && sample && callers > 1 ? postgres.rowsPerSecond(sample, callers, postgresRows) : 0;
        if (round > 0) measured.push({ ours: rate, peer: plainAppends(batches), rows });
      }
      const ours = median(measured.map((one) => one.ours));
      const what = `durable appends, ${callers} at a time: decided, checked, hashed, folded`;
      const common = { what, ours, unit: '/s', better: 'more' } as const;
      const peer = median(measured.map((one) => one.peer));
      figures.push(figure({ ...common, peer, peerName: 'better-sqlite3, same bytes and batches', goal }));
      if (callers === 1) continue;
      const rows = postgres ? median(measured.map((one) => one.rows)) : null;
      const peerName = `${postgres?.name ?? 'PostgreSQL'}, a row a transaction`;
      figures.push(figure({ ...common, peer: rows, peerName, goal: 3 }));
    }
  } finally {
    await postgres?.stop();
  }
  return figures;
}

/**
 * A new ledger each time, its catalogue folded by another thread as in life and waited for at the end. A part of the commits
 * goes before, so that neither side is measured while it is compiled.
 */
async function ourAppends(callers: number, commits: number): Promise<{ rate: number; batches: StoredEntry[][] }> {
  const place = temporaryFolder();
  const batches: StoredEntry[][] = [];
  const at = openTestLedger({
    keys,
    folder: place.folder,
    clock: Date.now,
    random: randomBytes,
    startFolding: foldThread,
    // As a gateway publishes; the stories of the tests wait for nothing.
    published: { intervalMs: limits.checkpointIntervalMs },
    wrapStore: (store) => ({
      ...store,
      append(batch) {
        store.append(batch);
        batches.push([...batch.entries]);
      },
    }),
  });
  const events = Array.from({ length: commits }, (_, number) => loadEvent(number));
  let next = 0;
  const caller = async (end: number) => {
    for (let event = events[next++]; event && next <= end; event = events[next++]) await commit(at, event);
  };
  const all = (end: number) => Promise.all(Array.from({ length: callers }, () => caller(end)));
  const warm = Math.floor(commits / 5);
  await all(warm);
  const [before, size] = [batches.length, at.ledger.size];
  next = warm + callers;
  await at.catalog.current();
  const started = performance.now();
  await all(commits);
  await at.catalog.current();
  const rate = (at.ledger.size - size) / ((performance.now() - started) / 1000);
  await at.end();
  place.remove();
  return { rate, batches: batches.slice(before) };
}

const commit = (at: ReturnType<typeof openTestLedger>, event: Event) =>
  at.ledger.commit(() => ({ events: [event], result: undefined }));

/** The same bytes, as fast as SQLite takes them with the same promise: on the disk before the next batch starts. */
function plainAppends(batches: readonly StoredEntry[][]): number {
  const place = temporaryFolder();
  const db = new Database(join(place.folder, 'plain.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB, body BLOB, salt BLOB) STRICT');
  const insert = db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?)');
  const write = db.transaction((rows: readonly StoredEntry[]) => {
    for (const { index, leaf, body, salt } of rows) insert.run(index, leaf, body, salt);
  });
  const started = performance.now();
  let written = 0;
  for (const batch of batches) {
    write.immediate(batch);
    written += batch.length;
  }
  const rate = written / ((performance.now() - started) / 1000);
  db.close();
  place.remove();
  return rate;
}

async function largeLedger(notes: string[]): Promise<Figure[]> {
  const place = temporaryFolder();
  try {
    const path = join(place.folder, 'ledger.db');
    const costs = await seedLedger(place.folder);
    writePlot(plotFile, `Ledger queries, p99, up to ${entries.toLocaleString('en-GB')} entries`, costs);
    notes.push(`Cost against size is plotted in ${plotFile}.`);
    const [verified, hashed] = [verifyAlone(path, place.folder), hashSeconds(path)];
    const started = startSeconds(place.folder);
    rmSync(join(place.folder, 'ledger.summary'));
    const scanned = startSeconds(place.folder);
    const rebuilt = await rebuildSeconds(place.folder);
    const count = entries.toLocaleString('en-GB');
    const less = { better: 'less' } as const;
    if (entries < 10_000_000)
      notes.push(`Queries were measured up to ${count} entries; KEYWAY_BENCH_ENTRIES sets more.`);
    return [
      figure({
        what: `verify ${count} entries`,
        ours: verified.seconds,
        peer: hashed,
        peerName: 'hashing the same bytes alone',
        unit: 's',
        goal: 0.5,
        ...less,
      }),
      figure({
        what: 'memory while verifying, over the idle process',
        ours: (verified.peak - verified.idle) / 1e6,
        peer: 150,
        peerName: 'the most that we want',
        unit: 'MB',
        goal: 1,
        ...less,
      }),
      figure({
        what: `rebuild the catalogue of ${count} entries`,
        ours: entries / rebuilt,
        peer: 50_000,
        peerName: 'the least that we want',
        unit: '/s',
        better: 'more',
        goal: 1,
      }),
      figure({
        what: `start with ${count} entries`,
        ours: started,
        peer: 1,
        peerName: 'the most that we want',
        unit: 's',
        goal: 1,
        ...less,
      }),
      figure({
        what: `start with ${count} entries after a crash that left no summary`,
        ours: scanned,
        peer: 1,
        peerName: 'a start after a clean stop, at the most',
        unit: 's',
        goal: null,
        ...less,
      }),
      ...costs.map(costFigure),
    ];
  } finally {
    rmSync(place.folder, { recursive: true, force: true });
  }
}

/** Through the real sequencer, in acts of many events; stops at each power of ten to ask the queries. */
async function seedLedger(folder: string): Promise<Cost[]> {
  const costs: Cost[] = [];
  const at = openTestLedger({ keys, folder, clock: Date.now, random: randomBytes, startFolding: foldThread });
  let nextStop = 10_000;
  while (at.ledger.size < entries) {
    const { size } = at.ledger;
    const end = Math.min(entries, nextStop, size + seedBatch);
    const events = Array.from({ length: end - size }, (_, n) => loadEvent(size + n));
    await at.ledger.commit(() => ({ events, result: undefined }));
    if (end !== nextStop && end !== entries) continue;
    costs.push(...askAll(await at.catalog.current(), end));
    nextStop *= 10;
  }
  await at.publisher.covering(entries, 20_000);
  // As a clean stop leaves it.
  if (at.publisher.latest) at.keeper.write(at.publisher.latest);
  await at.end();
  return costs;
}

/** What quality asks, each of a release by its number. */
const asked: [string, (db: Sqlite) => (release: number) => unknown][] = [
  [
    'by part',
    (db) => {
      const ofPart = db.prepare(
        'SELECT id, state, manifest, release_id FROM packages WHERE part = ? ORDER BY idx DESC LIMIT 500',
      );
      return (release) => ofPart.all(partOf(release));
    },
  ],
  ['by serial', (db) => (release) => runRows(db, { serial: serialOf(release) }, 500)],
  ['who pulled a release', (db) => (release) => deliveriesOfRelease(db, releaseIdOf(release), 500)],
  ['everything about a release', (db) => (release) => historyOf(db, releaseIdOf(release), 500)],
];

function askAll(db: Sqlite, size: number): Cost[] {
  return asked.map(([name, prepare]) => {
    const ask = prepare(db);
    const took: number[] = [];
    for (let n = 0; n < queries; n++) {
      const release = (n * 7_919) % Math.ceil(size / eventsPerRelease);
      const started = performance.now();
      ask(release);
      took.push(performance.now() - started);
    }
    return { name, size, ms: took.toSorted((a, b) => a - b)[Math.floor(queries * 0.99)] ?? 0 };
  });
}

const costFigure = ({ name, size, ms }: Cost): Figure =>
  figure({
    what: `query ${name} at ${size.toLocaleString('en-GB')} entries, p99`,
    ours: ms,
    peer: 20,
    peerName: 'the most that we want',
    unit: 'ms',
    better: 'less',
    goal: size === entries ? 1 : null,
  });

type Verified = { entries: number; problems: number; seconds: number; idle: number; peak: number };

function verifyAlone(path: string, folder: string): Verified {
  const trust = join(folder, 'verify-keys.json');
  const { origin, ledgerVerifiers } = keys.trust;
  writeFileSync(trust, JSON.stringify({ origin, ledgerKeys: ledgerVerifiers.map(({ vkey }) => vkey) }));
  const verified = JSON.parse(
    execFileSync(process.execPath, [verifyProgram, path, trust], { encoding: 'utf8' }),
  ) as Verified;
  if (verified.entries !== entries || verified.problems > 0) throw new Error('the seeded ledger does not verify');
  return verified;
}

/** Commitment, leaf and node of each entry, from memory: what no verification can do without. */
function hashSeconds(path: string): number {
  const reader = openLedgerReader(path);
  const tree = TreeBuilder.empty();
  let milliseconds = 0;
  for (let from = 0; from < entries; from += 10_000) {
    const some = [...reader.entries(from, from + 10_000)];
    const started = performance.now();
    for (const { leaf, body, salt } of some) {
      bodyCommitment(salt, body);
      tree.append(leafHash(leaf));
    }
    milliseconds += performance.now() - started;
    tree.takeCompleted();
  }
  reader.close();
  return milliseconds / 1000;
}

function startSeconds(folder: string): number {
  const started = performance.now();
  const at = openTestLedger({ keys, folder, clock: Date.now });
  const seconds = (performance.now() - started) / 1000;
  at.close();
  return seconds;
}

/** As a gateway does it: in a thread, with another one that reads for it. */
async function rebuildSeconds(folder: string): Promise<number> {
  const paths = { ledger: join(folder, 'ledger.db'), catalog: join(folder, 'catalog.db') };
  const started = performance.now();
  const { result } = runWorker<FoldedAnew>(new URL('../../src/ledger/rebuild-worker.ts', import.meta.url), paths);
  const { fresh, differing } = await result;
  const seconds = (performance.now() - started) / 1000;
  discardFresh(fresh);
  if (differing.length > 0) throw new Error(`the catalogue differs in ${differing.join(', ')}`);
  return seconds;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
