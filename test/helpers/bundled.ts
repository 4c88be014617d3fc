import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const project = fileURLToPath(new URL('../..', import.meta.url));
const { resolve } = createRequire(import.meta.url);

/**
 * A program of the tests with all that it imports in one file, in `folder`: a process that is started hundreds of times
 * then spends its time on what is tested, and not on finding and reading 200 modules.
 */
export async function bundled(program: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    root: project,
    logLevel: 'warn',
    // Native code stays where it is, named by its path, as nothing stands beside the bundle.
    resolve: { alias: { 'better-sqlite3': resolve('better-sqlite3') } },
    ssr: { noExternal: true },
    build: {
      ssr: program,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: { external: [resolve('better-sqlite3')], output: { entryFileNames: 'bundled.mjs' } },
    },
  });
  return join(folder, 'bundled.mjs');
}
