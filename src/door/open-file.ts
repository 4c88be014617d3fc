import { DomainError, toDomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { DeliveryEnd, DeliveryProof, OpenedFile, Shelf } from '../domain/shelf.ts';
import { ByteRanges } from './byte-ranges.ts';

/** Verified bytes of one blob, as `VerifiedBlob` in the vault lends them: empty at the end, `bytes-differ` thrown. */
export interface BlobReader {
  lend<T>(offset: number, length: number, use: (bytes: Buffer) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Ending = 'closed by the machine' | 'cut off';

/**
 * One delivery under way. Whatever becomes of the session, `end` is called, and its end is told to the shelf once.
 * `complete` is said only when every byte was handed to the connection and then the machine closed the file: a
 * connection that broke may have lost what was handed to it last.
 */
export class OpenFile {
  readonly opened: OpenedFile;
  readonly #shelf: Pick<Shelf, 'finish'>;
  /** Resolves once the delivery was stopped, and is on record as failed or about to be. */
  readonly stopped: Promise<DomainError>;
  readonly #sent = new ByteRanges(limits.rangesPerFile);
  #blob: BlobReader | undefined;
  #failure: DomainError | undefined;
  #uses = 0;
  #onIdle: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  constructor(opened: OpenedFile, shelf: Pick<Shelf, 'finish' | 'stopped'>) {
    this.opened = opened;
    this.#shelf = shelf;
    this.stopped = shelf.stopped(opened.deliveryId).then((reason) => this.#stop(reason));
  }

  /** Opens the blob. Rejects with what `openBlob` throws, which is then why the delivery failed. */
  async openBlob(openBlob: (opened: OpenedFile) => Promise<BlobReader>): Promise<void> {
    try {
      this.#blob = await openBlob(this.opened);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /**
   * Reads at most `length` bytes at `offset` and lends them to `send`; they count as sent when it resolves, and are then no
   * more what they were. False at the end of the file. Once bytes were found to differ nothing more of the file is sent.
   */
  async sendPart(offset: number, length: number, send: (bytes: Buffer) => Promise<void>): Promise<boolean> {
    const wanted = Math.min(length, this.opened.size - offset);
    if (wanted <= 0) return false;
    await this.#lent(offset, wanted, async (bytes) => {
      await send(bytes);
      this.#sent.add(offset, offset + bytes.length);
    });
    return true;
  }

  /** Reads and sends nothing: for a door that must know the whole before its first byte leaves. */
  look(offset: number, length: number): Promise<Buffer> {
    return this.#lent(offset, Math.min(length, this.opened.size - offset), async (bytes) => Buffer.from(bytes));
  }

  /** Why the delivery failed, where the door knows it better than that the connection closed. The first failure counts. */
  fail(why: DomainError): void {
    this.#failure ??= why;
  }

  /** Throws why it was stopped or failed: before an act that cannot be taken back. */
  requireUnstopped(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Ends the delivery after the reads under way. Rejects when the shelf cannot record it. `proof`: by what the far side was seen to have it. */
  end(how: Ending, proof?: DeliveryProof): Promise<void> {
    this.#ending ??= this.#end(how, proof);
    return this.#ending;
  }

  async #end(how: Ending, proof?: DeliveryProof): Promise<void> {
    await this.#closeWhenIdle();
    const outcome = this.#outcome(how);
    await this.#shelf.finish(outcome.complete && proof ? { ...outcome, proof } : outcome);
  }

  /** Nothing more is read, and the end is told at once: a machine that stopped reading must not put it off. */
  #stop(reason: string): DomainError {
    const failure = new DomainError('policy-denied', reason);
    this.#failure ??= failure;
    this.#ending ??= Promise.all([this.#shelf.finish(this.#outcome('cut off')), this.#closeWhenIdle()]).then(() => {});
    this.#ending.catch(() => {});
    return failure;
  }

  async #closeWhenIdle(): Promise<void> {
    if (this.#uses > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    // Nothing was written, so a failing close loses nothing; the delivery's end must be told all the same.
    await this.#blob?.close().catch(() => {});
  }

  #outcome(how: Ending): DeliveryEnd {
    const { deliveryId, size } = this.opened;
    const bytes = this.#sent.count;
    if (how === 'closed by the machine' && bytes === size && this.#failure === undefined)
      return { deliveryId, bytes, complete: true };
    const who = how === 'closed by the machine' ? 'the machine closed the file' : 'the connection closed';
    const reason =
      this.#failure === undefined
        ? `${who} after ${bytes} of ${size} bytes`
        : `${this.#failure.code}: ${this.#failure.message}`;
    return { deliveryId, bytes, complete: false, reason: reason.slice(0, 200) };
  }

  /** What reading throws is why the delivery failed; what `use` throws is for whoever called. */
  #lent<T>(offset: number, length: number, use: (bytes: Buffer) => Promise<T>): Promise<T> {
    let isUsed = false;
    const using = async (bytes: Buffer) => {
      if (bytes.length === 0) throw tooShort(this.opened);
      isUsed = true;
      return use(bytes);
    };
    return this.#using(async () => {
      try {
        if (this.#failure !== undefined) throw this.#failure;
        return await (this.#blob?.lend(offset, length, using) ?? using(Buffer.alloc(0)));
      } catch (error) {
        throw isUsed ? error : this.#failed(error);
      }
    });
  }

  async #using<T>(work: () => Promise<T>): Promise<T> {
    this.#uses++;
    try {
      return await work();
    } finally {
      if (--this.#uses === 0) this.#onIdle?.();
    }
  }

  /** The first failure is why the delivery failed. */
  #failed(error: unknown): DomainError {
    this.#failure ??= toDomainError(error);
    return this.#failure;
  }
}

const tooShort = ({ size }: OpenedFile) =>
  new DomainError('bytes-differ', `The vault holds fewer than the ${size} released bytes.`);
