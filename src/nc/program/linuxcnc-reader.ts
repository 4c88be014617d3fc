import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { linuxcncGrammar } from './grammars.ts';
import { returnOf, subprogramCall } from './iso-calls.ts';
import { LinuxcncFlow } from './linuxcnc-flow.ts';
import { blockText } from './open-block.ts';
import { TokenReader } from './token-reader.ts';

const [M, N, O] = [...'MNO'].map((letter) => letter.charCodeAt(0)) as [number, number, number];

/** Comments that do something: they write files, or show a text. */
const active = /^\(\s*(PROBEOPEN|PROBECLOSE|LOGOPEN|LOGAPPEND|LOGCLOSE|LOG|PRINT|DEBUG|MSG|ABORT)\b/i;
const toScreen = new Set(['PRINT', 'DEBUG', 'MSG', 'ABORT']);

/** LinuxCNC: words, O-words, named parameters. Blanks and the case of letters mean nothing outside of comments. */
export class LinuxcncReader extends TokenReader {
  readonly #flow: LinuxcncFlow;

  constructor(tokens: Tokens) {
    super(tokens, linuxcncGrammar);
    this.#flow = new LinuxcncFlow(this.cursor, this.expressions);
  }

  protected content(): void {
    this.#head();
    this.items((is) => {
      if (is === kind.letter) this.#letter();
      else if (is === kind.hash) this.#assignment();
      else if (is === kind.percent) this.#percent();
      else if (is === kind.sign) this.#sign();
      else if (is === kind.divide) this.#slash();
    });
    this.#calls();
    if (this.block.commentEnd !== 0) this.#activeComment();
  }

  /** Block skips and the number, which may have a point. */
  #head(): void {
    const { cursor, block } = this;
    while (cursor.kind() === kind.blockSkip) cursor.next();
    const behind = cursor.kindBehind();
    if (!this.isLetter(N) || (behind !== kind.integer && behind !== kind.decimal)) return;
    cursor.next();
    block.number = Math.floor(cursor.value());
    cursor.next();
    while (cursor.kind() === kind.blockSkip) cursor.next();
  }

  #letter(): void {
    const { cursor } = this;
    const start = cursor.start();
    const letter = cursor.value();
    cursor.next();
    if (letter === O) this.#oWord(start);
    else if (this.#operandFollows()) this.word(letter, start, 0);
    else this.block.unknownAt(this.block.base + start);
  }

  #operandFollows(): boolean {
    const is = this.cursor.kind();
    return (
      is === kind.integer ||
      is === kind.decimal ||
      is === kind.minus ||
      is === kind.plus ||
      is === kind.hash ||
      is === kind.openBracket ||
      is === kind.name
    );
  }

  #oWord(start: number): void {
    const { block } = this;
    const made = block.words.count === 0 ? this.#flow.statement() : undefined;
    this.push(made);
    if (!made) block.unknownAt(block.base + start);
    else if (this.#flow.failedAt !== -1) block.unknownAt(block.base + this.#flow.failedAt);
  }

  #assignment(): void {
    const { cursor } = this;
    const start = cursor.start();
    const target = this.expressions.variable();
    if (target && cursor.accept(kind.equals)) this.push({ kind: 'assign', target, value: this.expression() });
    else if (!target && this.expressions.failedAt !== -1) this.passFailed();
    else this.block.unknownAt(this.block.base + start);
  }

  #percent(): void {
    this.cursor.next();
    this.push({ kind: 'percent' });
  }

  /** `@3 ^45`: a distance from the origin and an angle. `$1` names a spindle. */
  #sign(): void {
    const { cursor } = this;
    const name = cursor.text();
    if (name !== '@' && name !== '^' && name !== '$') return;
    cursor.next();
    if (this.#operandFollows()) this.push({ kind: 'address', name, value: this.operand() });
    else this.block.unknownAt(this.block.base + cursor.passed() - 1);
  }

  #slash(): void {
    this.block.ambiguous ??= 'skip inside';
    this.cursor.next();
  }

  /** M98 and M99 are there beside O-words. */
  #calls(): void {
    const { words } = this.block;
    for (let at = 0; at < words.count; at++) {
      if (words.letter[at] !== M) continue;
      const code = words.value[at] as number;
      if (code === 2 || code === 30) this.push({ kind: 'program-end', via: `M${code}` });
      else if (code === 98) this.push(subprogramCall(this.block, 'M98'));
      else if (code === 99) this.push(returnOf(this.block));
    }
  }

  #activeComment(): void {
    const { block } = this;
    const via = active.exec(blockText(block, block.commentStart, block.commentEnd))?.[1]?.toUpperCase();
    if (via !== undefined) this.push({ kind: 'output', via, external: !toScreen.has(via) });
  }
}
