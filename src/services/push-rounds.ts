import type { Logger } from 'pino';
import type { PushQueue } from './push-queue.ts';
import type { ScheduledReadback } from './scheduled-readback.ts';

export type Pushing = { queue: PushQueue; byRule(): Promise<void>; readback: ScheduledReadback };

/** Looks now and then what is to be pushed, and what to be read back. A round that lasts is not begun a second time. */
export class PushRounds {
  readonly #pushing: Pushing;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;

  constructor(pushing: Pushing, everyMs: number, log: Pick<Logger, 'warn'>) {
    this.#pushing = pushing;
    this.#timer = setInterval(() => {
      this.#round ??= pushing
        .byRule()
        .catch((err: unknown) => log.warn({ err }, 'what is pushed by rule could not be asked for'))
        .finally(() => {
          this.#round = undefined;
        });
      pushing.queue.look();
      pushing.readback.look();
    }, everyMs);
  }

  /** What is under way ends with its door. */
  beginNothing(): void {
    clearInterval(this.#timer);
    this.#pushing.queue.beginNothing();
  }

  async ended(): Promise<void> {
    await this.#round;
    await this.#pushing.queue.idle();
    await this.#pushing.readback.idle();
  }
}
