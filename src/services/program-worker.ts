/** The thread that reads programs for screens. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import { type ProgramTask, runProgramTask } from './program-task.ts';

parentPort?.on('message', (task: ProgramTask) => {
  const answer = runProgramTask(task);
  parentPort?.postMessage(answer, [answer.bytes.buffer]);
});
