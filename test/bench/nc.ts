import { execFileSync, spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareRevisions, type Revision } from '../../src/nc/compare/difference.ts';
import { inspectFile } from '../../src/nc/preflight/inspect-file.ts';
import { onPath } from '../debian-packages.ts';
import type { NcReading } from '../helpers/bench-nc-reader.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';
import { type BenchResult, type Figure, figure } from './figures.ts';

const lines = 1_000_000;
const reader = fileURLToPath(new URL('../helpers/bench-nc-reader.ts', import.meta.url));

/** Reading, facts and preflight of a long program beside npm's reader and LinuxCNC's; then what an enemy would send. */
export async function run(): Promise<BenchResult> {
  const folder = temporaryFolder();
  const notes: string[] = [];
  try {
    const file = join(folder.folder, 'long.ngc');
    writeFileSync(file, longProgram(lines));
    return { figures: [...long(file, folder.folder, notes), difference(), ...hostile()], notes };
  } finally {
    folder.remove();
  }
}

function long(file: string, folder: string, notes: string[]): Figure[] {
  const megabytes = statSync(file).size / 1e6;
  const ours = inOwnProcess('keyway', file);
  const streamed = inOwnProcess('streamed', file);
  const npm = inOwnProcess('gcode-parser', file);
  const linuxcnc = interpreted(file, folder, notes);
  notes.push(
    `The program has ${lines.toLocaleString('en-GB')} lines of ${((megabytes * 1e6) / lines).toFixed(1)} bytes.`,
  );
  const what = 'lex, facts and preflight of 1,000,000 lines';
  const rate = { unit: 'lines/s', better: 'more' as const, ours: lines / ours.seconds };
  const memory = { unit: 'times the file', better: 'less' as const, peer: 3, peerName: 'what is allowed', goal: 1 };
  const ofFile = (bytes: number) => bytes / 1e6 / megabytes;
  return [
    figure({ what, ...rate, peer: lines / npm.seconds, peerName: 'npm gcode-parser, words only', goal: 10 }),
    figure({ what, ...rate, peer: linuxcnc && lines / linuxcnc, peerName: 'rs274 of LinuxCNC', goal: 5 }),
    figure({
      what,
      ...rate,
      unit: 'MB/s',
      ours: megabytes / ours.seconds,
      peer: 60,
      peerName: 'what is wanted',
      goal: 1,
    }),
    figure({ what: 'memory beside the program, held whole', ...memory, ours: 1 + ofFile(ours.peakBytes) }),
    figure({
      what: 'memory in all, ten times as long and read in pieces of 64 KiB',
      ...memory,
      ours: ofFile(streamed.peakBytes) / 10,
    }),
  ];
}

/** The fastest of three: what else the machine does slows readers down and never makes one fast. */
function inOwnProcess(which: string, file: string): NcReading {
  const readings = Array.from({ length: 3 }, () => once(which, file)).sort((a, b) => a.seconds - b.seconds);
  return readings[0] as NcReading;
}

function once(which: string, file: string): NcReading {
  const text = execFileSync(process.execPath, ['--max-old-space-size=6000', reader, which, file], { encoding: 'utf8' });
  return JSON.parse(text) as NcReading;
}

/** Seconds that rs274 takes, its start included; undefined where it is not there or refuses the program. */
function interpreted(file: string, folder: string, notes: string[]): number | null {
  if (!onPath('rs274')) {
    notes.push('linuxcnc-uspace is not installed: rs274 was not measured.');
    return null;
  }
  const table = join(folder, 'tool.tbl');
  writeFileSync(table, Array.from({ length: 99 }, (_, at) => `T${at + 1} P${at + 1} Z1.0 D0.5\n`).join(''));
  const attempts = Array.from({ length: 3 }, () => interpretedOnce(file, folder, table));
  const [fastest] = attempts.toSorted((a, b) => a.seconds - b.seconds);
  const refusal = attempts.find(({ refused }) => refused !== undefined)?.refused;
  if (refusal === undefined) return fastest?.seconds ?? null;
  notes.push(`rs274 refused the program: ${refusal}`);
  return null;
}

