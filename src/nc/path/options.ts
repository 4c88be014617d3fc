import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { MachineProfile } from '../profile/profile.ts';
import type { Point } from './frame.ts';

/** A program that another one calls. */
export type ProgramFile = { name: string; bytes: Uint8Array };

/** What a path depends on beside the program. Lengths in millimetres. */
export type PathOptions = {
  dialect: Dialect;
  /** Turning: FANUC's G-code system A, X as a diameter. */
  lathe: boolean;
  unitAtStart: 'inch' | 'millimetre';
  /** What `X100` without a point is: 100 units (undefined), or 100 steps of this size, in the program's unit. */
  smallestStep: number | undefined;
  rapidPerMinute: number;
  toolChangeSeconds: number;
  /** The largest distance between an arc and its chords. */
  tolerance: number;
  /** What G73 and G83 leave between a peck and the next feed, where the program does not say: a parameter of the control. */
  peckClearance: number;
  /** Blocks that are run at most. */
  steps: number;
  /** Whether the switch "block skip" is on: blocks with `/` are then left out. */
  skipBlocks: boolean;
  /** Where the machine stands before the first block. NaN where that is not known. */
  start: Point;
  /** What G28 reaches, and G30; NaN where it is not known. */
  home: Point;
  secondHome: Point;
  /** Values of work offsets that are known, by their name in the program: `G54`, `G54.1 P3`. Others count as 0. */
  workOffsets: ReadonlyMap<string, Point>;
  /** Tool lengths that are known, by offset number. Others count as 0. */
  toolLengths: ReadonlyMap<number, number>;
  /** What probing finds, where that is said: whether it touches, and how far before the end of its way it stops. */
  probe: { touches: boolean; short: number } | undefined;
  /** The program that a call names, out of the package. */
  called(target: number | string): ProgramFile | undefined;
};

const nowhere: Point = [Number.NaN, Number.NaN, Number.NaN];

/** A machine of which nothing is known but its language. */
export const usualOptions: PathOptions = {
  dialect: 'iso',
  lathe: false,
  unitAtStart: 'millimetre',
  smallestStep: undefined,
  rapidPerMinute: 20_000,
  toolChangeSeconds: 6,
  tolerance: 0.01,
  peckClearance: 0.254,
  steps: limits.ncPathSteps,
  skipBlocks: false,
  start: nowhere,
  home: nowhere,
  secondHome: nowhere,
  workOffsets: new Map(),
  toolLengths: new Map(),
  probe: undefined,
  called: () => undefined,
};

/** What a machine's profile says. */
export function optionsOf(profile: MachineProfile): PathOptions {
  const scale = profile.unit === 'inch' ? 25.4 : 1;
  return {
    ...usualOptions,
    dialect: profile.dialect,
    lathe: profile.kind !== 'mill',
    unitAtStart: profile.unitAtStart,
    smallestStep: profile.withoutPoint === 'smallest-step' ? profile.smallestStep : undefined,
    rapidPerMinute: profile.rapid ? profile.rapid.perMinute * scale : usualOptions.rapidPerMinute,
    toolChangeSeconds: profile.toolChangeSeconds ?? usualOptions.toolChangeSeconds,
  };
}

/** The program of a package that `target` names: by its number in the file name (`O1234.NC`, `1234`), or by the name. */
export function calledIn(files: readonly ProgramFile[]): (target: number | string) => ProgramFile | undefined {
  const byName = new Map<string, ProgramFile>();
  const byNumber = new Map<number, ProgramFile>();
  for (const file of files) {
    const stem = stemOf(file.name);
    byName.set(stem, file);
    byName.set(file.name.toUpperCase(), file);
    const digits = /^[O:]?(\d{1,8})$/.exec(stem)?.[1];
    if (digits !== undefined) byNumber.set(Number(digits), file);
  }
  return (target) =>
    typeof target === 'number'
      ? byNumber.get(target)
      : (byName.get(stemOf(target)) ?? byName.get(target.toUpperCase()));
}

/** Without folder and extension, as calls leave them out or write them: `_N_HOLES_SPF`, `TNC:\\NC\\HOLES.H`. */
function stemOf(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toUpperCase();
  const siemens = /^_N_(.+)_(MPF|SPF)$/.exec(base)?.[1];
  if (siemens !== undefined) return siemens;
  const dot = base.indexOf('.');
  return dot > 0 ? base.slice(0, dot) : base;
}
