import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Point } from './frame.ts';
import type { Mover } from './mover.ts';
import type { Value } from './values.ts';
import type { SystemVariables } from './variables.ts';

/** An address of several letters with its value: `CR`, `AP`, `RP`. */
export type Address = { name: string; value: number };

/**
 * What a block asks of whoever runs the program about the blocks of a contour: to run them once (`finish`), or to read
 * them and hand their points over (`cut`), and then to go on behind them. `to` is their last block, by number, or the
 * first one with this G code, in tenths.
 */
export type Flow =
  | {
      kind: 'profile';
      from: number | string;
      to: number | string | { code: number };
      finish: boolean;
      /** `across`: the contour itself says that it is cut towards the spindle (Okuma's G82). */
      cut?: ((contour: readonly Point[], across: boolean) => void) | undefined;
    }
  | undefined;

/** What a dialect's control does with one block, besides where the program goes on. */
export interface Control extends SystemVariables {
  readonly mover: Mover;
  /** A subprogram with variables of its own began, and ended. */
  entered?(): void;
  left?(): void;
  block(words: BlockWords, statements: readonly Statement[], compute: (expression: Expression) => Value): Flow;
}
