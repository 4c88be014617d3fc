/**
 * `npm run bench -- NAME [--json]`: runs `test/bench/NAME.ts` and prints its figures. A goal that is missed is said and
 * is no failure: a benchmark measures, a test judges. Exits 2 for a name that there is not.
 */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, table, thisMachine } from './figures.ts';

// Threads that a benchmark starts load their code as those of the gateway do (main.ts).
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');

const folder = new URL('.', import.meta.url);
const notBenches = new Set(['run.ts', 'figures.ts', 'plot.ts']);

const benchNames = (): string[] =>
  readdirSync(folder)
    .filter((file) => /^[a-z0-9-]+\.ts$/.test(file) && !notBenches.has(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
  const names = benchNames();
  const [name] = positionals;
  if (name === undefined || positionals.length !== 1 || !names.includes(name)) {
    console.error(`Usage: npm run bench -- NAME [--json], where NAME is one of: ${names.join(', ') || '(none yet)'}.`);
    return 2;
  }
  const bench = (await import(new URL(`${name}.ts`, folder).href)) as Bench;
  const machine = thisMachine();
  const result = await bench.run();
  if (values.json) {
    // Scripts read one object from the standard output; what people should know goes beside it.
    for (const note of result.notes ?? []) console.error(`Note: ${note}`);
    console.log(JSON.stringify({ name, machine, figures: result.figures }));
  } else {
    for (const line of table(name, machine, result)) console.log(line);
  }
  return 0;
}

process.exitCode = await main();
