import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

const inBrowser = 'test/web/**/*.test.ts';

// biome-ignore lint/style/noDefaultExport: vitest asks for one.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: ['test/files-in-memory.ts'],
    pool: 'forks',
    // Stories and faults wait for processes and disks a third of their time: one more than the cores that there are.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most of what a process of a test does is to load its modules: what Node compiled once is kept, as `keyway` does.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    projects: [
      // What a file starts it ends: many share one process, with the modules that it has loaded.
      {
        extends: true,
        test: { name: 'stories', include: ['test/**/*.test.ts'], exclude: [inBrowser], isolate: false },
      },
      // After all others, and a browser for each core: somebody before a screen waits seconds, and not for what three share.
      // Each story opens a gateway of its own; browser and modules are those of the worker.
      {
        extends: true,
        test: { name: 'screens', include: [inBrowser], isolate: false, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
