import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import { wordFlag } from './block.ts';
import type { Expression } from './expression.ts';
import { constantOf } from './expression-reader.ts';
import { okumaGrammar } from './grammars.ts';
import type { Call, Jump, Parameter, Statement } from './statement.ts';
import { TokenReader } from './token-reader.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [M, N, O, Q, V] = [...'MNOQV'].map(code) as [number, number, number, number, number];

const addresses = new Set('SB SA SC LA PL PX PY PZ TL TG OG XA ZA DA DB DC FA FB DX DZ TC HP HX HZ'.split(' '));
const outputs = new Set('WRITE PUT PRINT FWRITE FOPENA FOPENB CLOSE'.split(' '));
const commands = new Set(
  'NOEX NCYL OMIT RESTORE CHOICE DEF DRAW CLEAR PS END LET MSG NMSG SELECT PSELECT GET READ FILE RENAME SAVE LOAD TD'.split(
    ' ',
  ),
);
/** Canned and plane-pattern cycles of OSP mills. */
const patterns = new Set(
  'LAA ARC GRDX GRDY DGRDX DGRDY SQRX SQRY BHC FMILR FMILF PMIL PMILR RMILO RMILI CHFC'.split(' '),
);

/** Okuma OSP. */
export class OkumaReader extends TokenReader {
  constructor(tokens: Tokens) {
    super(tokens, okumaGrammar);
  }

  protected content(): void {
    if (this.#isHeader()) {
      this.#header();
      return;
    }
    // `$` in front: the block before goes on.
    if (this.#isDollar()) {
      this.cursor.next();
      this.push({ kind: 'other', keyword: '$', parameters: [] });
    }
    this.#blockHead();
    this.items((is) => {
      if (is === kind.letter) this.#letter();
      else if (is === kind.name) this.#name();
      else if (is === kind.percent) this.#percent();
    });
  }

  #isHeader(): boolean {
    const { cursor } = this;
    if (cursor.kind() === kind.percent) return true;
    if (!this.#isDollar()) return false;
    const { tokens, bytes } = cursor;
    for (let at = tokens.count - 1; at > 0; at--) {
      const is = tokens.kind[at];
      if (is === kind.percent) return true;
      if (is !== kind.blank && is !== kind.lineEnd && is !== kind.comment) break;
    }
    // `$NAME.MIN` without its percent: a block that goes on has its words apart.
    return /^\$\w+\.\w+\s*$/.test(
      Buffer.from(bytes.subarray(tokens.start[0], tokens.start[tokens.count])).toString('latin1'),
    );
  }

