import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { peopleEvents } from '../domain/people-register.ts';
import type { LedgerReader } from './store.ts';

/** What the signer is shown of the ledger; see signing/followed-ledger.ts for why. */
export interface LedgerFollower {
  /** Begins: entries `from` (included) to `to` (excluded) are to be shown. */
  followLedger(): Promise<{ from: number; to: number }>;
  takeLeaves(part: {
    from: number;
    leaves: string[];
    bodies: { index: number; body: string; salt: string }[];
  }): Promise<unknown>;
}

const aboutPeople = new RegExp(`"type":"(${peopleEvents.join('|').replaceAll('.', '\\.')})"`);

/**
 * Shows the signer every leaf, and the bodies about people. A release waits for it; in between it is done while nothing
 * else is, so that a release has not long to wait and appends do not wait at all.
 */
export class SignerFeed {
  readonly #reader: Pick<LedgerReader, 'leafTexts' | 'entry' | 'size'>;
  readonly #signer: LedgerFollower;
  #running: Promise<void> = Promise.resolve();
  #seen = 0;
  #fed = 0;

  constructor(reader: Pick<LedgerReader, 'leafTexts' | 'entry' | 'size'>, signer: LedgerFollower) {
    this.#reader = reader;
    this.#signer = signer;
  }

  /** Resolves once the signer knows the first `size` entries. Rejects with what it says, or `checkpoint-behind`. */
  reach(size: number): Promise<void> {
    const turn = this.#running.then(() => this.#feed(size));
    this.#running = turn.catch(() => {});
    return turn;
  }

  /** To be called now and then: feeds where nothing was appended since, or much was. Never rejects. */
  async look(): Promise<void> {
    const size = this.#reader.size();
    const isIdle = size === this.#seen;
    this.#seen = size;
    if (size === this.#fed || !(isIdle || size - this.#fed > limits.signerFeedEntries)) return;
    // A signer that is away says so itself, and a release that needs this says why.
    await this.reach(0).catch(() => {});
  }

  async #feed(size: number): Promise<void> {
    const { from, to } = await this.#signer.followLedger();
    if (to < size) throw new DomainError('checkpoint-behind', 'The signer signed no checkpoint over this yet.');
    for (let at = from; at < to; ) {
      const part = this.#part(at, to);
      await this.#signer.takeLeaves(part);
      at += part.leaves.length;
    }
    this.#fed = to;
  }

  #part(from: number, to: number) {
    const leaves: string[] = [];
    const bodies: { index: number; body: string; salt: string }[] = [];
    for (const text of this.#reader.leafTexts(from, Math.min(to, from + limits.signerFeedLeaves))) {
      if (aboutPeople.test(text)) {
        if (bodies.length === limits.signerFeedBodies) break;
        const entry = this.#reader.entry(from + leaves.length);
        if (entry)
          bodies.push({ index: entry.index, body: entry.body.toString('base64'), salt: entry.salt.toString('base64') });
      }
      leaves.push(text);
    }
    if (leaves.length === 0) throw new DomainError('not-verified', `Ledger entry ${from} is missing.`);
    return { from, leaves, bodies };
  }
}
