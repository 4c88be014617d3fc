import type { RunReport } from '../../../edges/http/contract/runs.ts';

/** What was scanned so far for one job. */
export type Draft = { workOrder: string; serials: string[]; startedAt: string };
/** A run that the gateway has not acknowledged. Its key stays the same for every try, so that it is recorded once. */
export type Waiting = { key: string; report: RunReport };
type Kept = { v: 1; drafts: Record<string, Draft>; waiting: Waiting[] };

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * The runs of one machine in this browser: what was scanned and what is not acknowledged yet. Written through to the browser's
 * storage with every change, so that a lost connection, a reload or a flat battery loses nothing.
 */
export class RunStore {
  readonly #name: string;
  readonly #storage: Store;
  readonly #watchers = new Set<() => void>();
  #kept: Kept;

  constructor(machineId: string, storage: Store) {
    this.#name = `keyway.runs.${machineId}`;
    this.#storage = storage;
    this.#kept = read(storage.getItem(this.#name));
  }

  readonly watch = (tell: () => void): (() => void) => {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  };
  readonly kept = (): Kept => this.#kept;

  setDraft(releaseId: string, draft: Draft): void {
    this.#keep({ ...this.#kept, drafts: { ...this.#kept.drafts, [releaseId]: draft } });
  }

  /** From here on it is on its way, and the job has an empty draft. */
  hand(report: RunReport, key: string): void {
    const { [report.releaseId]: _done, ...drafts } = this.#kept.drafts;
    this.#keep({ ...this.#kept, drafts, waiting: [...this.#kept.waiting, { key, report }] });
  }

  acknowledged(key: string): void {
    this.#keep({ ...this.#kept, waiting: this.#kept.waiting.filter((one) => one.key !== key) });
  }

  /** What the gateway refused goes back to be mended. */
  takeBack(key: string): void {
    const refused = this.#kept.waiting.find((one) => one.key === key);
    if (!refused) return;
    const { releaseId, workOrder, serials, startedAt } = refused.report;
    this.acknowledged(key);
    this.setDraft(releaseId, { workOrder, serials: [...serials], startedAt });
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.#storage.setItem(this.#name, JSON.stringify(kept));
    for (const tell of this.#watchers) tell();
  }
}

/** What another version left, or somebody damaged, is nothing. */
function read(text: string | null): Kept {
  try {
    const kept = JSON.parse(text ?? 'null') as Kept | null;
    if (kept?.v === 1 && Array.isArray(kept.waiting) && typeof kept.drafts === 'object') return kept;
  } catch {
    // Below.
  }
  return { v: 1, drafts: {}, waiting: [] };
}
