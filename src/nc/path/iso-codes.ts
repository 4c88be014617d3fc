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
  /** One of several that differ in how they leave the hole. */
  | 'bore-unlike'
  | 'back-bore'
  | 'bore-manual';
export type Once =
  | 'dwell'
  | 'data'
  | 'home'
  | 'home-return'
  /** Goes where the reference point should be. */
  | 'home-check'
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
  /** Haas: holes on a circle, an arc or a line. */
  | 'holes'
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

/** Their axis words are theirs, and no end of a motion. */
export const takesAxes: ReadonlySet<Once> = new Set<Once>([
  'dwell',
  'holes',
  'data',
  'home',
  'home-return',
  'home-check',
  'second-home',
  'machine',
  'local',
  'set-position',
  'rotate',
  'scale',
  'mirror',
  'mirror-off',
  'finish-profile',
  'rough-along',
  'rough-across',
  'rough-copies',
  'groove-along',
  'groove-across',
  'thread-passes',
  'settings',
  'speed-limit',
  'not-followed',
  'tool-offset',
  'probe',
  'rigid-tap',
]);

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
  ...[50, 51, 52, 80, 110, 230, 250, 260, 611].map((code) => [code, nothing] as const),
  // Stored stroke limits: their axis words are no move.
  [220, once('not-followed')],
  [270, once('home-check')],
  [62, motion('nurbs')],
  [685, tilt('G68.5')],
  [695, doubt('G68.5', true)],
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
  [502, doubt('G51.2', true)],
  [1120, doubt('G112')],
  [1130, doubt('G112', true)],
  [121, doubt('G12.1')],
  [131, doubt('G12.1', true)],
  [531, doubt('G53.1')],
  // FANUC's skip function, with which it probes.
  ...[310, 311, 312, 313, 314].map((code) => [code, once('probe')] as const),
];

export const mill: readonly (readonly [number, CodeMeaning])[] = [
  ...iso,
  [330, motion('thread')],
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
  [901, { does: 'centres', absolute: true }],
  [911, { does: 'centres', absolute: false }],
  [930, { does: 'feed-mode', mode: 'inverse-time' }],
  [940, { does: 'feed-mode', mode: 'per-minute' }],
  [950, { does: 'feed-mode', mode: 'per-revolution' }],
  [960, { does: 'surface-speed', on: true }],
  [970, { does: 'surface-speed', on: false }],
  [980, { does: 'return-level', initial: true }],
  [990, { does: 'return-level', initial: false }],
];

/** What Haas adds, and no FANUC mill has otherwise. */
export const haas: readonly (readonly [number, CodeMeaning])[] = [
  // Of Haas: pockets and engraving. Their words are no move.
  ...[12, 13, 47, 150].map((code) => [code * 10, once('settings')] as const),
  ...[70, 71, 72].map((code) => [code * 10, once('holes')] as const),
  // Haas: smoothness, look-ahead, mirroring, offsets, tool centre and tilted planes.
  ...[187, 103].map((code) => [code * 10, nothing] as const),
  [1010, once('mirror')],
  [1000, once('mirror-off')],
  ...[110, 111, ...Array.from({ length: 16 }, (_, at) => 114 + at)].map(
    (code) => [code * 10, work(`G154 P${code - 109}`)] as const,
  ),
  [2340, doubt('G234')],
  [2540, doubt('G254')],
  [2550, doubt('G254', true)],
  [2680, tilt('G268')],
  [2690, once('rotate-off')],
];

/** Mazak's EIA: holes on a circle, a line, an arc and a grid, and cycles that no FANUC has. */
export const mazak: readonly (readonly [number, CodeMeaning])[] = [
  ...[341, 351, 361, 371].map((code) => [code, once('holes')] as const),
  ...[711, 721].map((code) => [code, once('settings')] as const),
  ...[750, 780, 790].map((code) => [code, cycle('bore-unlike')] as const),
  [770, cycle('back-bore')],
  [842, cycle('tap')],
  [843, cycle('tap-left')],
];

/** FANUC's G-code system A. */
export const lathe: readonly (readonly [number, CodeMeaning])[] = [
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
