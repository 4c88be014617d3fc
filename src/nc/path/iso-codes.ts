import type { PathOptions } from './options.ts';

/** What a G code does to the path. */
export type CodeMeaning =
  | { does: 'motion'; motion: Motion }
  | { does: 'cycle'; cycle: DrillCycle }
  | { does: 'turning'; cycle: 'straight' | 'face' | 'thread' }
  | { does: 'cycle-off' }
  /** Takes the axis words of this block for itself. */
  | { does: 'once'; once: Once }
  | { does: 'plane'; plane: 17 | 18 | 19 }
  | { does: 'unit'; scale: 1 | 25.4 }
  | { does: 'distance'; absolute: boolean }
  | { does: 'feed-mode'; mode: 'per-minute' | 'per-revolution' | 'inverse-time' }
  | { does: 'surface-speed'; on: boolean }
  | { does: 'compensation'; side: 0 | 1 | 2 }
  | { does: 'length'; on: boolean }
  | { does: 'work'; name: string; extended: boolean }
  | { does: 'return-level'; initial: boolean }
  | { does: 'polar'; on: boolean }
  /** X is a diameter. */
  | { does: 'diameter'; on: boolean }
  /** I, J and K of arcs are a point, or a way from the start. */
  | { does: 'centres'; absolute: boolean }
  /** On until `off` names it: the path is not where the machine goes. */
  | { does: 'doubt'; what: string; off: boolean; settings?: true }
  /** Changes nothing that the path shows: exact stop, look-ahead. */
  | { does: 'nothing' };

export type Motion =
  | 'rapid'
  | 'line'
  | 'clockwise'
  | 'counter-clockwise'
  | 'thread'
  | 'none'
  /** LinuxCNC's G5, G5.1 and G5.2. */
  | 'cubic'
  | 'quadratic'
  | 'nurbs';
export type DrillCycle =
  | 'drill'
  | 'dwell'
  | 'peck'
  | 'chip-break'
  | 'tap'
  | 'tap-left'
  | 'bore'
  | 'bore-dwell'
  | 'bore-stop'
  | 'fine-bore'
  | 'back-bore'
  | 'bore-manual';
export type Once =
  | 'dwell'
  | 'data'
  | 'home'
  | 'home-return'
  | 'second-home'
  | 'machine'
  | 'local'
  | 'set-position'
  | 'clear-position'
  | 'rotate'
  | 'rotate-off'
  | 'scale'
  | 'scale-off'
  | 'mirror'
  | 'mirror-off'
  | 'speed-limit'
  /** Its words are data for the control, and no motion. */
  | 'not-followed'
  | 'finish-profile'
  | 'rough-along'
  | 'rough-across'
  | 'rough-copies'
  | 'groove-along'
  | 'groove-across'
  | 'thread-passes'
  /** LinuxCNC. */
  | 'keep-home'
  | 'keep-second-home'
  | 'suspend-position'
  | 'restore-position'
  | 'tool-offset'
  | 'probe'
  | 'rigid-tap'
  | 'nurbs-end'
  /** Words that say how the axes are read or which plane is tilted: they move nothing. */
  | 'settings';

export type CodeTable = ReadonlyMap<number, CodeMeaning>;

export const motion = (is: Motion): CodeMeaning => ({ does: 'motion', motion: is });
export const cycle = (is: DrillCycle): CodeMeaning => ({ does: 'cycle', cycle: is });
export const once = (is: Once): CodeMeaning => ({ does: 'once', once: is });
export const doubt = (what: string, off = false): CodeMeaning => ({ does: 'doubt', what, off });
/** Its axis words say which plane or cylinder it is, and move nothing. */
const tilt = (what: string): CodeMeaning => ({ does: 'doubt', what, off: false, settings: true });
export const nothing: CodeMeaning = { does: 'nothing' };

export const work = (name: string, extended = false): CodeMeaning => ({ does: 'work', name, extended });

