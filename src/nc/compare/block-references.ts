import type { Block } from '../program/block.ts';
import type { Statement } from '../program/statement.ts';

/** A block that names another one by its sequence number. */
export type Reference = { block: number; target: number };

/** Beyond this many the rest count as computed, which is the graver case. */
const referencesAtMost = 100_000;
const [g, m, p, q] = [0x47, 0x4d, 0x50, 0x51];

/** Collects jumps by number: GOTO, `M99 P`, `M97 P`, the contour of G70 to G73. */
export class BlockReferences {
  readonly references: Reference[] = [];
  readonly computedJumps: number[] = [];

  statement(block: number, statement: Statement): void {
    if (statement.kind === 'if') for (const one of statement.body) this.statement(block, one);
    if (statement.kind !== 'goto' && statement.kind !== 'return') return;
    if (typeof statement.target === 'number') this.#add(block, statement.target);
    else if (typeof statement.target === 'object') this.computedJumps.push(block);
  }

  /** For blocks that have M97, M99 or G70 to G73. */
  words(block: number, { words: { count, letter, value } }: Block): void {
    let jumps = false;
    let contour = false;
    for (let i = 0; i < count; i++) {
      const code = value[i] as number;
      if (letter[i] === m && (code === 97 || code === 99)) jumps = true;
      if (letter[i] === g && code >= 70 && code <= 73) contour = true;
    }
    for (let i = 0; i < count; i++)
      if ((letter[i] === p && (jumps || contour)) || (letter[i] === q && contour)) this.#add(block, value[i] as number);
  }

  #add(block: number, target: number): void {
    if (Number.isNaN(target) || this.references.length >= referencesAtMost) this.computedJumps.push(block);
    else this.references.push({ block, target });
  }
}
