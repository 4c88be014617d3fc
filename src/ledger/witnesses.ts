import type { Logger } from 'pino';
import { limits } from '../domain/limits.ts';
import { formatCheckpoint } from '../merkle/checkpoint.ts';
import { verifyCosignatures } from '../merkle/cosignature.ts';
import { parseSignatureLine } from '../merkle/note.ts';
import { type HashReader, rootOf } from '../merkle/tree.ts';
import { addSignatures } from '../merkle/witness.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { SignedCheckpoint } from './publisher.ts';
import type { LedgerReader, LedgerStore, StoredCosignature } from './store.ts';
import { askWitness, type WitnessPeer } from './witness-client.ts';

/** Checkpoints whose cosignatures are verified again at start, besides the newest that was witnessed. */
const lookedBack = 20;

export type WitnessedState = {
  /** How many cosignatures make a checkpoint witnessed, and how many witnesses there are. */
  quorum: number;
  of: number;
  /** Their keys (C2SP), with which anybody checks the cosignatures. */
  vkeys: string[];
  /** The newest witnessed checkpoint: its size (0: none yet), when it became so (RFC 3339 UTC), and how long ago that is. */
  size: number;
  at?: string;
  ageSeconds?: number;
  /** Whether the newest published checkpoint is witnessed. */
  reached: boolean;
};

export type WitnessSeen = { name: string; vkey: string; url: string; size: number; failing?: string };

type Worker = {
  peer: WitnessPeer;
  known: number;
  busy: boolean;
  failing: string | undefined;
  pauseMs: number;
  timer?: NodeJS.Timeout;
};

export type WitnessesParts = {
  origin: string;
  peers: readonly WitnessPeer[];
  quorum: number;
  store: Pick<LedgerStore, 'addCosignature'>;
  reader: Pick<LedgerReader, 'cosignatures'>;
  hashes: HashReader;
  clock: Clock;
  log: Logger;
  /** The ledger's storage failed. */
  onFatal(error: unknown): void;
};

/**
 * Collects cosignatures on published checkpoints. Nothing waits for it: with witnesses down, publication and deliveries
 * go on, with an alarm in the log. All are asked for one and the same checkpoint, since under load three witnesses at
 * three sizes would never make a quorum; then for whatever is the newest by that time.
 */
export class Witnesses {
  readonly #parts: WitnessesParts;
  readonly #workers: Worker[];
  readonly #stop = new AbortController();
  /** By tree size and witness; sizes before the newest witnessed one are dropped. */
  readonly #lines = new Map<number, Map<string, StoredCosignature>>();
  #newest: SignedCheckpoint | undefined;
  #target: SignedCheckpoint | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #witnessed: { size: number; time: string } | undefined;
  #alarmed = false;

