/**
 * Reads one program in a process of its own, so that what one reader leaves in memory is not in the way of the next:
 * `node bench-nc-reader.ts keyway|streamed|gcode-parser FILE`. Prints one JSON object. The file is in memory before the
 * clock starts; the second of two rounds counts for every reader alike.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inspectFile } from '../../src/nc/preflight/inspect-file.ts';
import { ProgramReader } from '../../src/nc/program/read-program.ts';
import { readMachineProfile } from '../../src/services/machine-profiles.ts';

export type NcReading = { seconds: number; blocks: number; peakBytes: number };

const profile = readMachineProfile(new URL('../../config/machines/haas-vf.yaml', import.meta.url).pathname);
const chunkBytes = 1024 * 1024;

function inspected(bytes: Uint8Array): number {
  return inspectFile({ name: 'BENCH.NC', bytes }, { profile }).facts.lines;
}

function streamed(path: string): number {
  const file = openSync(path, 'r');
  const chunk = new Uint8Array(chunkBytes);
  const reader = new ProgramReader('iso', { block() {} });
  const size = fstatSync(file).size;
  for (let at = 0; at < size; ) {
    const read = readSync(file, chunk, 0, chunkBytes, at);
    reader.push(chunk.subarray(0, read));
    at += read;
  }
  closeSync(file);
  return reader.end().lines;
}

function work(which: string, path: string): () => number {
  if (which === 'streamed') return () => streamed(path);
  const bytes = readFileSync(path);
  if (which === 'keyway') return () => inspected(bytes);
  const { parseStringSync } = createRequire(import.meta.url)('gcode-parser') as {
    parseStringSync(text: string): unknown[];
  };
  const text = bytes.toString('latin1');
  return () => parseStringSync(text).length;
}

const [which = '', path = ''] = process.argv.slice(2);
const read = work(which, path);
const before = process.memoryUsage.rss();
read();
const started = performance.now();
const blocks = read();
const seconds = (performance.now() - started) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ seconds, blocks, peakBytes } satisfies NcReading));
