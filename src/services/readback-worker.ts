/** The thread that reads what machines sent back. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import { type ReadbackTask, runReadback } from './readback-task.ts';

parentPort?.on('message', (task: ReadbackTask) => parentPort?.postMessage(runReadback(task)));
