import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import type { Dialect } from '../domain/nc.ts';
import type { CanonicalDigests, ReadbackRules } from '../domain/nc-canon.ts';
import type { Difference } from '../domain/nc-difference.ts';
import { CanonicalForm } from '../nc/canon/canonical-digests.ts';
import { writings } from '../nc/canon/writing.ts';
import { compareRevisions, type Revision } from '../nc/compare/difference.ts';
import { pathJudge } from '../nc/compare/path-comparison.ts';
import { optionsOf } from '../nc/path/options.ts';
import { pathOf } from '../nc/path/path-of.ts';
import type { MachineProfile } from '../nc/profile/profile.ts';

const pieceBytes = 256 * 1024;

/** Files are named and read here: a thread that gets the bytes would hold them twice. Whoever asks checks the digests. */
export type ReadbackTask =
  | { kind: 'canonical'; file: string; dialect: Dialect; rules: ReadbackRules }
  | { kind: 'difference'; name: string; before: string; after: string; dialect: Dialect; profile?: MachineProfile };
export type ReadbackAnswer =
  | { kind: 'canonical'; digests: CanonicalDigests }
  | { kind: 'difference'; difference: Difference };

/** Pure but for the files, and as long as the programs are. */
export function runReadback(task: ReadbackTask): ReadbackAnswer {
  if (task.kind === 'canonical') return { kind: 'canonical', digests: canonicalOf(task) };
  const { name, before, after, dialect, profile } = task;
  const [older, newer] = [before, after].map(
    (file): Revision => ({ name, bytes: readFileSync(file), dialect, descriptions: new Map() }),
  ) as [Revision, Revision];
  const options = profile ? optionsOf(profile) : {};
  const path = ({ bytes }: Revision) => pathOf({ name, bytes }, { ...options, dialect });
  return { kind: 'difference', difference: compareRevisions(older, newer, pathJudge(path(older), path(newer))) };
}

function canonicalOf({ file, dialect, rules }: Extract<ReadbackTask, { kind: 'canonical' }>): CanonicalDigests {
  const form = new CanonicalForm(writings[dialect], rules);
  const piece = Buffer.allocUnsafe(pieceBytes);
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) form.push(piece.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return form.end();
}
