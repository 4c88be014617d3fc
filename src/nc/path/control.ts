import type { Expression } from '../program/expression.ts';
import type { Statement } from '../program/statement.ts';
import type { BlockWords } from './block-words.ts';
import type { Mover } from './mover.ts';
import type { Value } from './values.ts';
import type { SystemVariables } from './variables.ts';

/** An address of several letters with its value: `CR`, `AP`, `RP`. */
export type Address = { name: string; value: number };

/** What a block asks of whoever runs the program: to skip a contour's blocks, or to run them once. */
export type Flow = { kind: 'profile'; from: number; to: number; finish: boolean } | undefined;

/** What a dialect's control does with one block, besides where the program goes on. */
export interface Control extends SystemVariables {
  readonly mover: Mover;
  block(words: BlockWords, statements: readonly Statement[], compute: (expression: Expression) => Value): Flow;
}
