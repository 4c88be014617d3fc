import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import type { Standing } from '../catalog/standing.ts';
import { standingEvents } from '../catalog/standing-events.ts';
import { DomainError } from '../domain/errors.ts';
import { Event, makeEvent, type Sequenced } from '../domain/events.ts';
import type { RandomBytes } from '../domain/ids.ts';
import { encodeLeaf } from '../domain/leaf.ts';
import { limits } from '../domain/limits.ts';
import { leafHash } from '../merkle/hashes.ts';
import type { TreeBuilder } from '../merkle/tiles.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import { bodyCommitment, canonicalJson } from '../platform/hash.ts';
import type { StandingEntries } from './standing-entries.ts';
import type { LedgerReader, LedgerStore, StoredEntry } from './store.ts';

/** Where a committed act stands: its first entry, the tree size with it, and its time (RFC 3339 UTC). */
export type Receipt = { index: number; size: number; time: string };

/**
 * Looks at the state as of the tree size it is called at and answers with the events of one act, or throws a
 * DomainError. Synchronous: nothing can happen between what it sees and what it decides.
 */
export type Decide<T> = (at: { time: string; nextIndex: number }) => { events: readonly Event[]; result: T };

/** `ending`: it ends what was begun, and may use the disk's reserve. */
type CommitOptions = { ending?: boolean };
type Waiting = {
  decide: Decide<unknown>;
  ending: boolean;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
};
type Answer = { item: Waiting; receipt: Receipt; result: unknown };

export type LedgerParts = {
  reader: LedgerReader;
  store: LedgerStore;
  standing: Standing;
  standingEntries: StandingEntries;
  tree: TreeBuilder;
  /** HMAC key of the batch seals, in a file that only the gateway's account may read. */
  sealKey: KeyObject;
  lastTime: string;
  space: { readonly isFull: boolean };
  clock: Clock;
  random: RandomBytes;
  log: Logger;
  /** Called after each durable batch. */
  onAppended(head: { size: number; root: Buffer }): void;
  /** Called once, when storage failed: the process must end and start again, since it no longer knows what is on disk. */
  onFatal(error: unknown): void;
};

/**
 * The sequencer, the only way to change anything. A batch is whatever queued while the one before was written, 256
 * entries at most: decided one after the other, each folded into the standing, then written in one durable transaction.
 * Only after that do callers get their receipts.
 */
