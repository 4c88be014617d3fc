import { type Frame, identity, origin, type PlaneCode, type Point } from './frame.ts';
import type { DrillCycle, Motion } from './iso-codes.ts';

export const axisLetters = 'XYZ';
export const rotaryLetters = 'ABC';
export const centreLetters = 'IJK';

/** A canned cycle's values stay until it is cancelled. */
export type ActiveCycle = {
  cycle: DrillCycle;
  z: number;
  r: number;
  peck: number;
  lessPeck: number;
  leastPeck: number;
  dwell: number;
  /** The level at which the cycle was called: G98 returns to it. */
  initial: number;
};

/** What lasts from block to block in ISO-like dialects. */
export class IsoState {
  motion: Motion = 'none';
  plane: PlaneCode = 17;
  absolute = true;
  /** Millimetres of a programmed length. */
  scale = 1;
  returnsToInitial = true;
  /** Okuma: where a hole is left to, and what G71 set for it. */
  returnLevel: number | undefined;
  upperLevel: number | undefined;
  cycle: ActiveCycle | undefined;
  turning: { cycle: 'straight' | 'face' | 'thread'; x: number; z: number; taper: number } | undefined;
  polar: { pole: Point; radius: number; angle: number } | undefined;
  diameter = false;
  absoluteCentres = false;
  /** T waits here for M6. */
  nextTool: string | undefined;
  lengthOn = false;
  lengthNumber = 0;

  work: Point = origin;
  workName = 'G54';
  external: Point = origin;
  shift: Point = origin;
  local: Point = origin;
  mirror: Frame = identity;
  scaling: Frame = identity;
  rotation: Frame = identity;
  /** LinuxCNC: degrees by which a coordinate system is turned about its zero, and what G28 and G30 reach. */
  readonly turns = new Map<string, number>();
  home: Point = origin;
  secondHome: Point = origin;
}
