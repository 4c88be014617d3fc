import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { limits } from '../domain/limits.ts';
import { inspectionFailed } from '../nc/preflight/inspect-package.ts';
import type { Inspected, Inspection, InspectionTask } from './inspection-task.ts';

type Bounds = { milliseconds: number; heapMb: number };
const usual: Bounds = { milliseconds: limits.inspectionMs, heapMb: limits.inspectionHeapMb };

/**
 * Inspects in a thread of its own, one deposit after the other, so that a program made to exhaust its reader takes
 * neither the gateway nor its clock with it: past its time or its memory the thread is ended, the deposit is refused,
 * and the next one gets a new thread.
 */
export class InspectionThread implements Inspection {
  readonly #log: Logger;
  readonly #bounds: Bounds;
  readonly #program: URL;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: Logger, bounds = usual, program = new URL('./inspection-worker.ts', import.meta.url)) {
    this.#log = log;
    this.#bounds = bounds;
    this.#program = program;
  }

  inspect(task: InspectionTask): Promise<Inspected> {
    const inspected = this.#last.then(() => this.#inspect(task));
    this.#last = inspected;
    return inspected;
  }

  async #inspect(task: InspectionTask): Promise<Inspected> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    // A gateway may end while nothing is inspected.
    worker.ref();
    try {
      return await answerOf(worker, task, this.#bounds.milliseconds);
    } catch (error) {
      this.#log.error({ err: error, files: task.files.map((file) => file.name) }, 'an inspection was ended');
      this.#worker = undefined;
      await worker.terminate();
      return { facts: [], findings: inspectionFailed(task.files), more: 0, holds: [], waived: [] };
    } finally {
      worker.unref();
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { resourceLimits: { maxOldGenerationSizeMb: this.#bounds.heapMb } });
    // One that dies between two deposits is noticed by the next.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

/** Rejects when the thread dies or its time is up. */
function answerOf(worker: Worker, task: InspectionTask, milliseconds: number): Promise<Inspected> {
  const { promise, resolve, reject } = Promise.withResolvers<Inspected>();
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
