import type { Logger } from 'pino';
import { limits } from '../domain/limits.ts';
import { inspectionFailed } from '../nc/preflight/inspect-package.ts';
import { BoundedThread, type ThreadBounds } from './bounded-thread.ts';
import type { Inspected, Inspection, InspectionTask } from './inspection-task.ts';

const usual: ThreadBounds = { milliseconds: limits.inspectionMs, heapMb: limits.inspectionHeapMb };

/** Inspects in a thread of its own, one deposit after the other. One whose thread had to be ended is refused. */
export class InspectionThread implements Inspection {
  readonly #log: Logger;
  readonly #thread: BoundedThread<InspectionTask, Inspected>;

  constructor(log: Logger, bounds = usual, program = new URL('./inspection-worker.ts', import.meta.url)) {
    this.#log = log;
    this.#thread = new BoundedThread(program, bounds);
  }

  async inspect(task: InspectionTask): Promise<Inspected> {
    try {
      return await this.#thread.run(task);
    } catch (error) {
      this.#log.error({ err: error, files: task.files.map((file) => file.name) }, 'an inspection was ended');
      return { facts: [], findings: inspectionFailed(task.files), more: 0, holds: [] };
    }
  }
}
