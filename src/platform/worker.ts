import { type ResourceLimits, Worker } from 'node:worker_threads';

export type RunningWorker<T> = {
  /** The one message that the program posts; rejects with what it threw, or when it ended without one. */
  result: Promise<T>;
  stop(): Promise<unknown>;
};

/** Runs a program of ours to its end in a thread. Types at both ends are the caller's word: nobody else talks there. */
export function runWorker<T>(program: URL, workerData: unknown, resourceLimits: ResourceLimits = {}): RunningWorker<T> {
  const worker = new Worker(program, { workerData, resourceLimits });
  const result = new Promise<T>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} and without an answer`)));
  });
  return { result, stop: () => worker.terminate() };
}