/** What all of these controls share. Keys are tenths: 541 is G54.1. */
export const common: readonly (readonly [number, CodeMeaning])[] = [
  [0, motion('rapid')],
  [10, motion('line')],
  [20, motion('clockwise')],
  [30, motion('counter-clockwise')],
  [40, once('dwell')],
  [170, { does: 'plane', plane: 17 }],
  [180, { does: 'plane', plane: 18 }],
  [190, { does: 'plane', plane: 19 }],
  [400, { does: 'compensation', side: 0 }],
  [410, { does: 'compensation', side: 1 }],
  [420, { does: 'compensation', side: 2 }],
  [530, once('machine')],
  ...[54, 55, 56, 57, 58, 59].map((code) => [code * 10, work(`G${code}`)] as const),
  ...[90, 600, 610, 620, 630, 640].map((code) => [code, nothing] as const),
];

const iso: readonly (readonly [number, CodeMeaning])[] = [
  ...common,
  ...[51, 80, 110, 220, 230, 250, 260].map((code) => [code, nothing] as const),
  [100, once('data')],
  [109, once('settings')],
  [200, { does: 'unit', scale: 25.4 }],
  [210, { does: 'unit', scale: 1 }],
  [280, once('home')],
  [290, once('home-return')],
  [300, once('second-home')],
  [430, { does: 'length', on: true }],
  [440, { does: 'length', on: true }],
  [490, { does: 'length', on: false }],
  [520, once('local')],
  ...[1, 2, 3].map((code) => [590 + code, work(`G59.${code}`)] as const),
  [541, work('G54.1', true)],
  [1540, work('G154', true)],
  [800, { does: 'cycle-off' }],
  [920, once('set-position')],
  [921, once('clear-position')],
  [922, once('clear-position')],
  [681, doubt('G68.1')],
  [682, tilt('G68.2')],
  [683, tilt('G68.3')],
  [684, tilt('G68.4')],
  [431, doubt('G43.1')],
  [434, doubt('G43.4')],
  [435, doubt('G43.5')],
  [71, tilt('G7.1')],
  [1070, tilt('G107')],
  [512, tilt('G51.2')],
  [1120, doubt('G112')],
  [1130, doubt('G112', true)],
];

const mill: readonly (readonly [number, CodeMeaning])[] = [
  ...iso,
  // Of Haas and Hurco: pockets, engraving and patterns of holes. Their words are no move.
  ...[12, 13, 47, 70, 71, 72, 150].map((code) => [code * 10, once('settings')] as const),
  [150, { does: 'polar', on: false }],
  [160, { does: 'polar', on: true }],
  [500, once('scale-off')],
  [510, once('scale')],
  [501, once('mirror-off')],
  [511, once('mirror')],
  [680, once('rotate')],
  [690, once('rotate-off')],
  [730, cycle('chip-break')],
  [740, cycle('tap-left')],
  [760, cycle('fine-bore')],
  [810, cycle('drill')],
  [820, cycle('dwell')],
  [830, cycle('peck')],
  [840, cycle('tap')],
  [850, cycle('bore')],
  [860, cycle('bore-stop')],
  [870, cycle('back-bore')],
  [880, cycle('bore-manual')],
  [890, cycle('bore-dwell')],
  [900, { does: 'distance', absolute: true }],
  [910, { does: 'distance', absolute: false }],
  // rs274 and Hurco: centres of arcs from the start, which is what is done everywhere here.
  [911, nothing],
  [930, { does: 'feed-mode', mode: 'inverse-time' }],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
  [960, { does: 'surface-speed', on: true }],
  [970, { does: 'surface-speed', on: false }],
  [980, { does: 'return-level', initial: true }],
  [990, { does: 'return-level', initial: false }],
];

