import type { Callee } from './callees.ts';

/** A program or a part of one that runs. */
export type Level = Callee & {
  at: number;
  left: number;
  /** Whether it has variables of its own (G65). */
  own: boolean;
  /** Whether a modal call runs it: what moves in it calls nothing again. */
  modal: boolean;
  /** Called when it ends. */
  done?: () => void;
};
