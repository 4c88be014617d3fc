import { DomainError } from '../../domain/errors.ts';
import type { Outgoing } from './outgoing.ts';
import type { Port } from './port.ts';

/** Carries out the steps of one program on one port. */
export class Transmission {
  readonly #outgoing: Outgoing;
  readonly #port: Pick<Port, 'write'>;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #part: PromiseWithResolvers<void> | undefined;
  #failure: DomainError | undefined;

  constructor(outgoing: Outgoing, port: Pick<Port, 'write'>, now: () => number) {
    this.#outgoing = outgoing;
    this.#port = port;
    this.#now = now;
  }

  /** What tells the control that no more will come. */
  farewell(): Buffer {
    return this.#outgoing.farewell();
  }

  /**
   * Resolves when these bytes have left the line and are acknowledged where the protocol does that. Rejects with why they
   * have not; nothing more is sent then.
   */
  async send(bytes: Buffer, isLast: boolean): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#part = Promise.withResolvers();
    this.#outgoing.feed(bytes, isLast, this.#now());
    this.#proceed();
    await this.#part.promise;
  }

  received(bytes: Buffer): void {
    this.#outgoing.received(bytes, this.#now());
    this.#proceed();
  }

  stop(why: DomainError): void {
    clearTimeout(this.#timer);
    this.#failure ??= why;
    this.#part?.reject(this.#failure);
  }

  #proceed(): void {
    clearTimeout(this.#timer);
    // Between two parts nothing is due.
    while (this.#part && !this.#failure) {
      const step = this.#outgoing.next(this.#now());
      switch (step.do) {
        case 'write':
          this.#write(step.bytes);
          break;
        case 'wait':
          this.#timer = setTimeout(() => this.#proceed(), Math.max(1, step.until - this.#now()));
          return;
        case 'failed':
          this.stop(new DomainError('not-delivered', step.reason));
          return;
        case 'feed':
        case 'done': {
          const part = this.#part;
          this.#part = undefined;
          part.resolve();
        }
      }
    }
  }

  #write(bytes: Buffer): void {
    this.#port.write(bytes).then(
      () => {
        this.#outgoing.written(this.#now());
        this.#proceed();
      },
      (cause: unknown) => this.stop(new DomainError('not-delivered', 'The line is gone.', { cause })),
    );
  }
}
