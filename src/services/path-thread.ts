import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { limits } from '../domain/limits.ts';
import type { ComparedPaths } from '../nc/path/compared-paths.ts';
import type { PathsTask, StoredSide } from './program-paths.ts';

/** Bytes of both programs from which a second thread is worth its start. */
const longBytes = 1_000_000;

/**
 * Computes both paths of a difference while the thread that asks for them compares the texts. It ends with that thread, and
 * whatever ends it ends that one too: bounds in time and memory hold for both.
 */
export class PathThread {
  #worker: Worker | undefined;

  /** Undefined where the asker does it sooner by itself: short programs, one processor. */
  begin(task: PathsTask): Promise<ComparedPaths | undefined> | undefined {
    if (availableParallelism() < 2 || sizeOf(task.before) + sizeOf(task.after) < longBytes) return undefined;
    this.#worker ??= new Worker(new URL('./path-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: limits.inspectionHeapMb },
    });
    const { promise, resolve } = Promise.withResolvers<ComparedPaths | undefined>();
    this.#worker.once('message', resolve);
    this.#worker.postMessage(task);
    return promise;
  }
}

const sizeOf = ({ name, programs }: StoredSide): number => programs.find((one) => one.name === name)?.size ?? 0;
