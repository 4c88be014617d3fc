import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { ExpressionReader } from './expression-reader.ts';
import { callOf, macroCall, returnOf, subprogramCall, targetOf } from './iso-calls.ts';
import type { OpenBlock } from './open-block.ts';
import type { Jump, Statement } from './statement.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [G, M, N] = [...'GMN'].map(code) as [number, number, number];

/** FANUC lets a keyword be written by its first two letters. */
const abbreviations: Record<string, string> = { GO: 'GOTO', WH: 'WHILE', TH: 'THEN', EN: 'END' };
/** What has no place behind THEN. */
const nests = new Set(['IF', 'WHILE', 'WH']);
const outputs: Record<string, boolean> = { DPRNT: true, BPRNT: true, POPEN: true, PCLOS: true };

/** Custom macro B, and the codes that call, return and end. */
export class IsoStatements {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;
  readonly #transfers: boolean;

  constructor(cursor: Cursor, expressions: ExpressionReader, transfers: boolean) {
    this.#cursor = cursor;
    this.#expressions = expressions;
    this.#transfers = transfers;
  }

  /** What begins at the cursor and is no word. Takes one token at least. */
  statement(is: number, block: OpenBlock): void {
    const made = this.#made(is, block);
    if (made) block.statements.push(made);
  }

