import { Worker } from 'node:worker_threads';

export type ThreadBounds = { milliseconds: number; heapMb: number };

/**
 * Does one task after the other in a thread of its own, so that a program made to exhaust its reader takes neither the
 * gateway nor its clock with it: past its time or its memory the thread is ended, the task is refused, and the next one
 * gets a new thread.
 */
export class BoundedThread<Task, Answer> {
  readonly #program: URL;
  readonly #bounds: ThreadBounds;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(program: URL, bounds: ThreadBounds) {
    this.#program = program;
    this.#bounds = bounds;
  }

  /** What a thread is needed for may be foreseen: then it reads its own code before the first task comes. */
  begin(): void {
    if (this.#worker) return;
    this.#worker = this.#start();
    this.#worker.unref();
  }

  /** Rejects where the thread had to be ended. */
  run(task: Task): Promise<Answer> {
    const done = this.#last.then(() => this.#run(task));
    this.#last = done.catch(() => {});
    return done;
  }

  /** What is under way rejects. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #run(task: Task): Promise<Answer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    // A gateway may end while nothing is under way.
    worker.ref();
    try {
      return await answerOf<Task, Answer>(worker, task, this.#bounds.milliseconds);
    } catch (error) {
      this.#worker = undefined;
      await worker.terminate();
      throw error;
    } finally {
      worker.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { resourceLimits: { maxOldGenerationSizeMb: this.#bounds.heapMb } });
    // One that dies between two tasks is noticed by the next.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

/** Rejects when the thread dies or its time is up. */
function answerOf<Task, Answer>(worker: Worker, task: Task, milliseconds: number): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  const onExit = (code: number) => reject(new Error(`the thread ended with ${code}`));
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', onExit);
  worker.postMessage(task);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', resolve);
    worker.off('error', reject);
    worker.off('exit', onExit);
  });
}
