import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { BoundedThread } from './bounded-thread.ts';
import type { ProgramAnswer, ProgramTask } from './program-task.ts';
import { RememberedBytes } from './remembered-bytes.ts';

export type ProgramThread = Pick<BoundedThread<ProgramTask, ProgramAnswer>, 'begin' | 'run' | 'stop'>;

/**
 * What is computed from programs for screens, in a thread that may die, since a program is a stranger's; remembered by the digests
 * of all that it was computed from. Nothing is decided here: whoever asks has decided, and decides again behind it.
 */
export class ComputedPrograms {
  readonly #thread: ProgramThread;
  readonly #remembered = new RememberedBytes(limits.programTasksBytes);
  readonly #running = new Map<string, Promise<Buffer>>();

  constructor(thread: ProgramThread) {
    this.#thread = thread;
  }

  /** Something will be asked for. */
  expect(): void {
    this.#thread.begin();
  }

  /** Two who ask for the same wait for one answer. Throws `busy`, and `too-large` for what could not be computed. */
  async of(task: ProgramTask): Promise<Buffer> {
    const key = digestOf(canonicalJson(JSON.parse(JSON.stringify(task)) as ProgramTask));
    const known = this.#remembered.get(key) ?? this.#running.get(key);
    if (known) return known;
    if (this.#running.size >= limits.programTasks)
      throw new DomainError('busy', 'Many programs are being computed; try again in a moment.');
    const made = this.#thread
      .run(task)
      .then(({ bytes }) => this.#remembered.keep(key, Buffer.from(bytes.buffer)))
      .catch((cause: unknown) => {
        throw new DomainError('too-large', 'This program could not be computed here in its time; look at its text.', {
          cause,
        });
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, made);
    return made;
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

export const programThread = (): ProgramThread =>
  new BoundedThread<ProgramTask, ProgramAnswer>(new URL('./program-worker.ts', import.meta.url), {
    milliseconds: limits.programTaskMs,
    heapMb: limits.inspectionHeapMb,
  });