function interpretedOnce(
  file: string,
  folder: string,
  table: string,
): { seconds: number; refused: string | undefined } {
  const started = performance.now();
  const { status, stderr } = spawnSync(
    'rs274',
    ['-t', table, '-v', join(folder, 'rs274.var'), '-g', file, '/dev/null'],
    {
      encoding: 'utf8',
    },
  );
  const seconds = (performance.now() - started) / 1000;
  return { seconds, refused: status === 0 ? undefined : `exit ${status}: ${stderr.trim().slice(-200)}` };
}

/** A finishing pass as CAM systems post it: short moves, now and then an arc, a new feed, a comment. The same each time. */
function longProgram(lines: number): string {
  let seed = 4471;
  const next = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  const length = (most: number) => ((next() * 2 - 1) * most).toFixed(4).replace(/^(-?)0\./, '$1.');
  const text = ['%', '(BENCH)', 'G20 G17 G40 G80 G90', 'T1 M6', 'S5000 M3', 'G0 X0. Y0.', 'G43 Z1. H1', 'G1 F40.'];
  for (let at = text.length; at < lines - 2; at++) {
    const kind = next();
    const number = `N${(at * 10) % 99_990}`;
    if (kind < 0.7) text.push(`${number}X${length(5)}Y${length(5)}`);
    else if (kind < 0.85) text.push(`${number}G1X${length(5)}Y${length(5)}Z${length(1)}`);
    else if (kind < 0.93) text.push(`X${length(5)} Z${length(1)} F${(next() * 100 + 1).toFixed(1)}`);
    else if (kind < 0.98) text.push(`G3 X${length(5)} Y${length(5)} R9.`, 'G1');
    else text.push(`(PASS ${at})`);
  }
  text.length = lines - 2;
  return `${[...text, 'M30', '%'].join('\n')}\n`;
}

/** Two revisions with three edits: a feed, a point, a line more. */
function difference(): Figure {
  const before = longProgram(300_000).split('\n');
  const after = before
    .with(50_000, `${before[50_000]} F12.`)
    .with(150_000, 'X1.2345Y2.3456')
    .toSpliced(250_000, 0, 'M8');
  const [older, newer] = [before, after].map((all) => revision(Buffer.from(all.join('\n'))));
  let seconds = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && older && newer; round++) {
    const started = performance.now();
    compareRevisions(older, newer);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  const allowed = { unit: 's', better: 'less' as const, peer: 0.5, peerName: 'what is allowed', goal: 1 };
  return figure({ what: 'difference of two revisions of 300,000 lines with 3 edits', ...allowed, ours: seconds });
}

const revision = (bytes: Uint8Array): Revision => ({
  name: 'LONG.NC',
  bytes,
  dialect: 'iso',
  descriptions: new Map(),
});

function hostile(): Figure[] {
  const seconds = (bytes: Buffer) => {
    const started = performance.now();
    inspectFile({ name: 'A.NC', bytes });
    return (performance.now() - started) / 1000;
  };
  const inputs: [string, Buffer][] = [
    ['1 MB of opening parentheses', Buffer.alloc(1e6, '(')],
    ['1 MB of number signs', Buffer.alloc(1e6, '#')],
    ['a line of 10 MB', Buffer.alloc(1e7, 'X1.5Y2')],
    ['70,000 jumps back', Buffer.from(Array.from({ length: 70_000 }, (_, at) => `N${at}GOTO${at}`).join('\n'))],
  ];
  const limit = { unit: 's', better: 'less' as const, peer: 2, peerName: 'what is allowed', goal: 1 };
  return inputs.map(([what, bytes]) => figure({ what, ...limit, ours: seconds(bytes) }));
}
