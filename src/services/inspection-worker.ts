/** The thread that reads what strangers wrote. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import { type InspectionTask, runInspection } from './inspection-task.ts';

parentPort?.on('message', (task: InspectionTask) => parentPort?.postMessage(runInspection(task)));
