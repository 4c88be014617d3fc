import { availableParallelism } from 'node:os';
import { limits } from '../domain/limits.ts';
import type { NoteVerifier } from '../merkle/note.ts';
import { tileWidth } from '../merkle/tiles.ts';
import { hasMigratedSchema, openSqliteReadOnly } from '../platform/sqlite.ts';
import { runWorker } from '../platform/worker.ts';
import { ledgerMigrations, makeLedgerReader } from './store.ts';
import { type LedgerReport, type LedgerTrust, verifyLedgerFile } from './verify.ts';
import type { PartAnswer, PartSettings } from './verify-worker.ts';

/** A thread holds a few rows and one tile of each level. */
const threadMemory = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/**
 * As `verifyLedgerFile`, for a large ledger in threads, one for each processor. Each takes its part from tiles that it
 * believes at first; the parts hold when each began where the one before came to, from nothing to the end. Whatever is
 * wrong is looked at again by one thread from the first entry, so that it is named as it always is. Rejects when
 * `signal` is aborted.
 */
export async function verifyLedger(path: string, trust: LedgerTrust, signal?: AbortSignal): Promise<LedgerReport> {
  signal?.throwIfAborted();
  const { size, isMigrated } = look(path);
  if (size < limits.verifyPartEntries) return verifyLedgerFile(path, trust);
  const threads = new Threads(path, trust, signal);
  const whole = isMigrated ? await threads.parts(partsOf(size)).catch(() => undefined) : undefined;
  signal?.throwIfAborted();
  return whole ?? threads.whole();
}

function look(path: string): { size: number; isMigrated: boolean } {
  const db = openSqliteReadOnly(path);
  try {
    return { size: makeLedgerReader(db).size(), isMigrated: hasMigratedSchema(db, ledgerMigrations) };
  } finally {
    db.close();
  }
}

type Span = NonNullable<PartSettings['span']>;

/** All but the last end with a full tile. */
function partsOf(size: number): Span[] {
  const count = Math.min(Math.max(2, availableParallelism()), Math.ceil(size / limits.verifyPartEntries));
  const step = Math.ceil(size / count / tileWidth) * tileWidth;
  return Array.from({ length: Math.ceil(size / step) }, (_, n) => ({
    from: n * step,
    to: Math.min(size, (n + 1) * step),
    isLast: (n + 1) * step >= size,
  }));
}

class Threads {
  readonly #settings: PartSettings;
  readonly #signal: AbortSignal | undefined;

  constructor(path: string, trust: LedgerTrust, signal: AbortSignal | undefined) {
    const { origin, ledgerVerifiers, earlierLedgerKeys = [] } = trust;
    const earlier = earlierLedgerKeys.map(({ verifiers, endedMs }) => ({ vkeys: textOf(verifiers), endedMs }));
    this.#settings = { path, origin, vkeys: textOf(ledgerVerifiers), earlier };
    this.#signal = signal;
  }

  /** Undefined where anything at all is not as it should be. */
  async parts(spans: readonly Span[]): Promise<LedgerReport | undefined> {
    const answers = await Promise.all(spans.map((span) => this.#run<PartAnswer>({ ...this.#settings, span })));
    return joined(spans, answers);
  }

  whole(): Promise<LedgerReport> {
    return this.#run(this.#settings);
  }

  async #run<T>(settings: PartSettings): Promise<T> {
    const thread = runWorker<T>(new URL('./verify-worker.ts', import.meta.url), settings, threadMemory);
    const stop = () => void thread.stop();
    this.#signal?.addEventListener('abort', stop);
    return thread.result.finally(() => this.#signal?.removeEventListener('abort', stop));
  }
}

const textOf = (verifiers: readonly NoteVerifier[]): string[] => verifiers.map(({ vkey }) => vkey);

function joined(spans: readonly Span[], answers: readonly PartAnswer[]): LedgerReport | undefined {
  let before: Uint8Array = new Uint8Array();
  for (const [n, { problems, start, end, size }] of answers.entries()) {
    if (problems.length > 0 || size !== spans[n]?.to || !Buffer.from(before).equals(start)) return undefined;
    before = end;
  }
  const last = answers.at(-1);
  const covered = Math.max(...answers.map((answer) => answer.covered));
  if (!last || covered === 0 || covered > last.size) return undefined;
  const checkpoints = answers.reduce((sum, answer) => sum + answer.checkpoints, 0);
  return { entries: last.size, checkpoints, covered, root: last.root, problems: [] };
}
