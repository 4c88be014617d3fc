import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Dialect } from '../../src/domain/nc.ts';
import { optionsOf } from '../../src/nc/path/options.ts';
import { pathOf } from '../../src/nc/path/path-of.ts';
import { segmentKind } from '../../src/nc/path/toolpath.ts';
import { inspectFile } from '../../src/nc/preflight/inspect-file.ts';
import { type MachineProfile, MachineProfile as Profile } from '../../src/nc/profile/profile.ts';

const folder = new URL('../vectors/nc/programs', import.meta.url).pathname;

/** Programs as post-processors and people at machines write them: `VENDOR-WHAT.EXTENSION`. */
export const vendorPrograms = (): { name: string; bytes: Buffer }[] =>
  readdirSync(folder)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));

/** What is expected of each of them, looked at line by line. */
export const expected = (): Record<string, Told> => JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

/** A lathe where the program's name says so. */
function profileOf(name: string, dialect: Dialect): MachineProfile | undefined {
  if (!/lathe|turn/.test(name)) return undefined;
  const machine = { name: 'lathe', groups: ['LATHE'], control: 'a lathe', flavour: 'fanuc', kind: 'lathe' };
  return Profile.parse({ ...machine, dialect, unit: 'millimetre', unitAtStart: 'millimetre' });
}

export type Told = {
  dialect: string;
  program: string;
  units: string;
  tools: string;
  calls: string;
  offsets: string;
  cycles: string;
  written: string;
  findings: string[];
  path: { moves: number; end: string; notes: string[] };
};

/** What Keyway says of a program, in short. */
export function tell({ name, bytes }: { name: string; bytes: Buffer }): Told {
  const detected = Dialect.parse(inspectFile({ name, bytes }).facts.dialect);
  const profile = profileOf(name, detected);
  const { facts, findings } = inspectFile({ name, bytes }, { profile });
  const { details } = facts;
  const { path, notes, end } = pathOf(
    { name, bytes },
    { ...(profile ? optionsOf(profile) : {}), dialect: detected, start: [0, 0, 0], steps: 20_000 },
  );
  let moves = 0;
  for (let at = 0; at < path.count; at++)
    if ((path.kind[at] as number) <= segmentKind.counterClockwise && path.move[at] !== path.move[at + 1]) moves++;
  return {
    dialect: facts.dialect,
    program: facts.programNumber ?? facts.programName ?? '',
    units: facts.units,
    tools: (details?.tools ?? []).map(({ tool, offsets }) => [tool, ...offsets].join(' ')).join(', '),
    calls: facts.calls.join(', '),
    offsets: (details?.workOffsets ?? []).join(', '),
    cycles: (details?.cycles ?? []).join(', '),
    written: (details?.variablesWritten ?? []).join(', '),
    findings: findings.map(({ rule, line }) => `${rule} ${line ?? ''}`.trim()),
    path: { moves, end, notes: notes.map(({ kind, what, lines }) => `${kind} ${what} ${lines[0]}`) },
  };
}