export class Ledger {
  readonly #parts: LedgerParts;
  #queue: Waiting[] = [];
  #scheduled = false;
  #failed = false;
  #lastTime: string;
  #salts = Buffer.alloc(0);
  #wasFull = false;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.#lastTime = parts.lastTime;
  }

  get size(): number {
    return this.#parts.tree.size;
  }

  /** False once storage failed. */
  get writable(): boolean {
    return !this.#failed;
  }

  head(): { size: number; root: Buffer } {
    return { size: this.#parts.tree.size, root: this.#parts.tree.root() };
  }

  /**
   * Resolves after the fsync. Rejects with the DomainError of `decide`, with `storage-full` while only the disk's reserve
   * is left, or with `ledger-unavailable` after a storage failure.
   */
  commit<T>(decide: Decide<T>, { ending = false }: CommitOptions = {}): Promise<{ receipt: Receipt; result: T }> {
    return new Promise((resolve, reject) => {
      if (this.#failed) return reject(unavailable());
      this.#queue.push({ decide, ending, resolve: resolve as (answer: unknown) => void, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#drain());
    });
  }

  #drain(): void {
    this.#scheduled = false;
    const items = this.#queue.splice(0, limits.batchEntries);
    if (this.#queue.length > 0) {
      this.#scheduled = true;
      setImmediate(() => this.#drain());
    }
    let answers: Answer[];
    try {
      answers = this.#writeBatch(items);
    } catch (error) {
      this.#fail(error, items);
      return;
    }
    for (const { item, receipt, result } of answers) item.resolve({ receipt, result });
  }

  #writeBatch(items: readonly Waiting[]): Answer[] {
    const { store, tree, sealKey, onAppended } = this.#parts;
    const time = rfc3339(this.#parts.clock());
    const entries: StoredEntry[] = [];
    const answers: Answer[] = [];
    for (const event of this.#happenings(time)) entries.push(this.#sequence(checkedEvent(event), time));
    for (const item of items) {
      if (this.#wasFull && !item.ending) {
        item.reject(storageFull());
        continue;
      }
      const index = tree.size;
      const decided = this.#decide(item, time);
      if (!decided) continue;
      for (const checked of decided.events) entries.push(this.#sequence(checked, time));
      answers.push({ item, receipt: { index, size: tree.size, time }, result: decided.result });
    }
    if (entries.length === 0) return answers;
    const root = tree.root();
    const mark = { size: tree.size, root, seal: sealOf(sealKey, tree.size, root) };
    store.append({ entries, tiles: tree.takeCompleted(), mark });
    this.#lastTime = time;
    onAppended({ size: tree.size, root });
    return answers;
  }

  /** Runs one decision and checks what it wants to record, before anything of it is hashed or folded. */
  #decide(item: Waiting, time: string): { events: readonly CheckedEvent[]; result: unknown } | undefined {
    try {
      const { events, result } = item.decide({ time, nextIndex: this.#parts.tree.size });
      return { events: events.map(checkedEvent), result };
    } catch (error) {
      item.reject(error);
      return undefined;
    }
  }

  #sequence({ event, body }: CheckedEvent, time: string): StoredEntry {
    const { tree, standing, standingEntries } = this.#parts;
    const salt = this.#salt();
    const leaf = encodeLeaf({ body: bodyCommitment(salt, body), time, type: event.type, v: 1 });
    const sequenced: Sequenced = { index: tree.size, time, event };
    const hash = leafHash(leaf);
    if (standingEvents.has(event.type)) standingEntries.add(tree.size, hash);
    tree.append(hash);
    standing.apply(sequenced);
    return { index: sequenced.index, leaf, body, salt };
  }

  /** Cut from one piece of randomness, as asking for 16 bytes costs as much as asking for a thousand. */
  #salt(): Buffer {
    if (this.#salts.length < limits.saltBytes) this.#salts = Buffer.from(this.#parts.random(limits.saltBytes * 64));
    const salt = this.#salts.subarray(0, limits.saltBytes);
    this.#salts = this.#salts.subarray(limits.saltBytes);
    return salt;
  }

  /** What the gateway itself has to record before anything else. */
  #happenings(time: string): Event[] {
    const actor = { kind: 'gateway' } as const;
    const events: Event[] = [];
    if (time < this.#lastTime)
      events.push(makeEvent('gateway.clock-stepped-back', actor, { from: this.#lastTime, to: time }));
    const { isFull } = this.#parts.space;
    if (isFull !== this.#wasFull) {
      events.push(makeEvent(isFull ? 'gateway.storage-full' : 'gateway.storage-recovered', actor, {}));
      this.#parts.log.error(
        { isFull },
        isFull ? 'the disk is full; nothing new is taken' : 'there is room on the disk again',
      );
    }
    this.#wasFull = isFull;
    return events;
  }

  #fail(error: unknown, items: readonly Waiting[]): void {
    this.#failed = true;
    this.#parts.log.fatal({ err: error }, 'the ledger cannot be written; nothing more is acknowledged');
    for (const item of [...items, ...this.#queue]) item.reject(unavailable());
    this.#queue = [];
    this.#parts.onFatal(error);
  }
}

const storageFull = () =>
  new DomainError(
    'storage-full',
    'The disk of the gateway is full: nothing new is taken until there is room. Call the administrator.',
  );

export const unavailable = () =>
  new DomainError(
    'ledger-unavailable',
    'The ledger cannot be written, so nothing can be taken, released or delivered. Call the administrator.',
  );

/** An event that its schema allows, and the one encoding of it that is measured, hashed and stored. */
type CheckedEvent = { event: Event; body: Buffer };

function checkedEvent(event: Event): CheckedEvent {
  const parsed = Event.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new DomainError('request-invalid', `${event.type}: ${field}: ${issue?.message ?? 'not valid'}.`, { field });
  }
  const body = encoded(event);
  if (body.length > limits.eventBodyBytes) {
    throw new DomainError('too-large', `One ${event.type} would be larger than ${limits.eventBodyBytes} bytes.`);
  }
  return { event, body };
}

function encoded(event: Event): Buffer {
  try {
    return canonicalJson(event);
  } catch (cause) {
    throw new DomainError('request-invalid', `${event.type}: a text holds half a character.`, { cause });
  }
}

export const sealOf = (key: KeyObject, size: number, root: Buffer): Buffer =>
  createHmac('sha256', key).update(`${size}\n`).update(root).digest();
export const sealHolds = (key: KeyObject, mark: { size: number; root: Buffer; seal: Buffer }): boolean =>
  mark.seal.length === 32 && timingSafeEqual(mark.seal, sealOf(key, mark.size, mark.root));
