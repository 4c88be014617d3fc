import { tokenKind as kind, type Tokens } from '../syntax/token.ts';
import type { BinaryOperator, Expression } from './expression.ts';
import { constantOf } from './expression-reader.ts';
import { heidenhainGrammar } from './grammars.ts';
import type { Call, Parameter, Statement } from './statement.ts';
import { TokenReader } from './token-reader.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [D, G, L, M, N, P, Q, T] = [...'DGLMNPQT'].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const arithmetic: Record<number, BinaryOperator> = { 1: '+', 2: '-', 3: '*', 4: '/' };
const comparisons: Record<number, BinaryOperator> = { 9: 'EQ', 10: 'NE', 11: 'GT', 12: 'LT' };
const functions: Record<number, string> = { 5: 'SQRT', 6: 'SIN', 7: 'COS', 8: 'LEN', 13: 'ANG' };
const isAxis = (letter: number): boolean => 'XYZABCUVW'.includes(String.fromCharCode(letter));
const outputs = new Set([15, 16, 19, 26, 27, 29, 38]);

/** Heidenhain DIN/ISO. */
export class HeidenhainIsoReader extends TokenReader {
  #begun = false;

  constructor(tokens: Tokens) {
    super(tokens, heidenhainGrammar);
  }

  protected content(): void {
    const { cursor, block } = this;
    while (cursor.kind() === kind.blockSkip) cursor.next();
    if (this.isLetter(N) && cursor.kindBehind() === kind.integer) {
      cursor.next();
      block.number = cursor.value();
      cursor.next();
    }
    while (cursor.kind() === kind.blockSkip) cursor.next();
    if (cursor.kind() === kind.percent) {
      this.#percent();
      return;
    }
    this.items((is) => {
      if (is === kind.letter) this.#letter();
      else if (is === kind.name && this.#isCycle()) cursor.next();
      else if (is === kind.name && (cursor.name() === 'DL' || cursor.name() === 'DR')) this.#oversize();
    });
    this.#meanings();
  }

  /** `%NAME G71` begins, `N99999999 %NAME G71` ends, `%OTHER` calls. */
  #percent(): void {
    const { cursor, block } = this;
    cursor.next();
    const text = this.restText().replace(/^:/, '');
    const [name = '', ...rest] = text.split(' ');
    const unit = /\bG7([01])\b/.exec(rest.join(' '));
    if (block.number === 99_999_999 || (this.#begun && unit)) this.push({ kind: 'program-end', via: '%' });
    else if (this.#begun) this.push(call('%', name === '' ? undefined : name, 'program'));
    else {
      const units = unit?.[1] === '0' ? 'inch' : unit ? 'millimetre' : undefined;
      this.push({ kind: 'program-start', name, number: undefined, units });
    }
    this.#begun = true;
    if (cursor.kind() !== -1) block.unknownAt(block.base + cursor.start());
  }

  #letter(): void {
    const { cursor, block } = this;
    const letter = cursor.value();
    const start = cursor.start();
    if (letter === Q && this.#assigns()) return;
    if (letter === D && cursor.kindBehind() === kind.integer && block.words.count === 0) {
      this.#function();
      return;
    }
    if (letter === P && this.#isParameter()) {
      for (const parameter of this.#values()) this.push({ kind: 'address', ...parameter });
      return;
    }
    if (cursor.kindBehind() === kind.string && (letter === T || letter === L)) {
      this.#named(letter);
      return;
    }
    if (letter === L && cursor.kindBehind() === kind.integer && this.#callsLabel()) {
      this.#labelCall();
      return;
    }
    cursor.next();
    const is = cursor.kind();
    if (is === kind.comma) {
      this.unknown();
      return;
    }
    if (isAxis(letter) && (is === -1 || is === kind.letter) && this.#isMirror())
      block.words.add(letter, Number.NaN, block.base + start, block.base + cursor.passed(), 0);
    else if (cursor.isNumber() || is === kind.minus || is === kind.plus || is === kind.letter)
      this.word(letter, start, 0);
    else block.unknownAt(block.base + start);
  }

  /** `T"MILL"`, and `L"NAME"`, which is a label behind G98 and its call elsewhere. */
  #named(letter: number): void {
    const { cursor, block } = this;
    cursor.next();
    const value = cursor.text().slice(1, -1);
    cursor.next();
    if (letter === T)
      this.push({ kind: 'tool', via: 'T', tool: { kind: 'text', value }, axis: undefined, parameters: [] });
    else if (this.#callsLabel()) this.push({ ...call('L', value, 'label'), repeats: this.#times() });
    else block.label = value.toUpperCase();
  }

  /** `DL+0.1`, `DR-0.05` and `DR2+0.01` of a tool. */
  #oversize(): void {
    const { cursor } = this;
    let name = cursor.name();
    cursor.next();
    if (name === 'DR' && cursor.kind() === kind.integer) {
      name = 'DR2';
      cursor.next();
    }
    this.push({ kind: 'address', name, value: this.operand() });
  }

  /** `P01 2` of an old cycle: the number of a parameter, and its value behind a blank. */
  #isParameter(): boolean {
    const { kind: kinds, count } = this.tokens;
    const { at } = this.cursor;
    if (at + 3 >= count || kinds[at + 1] !== kind.integer || kinds[at + 2] !== kind.blank) return false;
    const is = kinds[at + 3];
    return is === kind.integer || is === kind.decimal || is === kind.minus || is === kind.plus;
  }

  /** `Q1=+5`, also as a parameter of a cycle. */
  #assigns(): boolean {
    const { cursor } = this;
    const before = cursor.at;
    const target = this.expressions.variable();
    if (!target && this.expressions.failedAt !== -1) {
      this.passFailed();
      return true;
    }
    if (!target || !cursor.accept(kind.equals)) {
      cursor.at = before;
      return false;
    }
    this.push({ kind: 'assign', target, value: this.expression() });
    return true;
  }

  /** G28 names the axes that it mirrors. */
  #isMirror(): boolean {
    const { words } = this.block;
    for (let at = 0; at < words.count; at++) if (words.letter[at] === G && words.value[at] === 28) return true;
    return false;
  }

  #callsLabel(): boolean {
    const { words } = this.block;
    for (let at = 0; at < words.count; at++) if (words.letter[at] === G && words.value[at] === 98) return false;
    return true;
  }

