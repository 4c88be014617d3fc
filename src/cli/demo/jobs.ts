import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { FileName } from '../../domain/text.ts';
import { canonicalJson } from '../../platform/hash.ts';
import { parseSidecar } from '../../services/sidecar.ts';

/** One drop: a sidecar and its files, as a programmer would put them into the folder. */
export type Job = {
  label: string;
  sidecarName: string;
  sidecar: Buffer;
  files: { name: string; bytes: Buffer }[];
  group: string;
};
/** What the story is told with: jobs to release, and a later revision of the first that nobody approves. */
export type Jobs = { released: Job[]; unapproved: Job; skipped: string[] };

const sample = fileURLToPath(new URL('../../../config/sample/', import.meta.url));
/** More would make the story long, not better. */
const filesShown = 25;

export const sampleJobs = (): Jobs => ({
  released: [readJob(sample, 'BRKT-4471-D-OP20.keyway.yaml')],
  unapproved: readJob(join(sample, 'rev-e'), 'BRKT-4471-E-OP20.keyway.yaml'),
  skipped: [],
});

function readJob(folder: string, sidecarName: string): Job {
  const sidecar = readFileSync(join(folder, sidecarName));
  const parsed = parseSidecar(sidecarName, sidecar);
  if ('problems' in parsed) throw new DomainError('sidecar-invalid', `${sidecarName}: ${parsed.problems[0]?.message}`);
  const { part, revision, operation, machineGroup, files } = parsed.sidecar;
  return {
    label: `${part} revision ${revision} operation ${operation}`,
    sidecarName,
    sidecar,
    files: files.map(({ name }) => ({ name, bytes: readFileSync(join(folder, name)) })),
    group: machineGroup,
  };
}

/** Each regular file of the reader's folder as a job of its own; what cannot be one is named, with why. */
export function jobsFrom(folder: string): Jobs {
  const skipped: string[] = [];
  const released: Job[] = [];
  for (const name of readdirSync(resolve(folder)).sort()) {
    const path = join(resolve(folder), name);
    const stat = statSync(path);
    if (!stat.isFile() || name.startsWith('.') || /\.keyway\.(ya?ml|json)$/.test(name)) continue;
    if (released.length >= filesShown) skipped.push(`${name}: the demo takes ${filesShown} files`);
    else if (!FileName.safeParse(name).success) skipped.push(`${name}: this name cannot stand on a shelf`);
    else if (stat.size === 0 || stat.size > limits.inspectBytes) skipped.push(`${name}: ${stat.size} bytes`);
    else released.push(madeJob(name, 'A', readFileSync(path), released.length));
  }
  const [first] = released;
  if (!first) throw new DomainError('not-found', `${folder} holds no file that could be released.`);
  const [file] = first.files;
  return {
    released,
    unapproved: madeJob(file?.name ?? '', 'B', withComment(file?.bytes ?? Buffer.alloc(0)), 0),
    skipped,
  };
}

function madeJob(name: string, revision: string, bytes: Buffer, number: number): Job {
  const stem = basename(name, extname(name))
    .replace(/[^A-Za-z0-9._+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[-.]+$/g, '')
    .slice(0, 50);
  const part = stem || `PART-${number + 1}`;
  const sidecar = {
    part,
    revision,
    operation: String(10 * (number + 1)),
    machineGroup: 'MILL',
    author: 'CAM-1',
    changeOrder: 'ECO-DEMO',
    classification: { jurisdiction: 'none' },
    files: [{ name, role: 'main-program' }],
  };
  const sidecarName = `${part}-${revision}-${number + 1}.keyway.json`;
  return {
    label: `${part} revision ${revision}`,
    sidecarName,
    sidecar: canonicalJson(sidecar),
    files: [{ name, bytes }],
    group: 'MILL',
  };
}

/** A later revision of a program: the same with one more comment line near its top. */
function withComment(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0x0a);
  const cr = end > 0 && bytes[end - 1] === 0x0d ? '\r' : '';
  const line = Buffer.from(`(REVISION B)${cr}\n`);
  return end < 0
    ? Buffer.concat([line, bytes])
    : Buffer.concat([bytes.subarray(0, end + 1), line, bytes.subarray(end + 1)]);
}