/** FANUC's G-code system A. */
const lathe: readonly (readonly [number, CodeMeaning])[] = [
  ...iso,
  [320, motion('thread')],
  [330, motion('thread')],
  [500, once('speed-limit')],
  [700, once('finish-profile')],
  [710, once('rough-along')],
  [720, once('rough-across')],
  [730, once('rough-copies')],
  [740, once('groove-along')],
  [750, once('groove-across')],
  [760, once('thread-passes')],
  [830, cycle('peck')],
  [840, cycle('tap')],
  [850, cycle('bore')],
  [900, { does: 'turning', cycle: 'straight' }],
  [920, { does: 'turning', cycle: 'thread' }],
  [940, { does: 'turning', cycle: 'face' }],
  [960, { does: 'surface-speed', on: true }],
  [970, { does: 'surface-speed', on: false }],
  [980, { does: 'feed-mode', mode: 'per-minute' }],
  [990, { does: 'feed-mode', mode: 'per-revolution' }],
];

const siemens: readonly (readonly [number, CodeMeaning])[] = [
  ...common,
  ...[90, 600, 620, 6010, 6020, 6030, 6410, 6420, 6430, 6440, 6450, 4500, 4510, 4600, 4610, 4620].map(
    (code) => [code, nothing] as const,
  ),
  ...[250, 260, 580, 590].map((code) => [code, once('not-followed')] as const),
  [330, motion('thread')],
  [3310, motion('thread')],
  [3320, motion('thread')],
  [630, motion('line')],
  [700, { does: 'unit', scale: 25.4 }],
  [710, { does: 'unit', scale: 1 }],
  [7000, { does: 'unit', scale: 25.4 }],
  [7100, { does: 'unit', scale: 1 }],
  [740, once('home')],
  [750, once('second-home')],
  [1530, once('machine')],
  [5000, work('G500')],
  ...Array.from({ length: 95 }, (_, at) => [(505 + at) * 10, work(`G${505 + at}`)] as const),
  [900, { does: 'distance', absolute: true }],
  [910, { does: 'distance', absolute: false }],
  [930, { does: 'feed-mode', mode: 'inverse-time' }],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
  [960, { does: 'surface-speed', on: true }],
  [970, { does: 'surface-speed', on: false }],
];

const okuma: readonly (readonly [number, CodeMeaning])[] = [
  ...mill.filter(
    ([code]) =>
      ![150, 160, 280, 290, 430, 440, 490, 540, 550, 560, 570, 580, 590, 530, 520, 541, 680, 690].includes(code),
  ),
  [150, work('G15', true)],
  [160, work('G16', true)],
  [300, once('second-home')],
  [530, { does: 'length', on: false }],
  ...[54, 55, 56, 57, 58, 59].map((code) => [code * 10, { does: 'length', on: true } as const] as const),
  ...[610, 640].map((code) => [code, nothing] as const),
];

/** OSP lathes: G85 to G88 rough and finish the contour of a label, which G81 or G82 begins and G80 ends. */
const okumaLathe: readonly (readonly [number, CodeMeaning])[] = [
  ...okuma.filter(([code]) => code < 700 || code >= 900),
  [320, motion('thread')],
  [330, motion('thread')],
  [340, motion('thread')],
  [350, motion('thread')],
  [500, once('speed-limit')],
  ...[71, 72, 73, 74, 75, 76, 77, 78, 84, 88].map((code) => [code * 10, once('settings')] as const),
  ...[80, 81, 82].map((code) => [code * 10, nothing] as const),
  [850, once('rough-along')],
  [860, once('rough-copies')],
  [870, once('finish-profile')],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
];

/** The G codes of a machine. */
export function codesOf({ dialect, lathe: turning }: Pick<PathOptions, 'dialect' | 'lathe'>): CodeTable {
  if (dialect === 'siemens') return new Map(siemens);
  if (dialect === 'okuma') return new Map(turning ? okumaLathe : okuma);
  return new Map(turning ? lathe : mill);
}