  /** `L1,2` runs label 1 and then twice again; `L0` ends it. */
  #labelCall(): void {
    const { cursor } = this;
    cursor.next();
    const target = String(cursor.value());
    cursor.next();
    this.push({ ...call('L', target, 'label'), repeats: this.#times() });
  }

  #times(): number {
    const { cursor } = this;
    if (!cursor.accept(kind.comma) || cursor.kind() !== kind.integer) return 1;
    const repeats = cursor.value() + 1;
    cursor.next();
    return repeats;
  }

  /** `D00 Q1 P01 +5`: the functions of variables. */
  #function(): void {
    const { cursor, block } = this;
    cursor.next();
    const number = cursor.value();
    cursor.next();
    const target = this.isLetter(Q) ? this.expressions.variable() : undefined;
    const values = this.#values();
    const [first, second] = values;
    const sum = arithmetic[number];
    const comparison = comparisons[number];
    if (number === 0 && target && first) this.push({ kind: 'assign', target, value: first.value });
    else if (sum && target && first && second)
      this.push({
        kind: 'assign',
        target,
        value: { kind: 'binary', operator: sum, left: first.value, right: second.value },
      });
    else if (comparison && first && second) this.#conditional(comparison, values);
    else if (outputs.has(number)) this.push({ kind: 'output', via: `D${number}`, external: true });
    else if (target)
      this.push({
        kind: 'assign',
        target,
        value: { kind: 'call', name: functions[number] ?? `D${number}`, arguments: values.map((v) => v.value) },
      });
    else this.push({ kind: 'other', keyword: `D${number}`, parameters: values });
    if (cursor.kind() !== -1 && cursor.kind() !== kind.letter) block.unknownAt(block.base + cursor.start());
  }

  #conditional(operator: BinaryOperator, [left, right, to]: Parameter[]): void {
    if (!left || !right) return;
    const condition: Expression = { kind: 'binary', operator, left: left.value, right: right.value };
    const label = to ? constantOf(to.value) : Number.NaN;
    const target = Number.isNaN(label) ? (to?.value ?? { kind: 'unknown' as const }) : String(label);
    this.push({ kind: 'if', condition, body: [{ kind: 'goto', target, direction: 'any' }] });
  }

  #values(): Parameter[] {
    const { cursor } = this;
    const list: Parameter[] = [];
    while (this.isLetter(P) && cursor.kindBehind() === kind.integer) {
      cursor.next();
      const name = `P${cursor.name()}`;
      cursor.next();
      list.push({ name, value: this.operand() });
      if (this.expressions.failedAt !== -1) {
        if (cursor.kind() !== -1) cursor.next();
        return list;
      }
    }
    return list;
  }

  /** The name of a cycle stands behind its number: `G200 BOHREN`. */
  #isCycle(): boolean {
    const { words } = this.block;
    return words.count > 0 && words.letter[0] === G && (words.value[0] as number) >= 200;
  }

  /** What the words of the block say together. */
  #meanings(): void {
    const { block } = this;
    const { words } = block;
    for (let at = 0; at < words.count; at++) {
      const value = words.value[at] as number;
      if (words.letter[at] === M && (value === 2 || value === 30)) this.push({ kind: 'program-end', via: `M${value}` });
      if (words.letter[at] !== G) continue;
      if (value === 98) this.#label();
      else if (value === 79) this.push({ kind: 'cycle-call', via: 'G79' });
      else if (value === 30) this.push({ kind: 'blank-form', corner: 'minimum' });
      else if (value === 31) this.push({ kind: 'blank-form', corner: 'maximum' });
      else if (value >= 200 && value < 500) this.#cycle(value);
    }
  }

  #label(): void {
    const label = this.block.words.first(L);
    if (label === 0) this.push({ kind: 'return', via: 'G98 L0', target: undefined });
    else if (label !== undefined && !Number.isNaN(label)) this.block.label = String(label);
  }

  #cycle(number: number): void {
    const { statements } = this.block;
    const parameters = statements.flatMap((one): Parameter[] => {
      const index = one.kind === 'assign' ? one.target.index[0] : undefined;
      return one.kind === 'assign' && index?.kind === 'number' ? [{ name: `Q${index.value}`, value: one.value }] : [];
    });
    const rest: Statement[] = statements.filter((one) => one.kind !== 'assign');
    statements.splice(0, statements.length, ...rest, { kind: 'cycle', name: `G${number}`, parameters, modal: false });
  }
}

const call = (via: string, target: Call['target'], where: Call['where']): Call => ({
  kind: 'call',
  via,
  target,
  where,
  repeats: 1,
  modal: false,
  arguments: [],
});