  #made(is: number, block: OpenBlock): Statement | undefined {
    if (is === kind.hash) return this.#assignment(block);
    if (is === kind.name) return this.#keyword(block);
    if (is === kind.comma) return this.#commaAddress(block);
    if (is === kind.colon && block.words.count === 0) return this.#colonNumber(block);
    // The name of a program that is called: M98 <HOLES>.
    if (is === kind.angleName) return this.#bareName();
    return this.#unknown(block);
  }

  #unknown(block: OpenBlock): undefined {
    block.unknownAt(block.base + this.#cursor.start());
    this.#cursor.next();
    return undefined;
  }

  #failed(block: OpenBlock): boolean {
    const { failedAt } = this.#expressions;
    if (failedAt !== -1) block.unknownAt(block.base + failedAt);
    return failedAt !== -1;
  }

  #assignment(block: OpenBlock): Statement | undefined {
    const start = this.#cursor.at;
    const target = this.#expressions.variable();
    if (target && this.#cursor.accept(kind.equals)) {
      const value = this.#expressions.read();
      this.#failed(block);
      return { kind: 'assign', target, value };
    }
    const { failedAt, failedToken } = this.#expressions;
    this.#cursor.at = Math.max(this.#cursor.at, start + 1, failedAt === -1 ? 0 : failedToken);
    block.unknownAt(block.base + (this.#cursor.tokens.start[start] as number));
    return undefined;
  }

  /** `,C1.` and `,R2.` between two lines of a contour. */
  #commaAddress(block: OpenBlock): Statement | undefined {
    const here = this.#cursor.start();
    this.#cursor.next();
    if (this.#cursor.kind() !== kind.letter) {
      block.unknownAt(block.base + here);
      return undefined;
    }
    const name = `,${this.#cursor.name()}`;
    this.#cursor.next();
    const value = this.#expressions.operand();
    return this.#failed(block) ? undefined : { kind: 'address', name, value };
  }

  #colonNumber(block: OpenBlock): Statement | undefined {
    const here = this.#cursor.start();
    this.#cursor.next();
    if (this.#cursor.kind() !== kind.integer) {
      block.unknownAt(block.base + here);
      return undefined;
    }
    const number = this.#cursor.value();
    this.#cursor.next();
    return { kind: 'program-start', name: undefined, number, units: undefined };
  }

  #bareName(): Statement {
    const value = this.#cursor.text().slice(1, -1);
    this.#cursor.next();
    return { kind: 'other', keyword: '<>', parameters: [{ name: '', value: { kind: 'text', value } }] };
  }

  #keyword(block: OpenBlock): Statement | undefined {
    const here = this.#cursor.start();
    const written = this.#cursor.name();
    const name = abbreviations[written] ?? written;
    this.#cursor.next();
    if (name === 'GOTO') return this.#jump(block);
    if (name === 'IF') return this.#if(block);
    if (name === 'ELSE') return { kind: 'else' };
    if (name === 'ENDIF') return { kind: 'end-if' };
    if (name === 'WHILE') return this.#while(block);
    if (name === 'DO') return { kind: 'loop', via: 'LOOP', condition: undefined, id: this.#id(), counter: undefined };
    if (name === 'END') return { kind: 'loop-end', id: this.#id(), condition: undefined };
    const external = outputs[name];
    if (external !== undefined) return this.#withText({ kind: 'output', via: name, external });
    if (name === 'SETVN') return this.#withText({ kind: 'other', keyword: name, parameters: [] });
    if (name === 'EXTCALL') return this.#externalCall();
    block.unknownAt(block.base + here);
    return undefined;
  }

  #withText(statement: Statement): Statement {
    this.#cursor.accept(kind.text);
    return statement;
  }

  #externalCall(): Statement {
    const text = this.#cursor.kind() === kind.text ? this.#cursor.text().trim().replace(/^"|"$/g, '') : '';
    this.#cursor.accept(kind.text);
    return callOf('EXTCALL', text === '' ? undefined : text, 'external');
  }

  #id(): number {
    if (this.#cursor.kind() !== kind.integer) return 0;
    const id = this.#cursor.value();
    this.#cursor.next();
    return id;
  }

  #jump(block: OpenBlock): Jump {
    // Some controls take GOTO N100.
    if (this.#cursor.kind() === kind.letter && this.#cursor.value() === N) this.#cursor.next();
    const target = this.#expressions.operand();
    this.#failed(block);
    return { kind: 'goto', target: target.kind === 'number' ? target.value : target, direction: 'any' };
  }

  #if(block: OpenBlock): Statement {
    const condition = this.#expressions.read();
    if (this.#failed(block)) return { kind: 'if', condition, body: [] };
    if (this.#cursor.acceptName('GOTO') || this.#cursor.acceptName('GO'))
      return { kind: 'if', condition, body: [this.#jump(block)] };
    if (this.#cursor.acceptName('THEN') || this.#cursor.acceptName('TH'))
      return { kind: 'if', condition, body: this.#then(block) };
    return { kind: 'if', condition, body: [] };
  }

  #then(block: OpenBlock): Statement[] {
    const is = this.#cursor.kind();
    if (is !== kind.hash && is !== kind.name) return [];
    // THEN takes one statement, and none that has one inside: a line of IF … THEN IF … THEN would nest without end.
    if (is === kind.name && nests.has(this.#cursor.name())) {
      block.unknownAt(block.base + this.#cursor.start());
      return [];
    }
    const made = this.#made(is, block);
    return made ? [made] : [];
  }

  #while(block: OpenBlock): Statement {
    const condition = this.#expressions.read();
    if (!this.#failed(block)) this.#cursor.acceptName('DO');
    return { kind: 'loop', via: 'WHILE', condition, id: this.#id(), counter: undefined };
  }

  /** What M and G codes of the block say beside being words. */
  codes(block: OpenBlock): void {
    const { words } = block;
    for (let at = 0; at < words.count; at++) {
      const value = words.value[at] as number;
      if (words.letter[at] === M) this.#miscellaneous(value, block);
      else if (words.letter[at] === G && (Math.floor(value) === 65 || Math.floor(value) === 66))
        block.statements.push(macroCall(block, `G${value}`, value >= 66));
    }
  }

  #miscellaneous(value: number, block: OpenBlock): void {
    const { statements } = block;
    if (value === 2 || value === 30) statements.push({ kind: 'program-end', via: `M${value}` });
    else if (value === 98 || value === 198) statements.push(subprogramCall(block, `M${value}`));
    else if (value === 97) statements.push({ ...subprogramCall(block, 'M97'), where: 'label' });
    else if (value === 99) statements.push(returnOf(block));
    else if (this.#transfers && (value === 998 || value === 999))
      statements.push(callOf(`M${value}`, targetOf(block), 'program'), { kind: 'program-end', via: `M${value}` });
  }
}
