/** The thread beside program-worker.ts that computes both paths of a difference. It holds no key, no store and no door. */
import { parentPort } from 'node:worker_threads';
import type { ComparedPaths } from '../nc/path/compared-paths.ts';
import { type PathsTask, storedPaths } from './program-paths.ts';

parentPort?.on('message', (task: PathsTask) => {
  const paths = storedPaths(task);
  parentPort?.postMessage(paths, storesOf(paths ?? []));
});

/** What is handed over and not copied. */
const storesOf = (paths: ComparedPaths | readonly never[]): ArrayBuffer[] =>
  paths.flatMap(({ path }) =>
    Object.values(path).flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : [])),
  );
