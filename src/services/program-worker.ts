/** The thread that reads programs for screens. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import { PathThread } from './path-thread.ts';
import type { ProgramTask, ProgramTasks } from './program-task.ts';

const beside = new PathThread();
let tasks: ProgramTasks | undefined;

parentPort?.on('message', async (task: ProgramTask) => {
  // Begun before this thread reads its own code, which takes as long as the other one needs for its own.
  const paths = task.kind === 'difference' ? beside.begin(task) : undefined;
  tasks ??= new (await import('./program-task.ts')).ProgramTasks();
  const answer = await tasks.run(task, paths);
  parentPort?.postMessage(answer, [answer.bytes.buffer]);
});
