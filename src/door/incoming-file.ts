import { DomainError, toDomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { Arrival, ArrivalEnd, ReadbackVerdict, Returns } from '../domain/returns.ts';
import { ByteRanges } from './byte-ranges.ts';

/** Where the bytes of one file that a machine sends are put. */
export interface ArrivalWriter {
  write(bytes: Buffer, offset: number): Promise<void>;
  close(): Promise<void>;
}
export type OpenArrival = (arrival: Arrival) => Promise<ArrivalWriter>;

/**
 * One file that a machine is sending. Whatever becomes of the session, `end` is called, and its end is told once. It came
 * whole when every byte from the first to the last was written and then the machine closed it.
 */
export class IncomingFile {
  readonly arrival: Arrival;
  readonly #returns: Pick<Returns, 'arrived'>;
  readonly #written = new ByteRanges(limits.rangesPerFile);
  #writer: ArrivalWriter | undefined;
  #size = 0;
  #failure: DomainError | undefined;
  #uses = 0;
  #onIdle: (() => void) | undefined;
  #ending: Promise<ReadbackVerdict | undefined> | undefined;

  constructor(arrival: Arrival, returns: Pick<Returns, 'arrived'>) {
    this.arrival = arrival;
    this.#returns = returns;
  }

  /** Up to the last byte that was written. */
  get size(): number {
    return this.#size;
  }

  open(openArrival: OpenArrival): Promise<void> {
    return this.#noting(async () => {
      this.#writer = await openArrival(this.arrival);
    });
  }

  /** Writes in any order. Throws `too-large` and `storage-full`; after a failure nothing more is written. */
  write(bytes: Buffer, offset: number): Promise<void> {
    return this.#noting(async () => {
      const end = offset + bytes.length;
      if (end > limits.fileBytes)
        throw new DomainError(
          'too-large',
          `A file may have ${limits.fileBytes} bytes at most; nothing of it was kept.`,
        );
      await this.#writer?.write(bytes, offset);
      this.#written.add(offset, end);
      this.#size = Math.max(this.#size, end);
    });
  }

  /** Why it did not come whole, where the door knows it better than that the connection closed. The first failure counts. */
  fail(why: DomainError): void {
    this.#failure ??= why;
  }

  /**
   * Ends it after the writes under way, and resolves with what it is beside what was delivered. Rejects when the machine
   * closed a file that did not come whole, or when it could not be kept.
   */
  end(how: 'closed by the machine' | 'cut off'): Promise<ReadbackVerdict | undefined> {
    this.#ending ??= this.#end(how);
    return this.#ending;
  }

  async #end(how: 'closed by the machine' | 'cut off'): Promise<ReadbackVerdict | undefined> {
    await this.#idle();
    await this.#close();
    const end = this.#outcome(how);
    const verdict = await this.#returns.arrived(end);
    if (end.complete || how === 'cut off') return verdict;
    throw this.#failure ?? new DomainError('request-invalid', `Not kept: ${end.reason}.`);
  }

  #outcome(how: 'closed by the machine' | 'cut off'): ArrivalEnd {
    const { retrievalId } = this.arrival;
    const bytes = this.#written.count;
    const reason = this.#reason(how);
    if (reason === undefined) return { retrievalId, bytes, complete: true };
    return { retrievalId, bytes, complete: false, reason: reason.slice(0, 200) };
  }

  #reason(how: 'closed by the machine' | 'cut off'): string | undefined {
    if (this.#failure) return `${this.#failure.code}: ${this.#failure.message}`;
    const bytes = this.#written.count;
    if (how === 'cut off') return `the connection closed after ${bytes} bytes`;
    if (bytes < this.#size) return `only ${bytes} of ${this.#size} bytes were sent`;
    return bytes === 0 ? 'the file was empty' : undefined;
  }

  /** Also after a failure. A close that fails may have lost what was written last. */
  async #close(): Promise<void> {
    try {
      await this.#writer?.close();
    } catch (error) {
      this.#failure ??= refusalOf(error);
    }
  }

  async #idle(): Promise<void> {
    if (this.#uses === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** The first failure is why it did not come whole. */
  async #noting(work: () => Promise<void>): Promise<void> {
    this.#uses++;
    try {
      if (this.#failure) throw this.#failure;
      await work();
    } catch (error) {
      this.#failure ??= refusalOf(error);
      throw this.#failure;
    } finally {
      if (--this.#uses === 0) this.#onIdle?.();
    }
  }
}

function refusalOf(error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DomainError('storage-full', 'The gateway has no room left for this file; nothing of it was kept.', {
      cause: error,
    });
  return toDomainError(error);
}
