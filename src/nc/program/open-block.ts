import type { Block } from './block.ts';
import type { Statement } from './statement.ts';
import { WordList } from './words.ts';

/** The block that a reader fills, again and again. */
export class OpenBlock implements Block {
  line = 1;
  start = 0;
  end = 0;
  bytes: Uint8Array = new Uint8Array();
  base = 0;
  skip = 0;
  skips = 0;
  number = -1;
  label: string | undefined;
  commentStart = 0;
  commentEnd = 0;
  readonly words = new WordList();
  readonly statements: Statement[] = [];
  unrecognised = -1;
  ambiguous: Block['ambiguous'];
  marks = 0;
  ending = 0;

  clear(): void {
    this.skip = 0;
    this.skips = 0;
    this.number = -1;
    this.label = undefined;
    this.commentStart = 0;
    this.commentEnd = 0;
    this.words.count = 0;
    if (this.statements.length > 0) this.statements.length = 0;
    this.unrecognised = -1;
    this.ambiguous = undefined;
  }

  /** Keeps the first place only. */
  unknownAt(at: number): void {
    if (this.unrecognised === -1) this.unrecognised = at;
  }
}

/** The bytes of a block from one file offset to another as text, latin1. */
export const blockText = (block: Block, start: number, end: number): string =>
  Buffer.from(block.bytes.subarray(start - block.base, end - block.base)).toString('latin1');