  constructor(parts: WitnessesParts) {
    this.#parts = parts;
    this.#workers = parts.peers.map((peer) => ({
      peer,
      known: 0,
      busy: false,
      failing: undefined,
      pauseMs: limits.witnessRetryMs,
    }));
    this.#recall();
  }

  /** Takes a published checkpoint; returns at once. */
  offer(checkpoint: SignedCheckpoint): void {
    this.#newest = checkpoint;
    this.#advance();
  }

  /** Undefined where no witness is configured. */
  status(): WitnessedState | undefined {
    const { peers, quorum, clock } = this.#parts;
    if (peers.length === 0) return undefined;
    const { size = 0, time } = this.#witnessed ?? {};
    const age = time === undefined ? {} : { at: time, ageSeconds: secondsSince(time, clock()) };
    const vkeys = peers.map(({ vkey }) => vkey);
    return { quorum, of: peers.length, vkeys, size, ...age, reached: size >= (this.#newest?.size ?? 0) };
  }

  /** Each of them: how far it cosigned, as far as that is remembered, and why it does not. */
  seen(): WitnessSeen[] {
    return this.#workers.map(({ peer: { name, vkey, url }, known, failing }) => ({
      ...{ name, vkey, url, size: known },
      ...(failing === undefined ? {} : { failing }),
    }));
  }

  /** Everybody was asked for a checkpoint, and too few answered. */
  get unwitnessed(): boolean {
    return this.#alarmed;
  }

  /** The checkpoint's note with the cosignatures that it has so far. */
  cosigned({ size, note }: Pick<SignedCheckpoint, 'size' | 'note'>): string {
    const lines = [...(this.#lines.get(size)?.values() ?? [])].map(({ line }) => line);
    return lines.length === 0 ? note : addSignatures(note, lines);
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    for (const { timer } of this.#workers) clearTimeout(timer);
  }

  /** What is stored counts only where it verifies, over the tree that was just verified. */
  #recall(): void {
    const { reader, quorum, log } = this.#parts;
    if (this.#workers.length === 0) return;
    for (const row of reader.cosignatures(lookedBack, quorum)) {
      const worker = this.#workers.find(({ peer }) => peer.name === row.name);
      if (!worker) continue;
      if (this.#holds(worker.peer, row)) this.#count(worker, row);
      else log.error({ witness: row.name, size: row.size }, 'a stored cosignature does not verify');
    }
  }

  #holds({ verifier }: WitnessPeer, { size, line }: StoredCosignature): boolean {
    const { origin, hashes } = this.#parts;
    try {
      const text = formatCheckpoint({ origin, size, root: rootOf(size, hashes) });
      return verifyCosignatures({ text, signatures: [parseSignatureLine(line)] }, [verifier]).length === 1;
    } catch {
      return false;
    }
  }

  #count(worker: Worker, row: StoredCosignature): void {
    worker.known = Math.max(worker.known, row.size);
    const lines = this.#lines.get(row.size) ?? new Map<string, StoredCosignature>();
    this.#lines.set(row.size, lines.set(row.name, row));
    if (lines.size < this.#parts.quorum || row.size <= (this.#witnessed?.size ?? 0)) return;
    this.#witnessed = { size: row.size, time: row.time };
    for (const size of this.#lines.keys()) if (size < row.size) this.#lines.delete(size);
  }

  #isWitnessed({ size }: SignedCheckpoint): boolean {
    return (this.#witnessed?.size ?? 0) >= size;
  }

  /** Turns to the newest checkpoint once the one before is witnessed or everybody had a chance, and asks who is idle. */
  #advance(): void {
    if (this.#stop.signal.aborted || !this.#newest) return;
    const isSettled = !this.#target || this.#isWitnessed(this.#target) || this.#workers.every(({ busy }) => !busy);
    if (isSettled && this.#newest.size > (this.#target?.size ?? 0)) {
      const wait = this.#askedAt + limits.witnessIntervalMs - performance.now();
      if (wait > 0) this.#timer ??= setTimeout(() => this.#onInterval(), wait);
      else {
        this.#target = this.#newest;
        this.#askedAt = performance.now();
      }
    }
    for (const worker of this.#workers) this.#ask(worker);
  }

  #onInterval(): void {
    this.#timer = undefined;
    this.#advance();
  }

  #ask(worker: Worker): void {
    const target = this.#target;
    if (!target || worker.busy || worker.timer || this.#lines.get(target.size)?.has(worker.peer.name)) return;
    if (worker.known > target.size) return;
    worker.busy = true;
    const options = { from: worker.known, hashes: this.#parts.hashes, signal: this.#stop.signal };
    askWitness(worker.peer, target, options).then(
      (line) => this.#onLine(worker, target, line),
      (error: unknown) => this.#onRefusal(worker, error),
    );
  }

  #onLine(worker: Worker, { size }: SignedCheckpoint, line: string): void {
    const { store, clock, log, onFatal } = this.#parts;
    worker.busy = false;
    if (this.#stop.signal.aborted) return;
    const row = { size, name: worker.peer.name, line, time: rfc3339(clock()) };
    try {
      store.addCosignature(row);
    } catch (error) {
      this.close();
      onFatal(error);
      return;
    }
    this.#count(worker, row);
    if (worker.failing !== undefined) log.info({ witness: worker.peer.name, size }, 'a witness cosigns again');
    worker.failing = undefined;
    worker.pauseMs = limits.witnessRetryMs;
    this.#advance();
    this.#judge();
  }

  #onRefusal(worker: Worker, error: unknown): void {
    worker.busy = false;
    if (this.#stop.signal.aborted) return;
    const why = (error as Error).message;
    const { name, url } = worker.peer;
    // Said once for each cause, as it is asked again until it answers.
    if (why !== worker.failing) this.#parts.log.warn({ witness: name, url, why }, 'a witness did not cosign');
    worker.failing = why;
    worker.timer = setTimeout(() => {
      delete worker.timer;
      this.#advance();
    }, worker.pauseMs);
    worker.pauseMs = Math.min(worker.pauseMs * 2, limits.witnessRetryMaxMs);
    this.#advance();
    this.#judge();
  }

  /** Raises the alarm once everybody was asked and too few answered, and ends it once enough did. */
  #judge(): void {
    const { log, quorum } = this.#parts;
    const target = this.#target;
    if (!target) return;
    const isWitnessed = this.#isWitnessed(target);
    if (!isWitnessed && this.#workers.some(({ busy }) => busy)) return;
    if (isWitnessed !== this.#alarmed) return;
    this.#alarmed = !isWitnessed;
    if (isWitnessed) log.info({ size: target.size, quorum }, 'checkpoints are witnessed again');
    else {
      const got = this.#lines.get(target.size)?.size ?? 0;
      log.error({ size: target.size, got, quorum }, 'checkpoints go out unwitnessed: too few witnesses answer');
    }
  }
}

const secondsSince = (time: string, now: number): number => Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
