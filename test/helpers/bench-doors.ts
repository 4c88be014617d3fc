import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
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
): Promise<{ ours: number; peer: number | null }> {
  const measured: { ours: number; peer: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const figures = { ours: await measure(ours), peer: peer === undefined ? 0 : await measure(peer) };
    if (round > 0) measured.push(figures);
  }
  return {
    ours: median(measured.map((one) => one.ours)),
    peer: peer === undefined ? null : median(measured.map((one) => one.peer)),
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