  #isDollar(): boolean {
    const { cursor } = this;
    return cursor.kind() !== -1 && cursor.bytes[cursor.start()] === 0x24;
  }

  /** `$PLATE.MIN%` */
  #header(): void {
    const name = this.restText().replace(/^\$/, '').replace(/%$/, '').trim();
    if (name === '') this.push({ kind: 'percent' });
    else this.push({ kind: 'program-start', name: name.replace(/^%/, ''), number: undefined, units: undefined });
  }

  #percent(): void {
    this.cursor.next();
    this.push({ kind: 'percent' });
  }

  /** `/ N100` or `NLAP1` before anything else. */
  #blockHead(): void {
    const { cursor, block } = this;
    while (cursor.kind() === kind.blockSkip) cursor.next();
    if (cursor.kind() === kind.letter && cursor.value() === N && cursor.kindBehind() === kind.integer) {
      cursor.next();
      block.number = cursor.value();
      cursor.next();
    } else if (cursor.kind() === kind.name && /^N[A-Z]/.test(cursor.name()) && !this.#isKeyword(cursor.name())) {
      block.label = cursor.name();
      cursor.next();
    }
    while (cursor.kind() === kind.blockSkip) cursor.next();
  }

  #isKeyword(name: string): boolean {
    return commands.has(name) || this.#equalsFollows();
  }

  #equalsFollows(behind = 1): boolean {
    const { cursor, tokens } = this;
    let at = cursor.at + behind;
    while (at < tokens.count && tokens.kind[at] === kind.blank) at++;
    return tokens.kind[at] === kind.equals && at < tokens.count;
  }

  #letter(): void {
    const { cursor, block } = this;
    const letter = cursor.value();
    const start = cursor.start();
    if (letter === O && block.words.count === 0) {
      this.#programNumber();
      return;
    }
    // A lathe's common variable: V1=5.
    if (letter === V && cursor.kindBehind() === kind.integer && this.#equalsFollows(2)) {
      this.#assigned('V');
      return;
    }
    cursor.next();
    if (cursor.accept(kind.equals)) {
      const value = this.expression();
      const flags = value.kind === 'unary' ? wordFlag.sign : 0;
      block.words.addComputed(
        letter,
        constantOf(value),
        value,
        block.base + start,
        block.base + cursor.passed(),
        flags,
      );
    } else if (cursor.isNumber() || cursor.kind() === kind.minus || cursor.kind() === kind.plus)
      this.word(letter, start, 0);
    else {
      block.unknownAt(block.base + start);
      return;
    }
    if (letter === M) this.#miscellaneous();
  }

  #programNumber(): void {
    const { cursor, block } = this;
    const start = cursor.start();
    cursor.next();
    if (cursor.kind() !== kind.integer) {
      block.unknownAt(block.base + start);
      return;
    }
    this.push({ kind: 'program-start', name: undefined, number: cursor.value(), units: undefined });
    cursor.next();
  }

  #miscellaneous(): void {
    const { words } = this.block;
    const value = words.value[words.count - 1];
    if (value === 2 || value === 30) this.push({ kind: 'program-end', via: `M${value}` });
  }

  #name(): void {
    const name = this.cursor.name();
    if (name === 'CALL' || name === 'MODIN') {
      this.push(this.#call(name));
      return;
    }
    if (this.#equalsFollows() || this.#isIndexed()) {
      this.#assigned(name);
      return;
    }
    const { block } = this;
    // A program that is named by letters, such as OSUB.
    if (/^O[A-Z]/.test(name) && !commands.has(name) && block.words.count === 0 && block.statements.length === 0) {
      this.cursor.next();
      this.push({ kind: 'program-start', name, number: undefined, units: undefined });
      return;
    }
    this.cursor.next();
    this.push(this.#keyword(name));
  }

  #isIndexed(): boolean {
    return this.cursor.kindBehind() === kind.openBracket && /^V/.test(this.cursor.name());
  }

  #assigned(name: string): void {
    const { cursor } = this;
    if (addresses.has(name)) {
      cursor.next();
      cursor.accept(kind.equals);
      this.push({ kind: 'address', name, value: this.expression() });
      return;
    }
    const target = this.expressions.variable();
    if (target && cursor.accept(kind.equals)) this.push({ kind: 'assign', target, value: this.expression() });
    else if (!target && this.expressions.failedAt !== -1) this.passFailed();
    else this.unknown();
  }

  #keyword(name: string): Statement | undefined {
    if (name === 'RTS') return { kind: 'return', via: 'RTS', target: undefined };
    if (name === 'GOTO') return this.#jump();
    if (name === 'IF') return this.#if();
    if (name === 'MODOUT') return { kind: 'other', keyword: name, parameters: [] };
    if (outputs.has(name)) {
      this.restText();
      return { kind: 'output', via: name, external: true };
    }
    // What a lathe cycle cuts: G85 NLAP1.
    if (/^N[A-Z]/.test(name) && !commands.has(name) && name !== 'NMSG')
      return { kind: 'address', name: 'N', value: { kind: 'text', value: name } };
    // G56 HA: the first offset of the tool in the spindle.
    if (/^[HD][ABC]$/.test(name))
      return { kind: 'address', name: name.charAt(0), value: { kind: 'text', value: name.charAt(1) } };
    if (patterns.has(name)) return { kind: 'cycle', name, parameters: [], modal: true };
    if (name === 'MSG' || name === 'NMSG') {
      this.restText();
      return { kind: 'output', via: name, external: false };
    }
    if (name === 'NOEX' || name === 'NCYL') return { kind: 'other', keyword: name, parameters: [] };
    if (commands.has(name)) {
      this.restText();
      return { kind: 'other', keyword: name, parameters: [] };
    }
    this.block.unknownAt(this.block.base + (this.tokens.start[this.cursor.at - 1] as number));
    return undefined;
  }

  #jump(): Jump {
    const { cursor } = this;
    const letterN = cursor.kind() === kind.letter && cursor.value() === N;
    if (letterN && cursor.kindBehind() === kind.integer) {
      cursor.next();
      const target = cursor.value();
      cursor.next();
      return { kind: 'goto', target, direction: 'any' };
    }
    if (cursor.kind() === kind.name) {
      const target = cursor.name();
      cursor.next();
      return { kind: 'goto', target, direction: 'any' };
    }
    return { kind: 'goto', target: cursor.kind() === -1 ? { kind: 'unknown' } : this.operand(), direction: 'any' };
  }

  /** `IF [VC1 GT 5] N100`, with or without GOTO. */
  #if(): Statement {
    const condition = this.operand();
    this.cursor.acceptName('GOTO');
    const is = this.cursor.kind();
    const body = is === kind.letter || is === kind.name ? [this.#jump()] : [];
    return { kind: 'if', condition, body };
  }

  /** `CALL O1234 Q3 PX=10`, `CALL OSUB`. */
  #call(via: string): Call {
    const { cursor } = this;
    cursor.next();
    let target: string | number | undefined;
    if (cursor.kind() === kind.name && cursor.name().startsWith('O')) {
      target = cursor.name();
      cursor.next();
    } else if (cursor.kind() === kind.letter && cursor.value() === O) {
      cursor.next();
      if (cursor.kind() === kind.integer) {
        target = cursor.value();
        cursor.next();
      }
    }
    let repeats = 1;
    const values: Parameter[] = [];
    for (let is = cursor.kind(); is === kind.letter || is === kind.name; is = cursor.kind()) {
      const name = cursor.name();
      const count = is === kind.letter && cursor.value() === Q;
      cursor.next();
      cursor.accept(kind.equals);
      const value: Expression = this.operand();
      if (count) repeats = constantOf(value);
      else values.push({ name, value });
      if (this.expressions.failedAt !== -1 && cursor.kind() !== -1) cursor.next();
    }
    return { kind: 'call', via, target, where: 'program', repeats, modal: via === 'MODIN', arguments: values };
  }
}
