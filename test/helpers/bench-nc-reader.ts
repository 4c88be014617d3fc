/**
 * Reads one program in a process of its own, so that what one reader leaves in memory is not in the way of the next:
 * `node bench-nc-reader.ts keyway|streamed|gcode-parser FILE`. Prints one JSON object. The file is in memory before the
 * clock starts, and every reader has warmed up on its beginning: a program is read once in life, not in a loop.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inspectFile } from '../../src/nc/preflight/inspect-file.ts';
import { ProgramReader } from '../../src/nc/program/read-program.ts';
import { readMachineProfile } from '../../src/services/machine-profiles.ts';

export type NcReading = { seconds: number; blocks: number; peakBytes: number };

const profile = readMachineProfile(new URL('../../config/machines/haas-vf.yaml', import.meta.url).pathname);
const chunkBytes = 64 * 1024;

const warmUpBytes = 4_000_000;
/** How often the file is read as one program, so that a leak shows. */
const repeats = 10;

type Reader = (bytes: Buffer) => number;
const inspected: Reader = (bytes) => inspectFile({ name: 'BENCH.NC', bytes }, { profile }).facts.lines;
const words: Reader = (bytes) => parseStringSync(bytes.toString('latin1')).length;
const { parseStringSync } = createRequire(import.meta.url)('gcode-parser') as {
  parseStringSync(text: string): unknown[];
};

/** Never holds more of the file than a piece. */
function streamed(path: string): number {
  const chunk = new Uint8Array(chunkBytes);
  const reader = new ProgramReader('iso', { block() {} });
  for (let repeat = 0; repeat < repeats; repeat++) {
    const file = openSync(path, 'r');
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) reader.push(chunk.subarray(0, read));
    closeSync(file);
  }
  return reader.end().lines;
}

function measured(work: () => number): NcReading {
  const before = process.memoryUsage.rss();
  const started = performance.now();
  const blocks = work();
  const seconds = (performance.now() - started) / 1000;
  return { seconds, blocks, peakBytes: process.resourceUsage().maxRSS * 1024 - before };
}

function reading(which: string, path: string): NcReading {
  if (which === 'streamed') return measured(() => streamed(path));
  const read = which === 'keyway' ? inspected : words;
  const bytes = readFileSync(path);
  read(bytes.subarray(0, warmUpBytes));
  return measured(() => read(bytes));
}

const [which = '', path = ''] = process.argv.slice(2);
console.log(JSON.stringify(reading(which, path)));
