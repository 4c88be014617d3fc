import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Digest, digestFromHex } from '../../src/domain/digest.ts';
import type { OpenSshHome } from './sftp-openssh.ts';

const pieceBytes = 1024 * 1024;
const rounds = 3;

export type BenchFile = { file: string; digest: Digest; size: number };

/** Written piece by piece: a process that holds much memory is slow to start others, and would be what is measured. */
export function randomFile(home: OpenSshHome, name: string, size: number): BenchFile {
  const file = home.path(name);
  const hash = createHash('sha256');
  const fd = openSync(file, 'w');
  for (let at = 0; at < size; at += pieceBytes) {
    const piece = randomBytes(Math.min(pieceBytes, size - at));
    hash.update(piece);
    writeSync(fd, piece);
  }
  closeSync(fd);
  return { file, digest: digestFromHex(hash.digest('hex')), size };
}

/** One round each to warm up (our first pull of a blob hashes the whole of it), then the median of `rounds`. */
export async function inTurns<Served>(
  ours: Served,
  peer: Served | undefined,
  measure: (server: Served) => Promise<number>,
): Promise<Measured> {
  const { figure } = await inTurnsOf(ours, peer, async (server) => ({ figure: await measure(server) }));
  return figure;
}

export type Measured = { ours: number; peer: number | null };

/** As `inTurns`, for several figures of one measurement. */
export async function inTurnsOf<Served, What extends string>(
  ours: Served,
  peer: Served | undefined,
  measure: (server: Served) => Promise<Record<What, number>>,
): Promise<Record<What, Measured>> {
  const measured: { ours: Record<What, number>; peer: Record<What, number> | undefined }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const figures = { ours: await measure(ours), peer: peer && (await measure(peer)) };
    if (round > 0) measured.push(figures);
  }
  const whats = Object.keys(measured[0]?.ours ?? {}) as What[];
  const medianOf = (what: What): Measured => ({
    ours: median(measured.map((one) => one.ours[what])),
    peer: peer === undefined ? null : median(measured.map((one) => one.peer?.[what] ?? 0)),
  });
  return Object.fromEntries(whats.map((what) => [what, medianOf(what)])) as Record<What, Measured>;
}

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Linux counts processor time in hundredths of a second, on every machine (USER_HZ of time(7)). */
const ticksPerSecond = 100;

/** Processor time of these processes, and of the children that they have waited for (proc(5)), in milliseconds. */
export function processorMs(pids: readonly number[]): number {
  const ticks = pids.flatMap((pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything: utime, stime, cutime and cstime.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
  });
  return (ticks.reduce((sum, one) => sum + one, 0) * 1000) / ticksPerSecond;
}

/** Memory that these processes hold, in kB. */
export const residentKb = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  }, 0);
