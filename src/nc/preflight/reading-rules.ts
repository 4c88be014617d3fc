import type { Dialect } from '../../domain/nc.ts';
import type { Block } from '../program/block.ts';
import type { FindingList } from './finding-list.ts';

const [G, M, T] = [...'GMT'].map((letter) => letter.charCodeAt(0)) as [number, number, number];

/** Where a reader, and so perhaps a control, may understand something else than what was meant. */
export class ReadingRules {
  readonly #ambiguous;
  readonly #semicolon;
  readonly #unknown;
  readonly #computed;
  readonly #skip;
  readonly #nested;
  readonly #blocksPerLine: boolean;
  #lastLine = 0;

  constructor(findings: FindingList, dialect: Dialect) {
    this.#ambiguous = findings.rule('control-ambiguous');
    this.#semicolon = findings.rule('text-behind-semicolon');
    this.#unknown = findings.rule('word-unknown');
    this.#computed = findings.rule('code-computed');
    this.#nested = findings.rule('block-skip-nested');
    this.#skip = findings.rule('block-skip');
    this.#blocksPerLine = dialect === 'iso' || dialect === 'mazak';
  }

  block(block: Block): void {
    const { line } = block;
    if (block.ambiguous) this.ambiguousBlock(block);
    if (this.#blocksPerLine && line === this.#lastLine && block.end > block.start)
      this.#semicolon.at(
        line,
        () =>
          `Line ${line} goes on behind a semicolon: some controls run that as a block, others take it for a comment.`,
      );
    this.#lastLine = line;
    if (block.unrecognised !== -1)
      this.#unknown.at(
        line,
        () => `Line ${line} has something in column ${block.unrecognised - block.start + 1} that is not understood.`,
      );
    if (block.skips > 0) this.#skips(block);
    this.#computedCodes(block);
  }

  ambiguousBlock({ ambiguous, line }: Block): void {
    this.#ambiguous.at(line, () =>
      ambiguous === 'skip inside'
        ? `Line ${line} has a slash inside of the block: some controls skip what follows, others run it.`
        : `Line ${line} has a comment that is ${ambiguous}: one control skips what another would run.`,
    );
  }

  #skips({ skips, line }: Block): void {
    this.#skip.at(line, () => `Line ${line} is a block that the operator can switch off (block skip).`);
    if (skips > 1)
      this.#nested.at(line, () => `Line ${line} has ${skips} block skips; controls differ in what switches it off.`);
  }

  #computedCodes({ words, line }: Block): void {
    for (let at = 0; at < words.count; at++) {
      if (!Number.isNaN(words.value[at])) continue;
      const letter = words.letter[at];
      if (letter === G || letter === M || letter === T)
        this.#computed.at(line, () => `Line ${line} computes the number of its ${String.fromCharCode(letter)} code.`);
    }
  }
}
