/** The thread in which rules are tried that nobody signed yet. */
import { parentPort } from 'node:worker_threads';
import { runWhatIf, type WhatIfTask } from './what-if-task.ts';

parentPort?.on('message', (task: WhatIfTask) => parentPort?.postMessage(runWhatIf(task)));
