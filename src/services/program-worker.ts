/** The thread that reads programs for screens. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import { type ProgramTask, ProgramTasks } from './program-task.ts';

const tasks = new ProgramTasks();
parentPort?.on('message', (task: ProgramTask) => {
  const answer = tasks.run(task);
  parentPort?.postMessage(answer, [answer.bytes.buffer]);
});
