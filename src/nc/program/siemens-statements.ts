import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { Expression } from './expression.ts';
import type { ExpressionReader } from './expression-reader.ts';
import type { OpenBlock } from './open-block.ts';
import {
  commands,
  declarations,
  frames,
  functionsAsStatements,
  isCycle,
  outputs,
  transformations,
} from './siemens-words.ts';
import type { Call, Jump, Parameter, Statement } from './statement.ts';

const M = 0x4d;
const jumps: Record<string, Jump['direction']> = { GOTO: 'any', GOTOF: 'forward', GOTOB: 'backward', GOTOC: 'any' };

/** Everything of an 840D block that begins with a name. */
export class SiemensStatements {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;

  constructor(cursor: Cursor, expressions: ExpressionReader) {
    this.#cursor = cursor;
    this.#expressions = expressions;
  }

  keyword(name: string, block: OpenBlock): void {
    const made = this.#made(name, block);
    if (made) block.statements.push(made);
  }

  /** What the word that was just read says beside being a word. */
  code(letter: number, block: OpenBlock): void {
    if (letter !== M) return;
    const { words } = block;
    const value = words.value[words.count - 1] as number;
    if (words.index[words.count - 1] !== -1) return;
    if (value === 2 || value === 30) block.statements.push({ kind: 'program-end', via: `M${value}` });
    else if (value === 17) block.statements.push({ kind: 'return', via: 'M17', target: undefined });
  }

  call(via: string, target: Call['target'], where: Call['where'], values: readonly Parameter[]): Call {
    return { kind: 'call', via, target, where, repeats: 1, modal: false, arguments: values };
  }

  #made(name: string, block: OpenBlock): Statement | undefined {
    const cursor = this.#cursor;
    cursor.next();
    const direction = jumps[name];
    if (direction) return { ...this.#jump(direction, block), ...(name === 'GOTOC' ? { orOn: true } : {}) };
    if (name === 'GOTOS') return { kind: 'return', via: 'GOTOS', target: undefined };
    const control = this.#control(name, block);
    if (control) return control;
    if (declarations.has(name)) return this.#declaration(name, block);
    if (frames.has(name)) return { kind: 'frame', name, additive: /^A[TRSM]/.test(name) };
    if (transformations.has(name)) {
      this.#arguments(block);
      return { kind: 'frame', name, additive: false };
    }
    if (name === 'MCALL') return this.#modalCall(block);
    if (name === 'EXTCALL') return this.#externalCall(block);
    if (name === 'CALL' || name === 'PCALL' || name === 'ISOCALL') return this.#callByName(name, block);
    if (name === 'MSG') {
      this.#arguments(block);
      return { kind: 'output', via: 'MSG', external: false };
    }
    if (outputs.has(name)) {
      this.#arguments(block);
      return { kind: 'output', via: name, external: true };
    }
    return this.#plain(name, block, false);
  }

  #control(name: string, block: OpenBlock): Statement | undefined {
    switch (name) {
      case 'IF':
        return this.#if(block);
      case 'ELSE':
        return { kind: 'else' };
      case 'ENDIF':
        return { kind: 'end-if' };
      case 'WHILE':
        return { kind: 'loop', via: 'WHILE', condition: this.#expression(block), id: 0, counter: undefined };
      case 'FOR':
        return this.#for(block);
      case 'LOOP':
        return { kind: 'loop', via: 'LOOP', condition: undefined, id: 0, counter: undefined };
      case 'REPEAT':
      case 'REPEATB':
        return this.#repeat(name);
      case 'ENDWHILE':
      case 'ENDFOR':
      case 'ENDLOOP':
        return { kind: 'loop-end', id: 0, condition: undefined };
      case 'UNTIL':
        return { kind: 'loop-end', id: 0, condition: this.#expression(block) };
      case 'RET':
        this.#arguments(block);
        return { kind: 'return', via: 'RET', target: undefined };
      case 'CASE':
        return this.#case(block);
      case 'WHEN':
      case 'WHENEVER':
      case 'EVERY':
      case 'FROM':
        return this.#synchronous(name, block);
      default:
        return undefined;
    }
  }

  /** `WHEN $AA_IW[X]>10 DO M8`: what stands behind DO follows in the block. */
  #synchronous(keyword: string, block: OpenBlock): Statement {
    const value = this.#expression(block);
    this.#cursor.acceptName('DO');
    return { kind: 'other', keyword, parameters: [{ name: '', value }] };
  }

  #expression(block: OpenBlock): Expression {
    const read = this.#expressions.read();
    if (this.#expressions.failedAt !== -1) {
      block.unknownAt(block.base + this.#expressions.failedAt);
      this.#cursor.at = this.#cursor.tokens.count;
    }
    return read;
  }

  /** What stands in the brackets at the cursor, nothing where there are none. */
  #arguments(block: OpenBlock): Expression[] {
    if (this.#cursor.kind() !== kind.openRound) return [];
    const list = this.#expressions.arguments();
    if (this.#expressions.failedAt !== -1) {
      block.unknownAt(block.base + this.#expressions.failedAt);
      this.#cursor.at = this.#cursor.tokens.count;
    }
    return list;
  }

  #parameters(block: OpenBlock): Parameter[] {
    return this.#arguments(block).map((value) => ({ name: '', value }));
  }

  #if(block: OpenBlock): Statement {
    const condition = this.#expression(block);
    const name = this.#cursor.kind() === kind.name ? this.#cursor.name() : '';
    const direction = jumps[name];
    if (!direction) return { kind: 'if', condition, body: [] };
    this.#cursor.next();
    return { kind: 'if', condition, body: [this.#jump(direction, block)] };
  }

  #jump(direction: Jump['direction'], block: OpenBlock): Jump {
    const cursor = this.#cursor;
    const is = cursor.kind();
    if (
      is === kind.letter &&
      (cursor.name() === 'N' || cursor.name() === ':') &&
      cursor.kindBehind() === kind.integer
    ) {
      cursor.next();
      const target = cursor.value();
      cursor.next();
      return { kind: 'goto', target, direction };
    }
    if (is === kind.name) {
      const target = cursor.name();
      cursor.next();
      return { kind: 'goto', target, direction };
    }
    return { kind: 'goto', target: is === -1 ? { kind: 'unknown' } : this.#expression(block), direction };
  }

  #for(block: OpenBlock): Statement {
    const variable = this.#expressions.variable();
    const assigned = variable && this.#cursor.accept(kind.equals);
    const from = assigned ? this.#expression(block) : undefined;
    if (!variable || !from || !this.#cursor.acceptName('TO')) {
      block.unknownAt(block.base + this.#cursor.passed());
      this.#cursor.at = this.#cursor.tokens.count;
      return { kind: 'loop', via: 'FOR', condition: undefined, id: 0, counter: undefined };
    }
    const to = this.#expression(block);
    return { kind: 'loop', via: 'FOR', condition: undefined, id: 0, counter: { variable, from, to } };
  }

  /** Alone it begins a loop that UNTIL ends; with labels it runs a part of the program again. */
  #repeat(name: string): Statement {
    const cursor = this.#cursor;
    if (cursor.kind() !== kind.name)
      return { kind: 'loop', via: 'REPEAT', condition: undefined, id: 0, counter: undefined };
    const target = cursor.name();
    cursor.next();
    const values: Parameter[] = [];
    while (cursor.kind() === kind.name) {
      values.push({ name: '', value: { kind: 'text', value: cursor.name() } });
      cursor.next();
    }
    return this.call(name, target, 'label', values);
  }

  /** `CASE R1 OF 1 GOTOF A 2 GOTOF B DEFAULT GOTOF C` jumps; where to is not told from the text alone. */
  #case(block: OpenBlock): Statement {
    const condition = this.#expression(block);
    const body: Jump[] = [];
    while (this.#cursor.kind() !== -1) {
      const direction = this.#cursor.kind() === kind.name ? jumps[this.#cursor.name()] : undefined;
      this.#cursor.next();
      if (direction) body.push(this.#jump(direction, block));
    }
    return { kind: 'if', condition, body };
  }

  /** `DEF REAL DEPTH=5, WIDTH` declares, and gives a value where it has one. */
  #declaration(keyword: string, block: OpenBlock): Statement {
    const cursor = this.#cursor;
    const names: string[] = [];
    while (cursor.kind() !== -1) {
      const name = cursor.kind() === kind.name ? cursor.name() : undefined;
      if (name !== undefined) names.push(name);
      cursor.next();
      if (keyword !== 'DEF' || name === undefined || !cursor.accept(kind.equals)) continue;
      const target = { kind: 'variable', system: 'name', name, index: [] } as const;
      block.statements.push({ kind: 'assign', target, value: this.#expression(block) });
    }
    if (keyword === 'PROC') return { kind: 'program-start', name: names[0], number: undefined, units: undefined };
    return { kind: 'declare', keyword, names };
  }

  #modalCall(block: OpenBlock): Statement {
    const cursor = this.#cursor;
    if (cursor.kind() === kind.letter && cursor.name() === 'L' && cursor.kindBehind() === kind.integer) {
      cursor.next();
      const target = `L${cursor.name()}`;
      cursor.next();
      return { ...this.call('MCALL', target, 'program', []), modal: true };
    }
    if (cursor.kind() !== kind.name) return { kind: 'other', keyword: 'MCALL', parameters: [] };
    const name = cursor.name();
    cursor.next();
    return this.#plain(name, block, true);
  }

  /** A cycle of the control, one of its words, or the call of a program by its name. */
  #plain(name: string, block: OpenBlock, modal: boolean): Statement {
    if (isCycle(name)) {
      const parameters = this.#parameters(block);
      if (name === 'WORKPIECE') return { kind: 'blank-form', corner: 'other' };
      return { kind: 'cycle', name, parameters, modal };
    }
    if (functionsAsStatements.has(name) || commands.has(name))
      return { kind: 'other', keyword: name, parameters: this.#parameters(block) };
    return { ...this.call(modal ? 'MCALL' : name, name, 'program', this.#parameters(block)), modal };
  }

  #externalCall(block: OpenBlock): Statement {
    const value = this.#cursor.kind() === kind.openRound ? this.#arguments(block)[0] : this.#expression(block);
    return this.call('EXTCALL', value?.kind === 'text' ? value.value : undefined, 'external', []);
  }

  /** `CALL "/_N_SPF_DIR/_N_HOLES_SPF"`, `PCALL NAME(1,2)`; `CALL BLOCK A TO B` stays in the program. */
  #callByName(via: string, block: OpenBlock): Statement {
    const cursor = this.#cursor;
    if (cursor.acceptName('BLOCK')) return this.#callBlock();
    if (via === 'ISOCALL' && cursor.kind() === kind.letter) {
      const name = cursor.name();
      cursor.next();
      return this.call(via, `${name}${this.#rest()}`, 'program', []);
    }
    if (cursor.kind() === kind.name && via !== 'CALL') {
      const name = cursor.name();
      cursor.next();
      return this.call(via, name, 'program', this.#parameters(block));
    }
    // PCALL /_N_SPF_DIR/_N_HOLES_SPF(1): a path without quotes.
    if (cursor.kind() === kind.divide && via === 'PCALL') {
      const path = this.#rest();
      return this.call(via, path, 'program', this.#parameters(block));
    }
    const value = cursor.kind() === -1 ? undefined : this.#expression(block);
    const target = value?.kind === 'text' ? value.value : undefined;
    if (!cursor.acceptName('BLOCK')) return this.call(via, target, 'program', []);
    return this.call(`${via} BLOCK of`, target, 'program', this.#callBlock().arguments);
  }

  /** What stands at the cursor, up to a bracket. */
  #rest(): string {
    const cursor = this.#cursor;
    const parts: string[] = [];
    for (; cursor.kind() !== -1 && cursor.kind() !== kind.openRound; cursor.next()) parts.push(cursor.text());
    return parts.join('');
  }

  /** `CALL BLOCK BEGIN TO END`: a part of this program. */
  #callBlock(): Call {
    const cursor = this.#cursor;
    const names: string[] = [];
    while (cursor.kind() === kind.name) {
      if (cursor.name() !== 'TO') names.push(cursor.name());
      cursor.next();
    }
    const [first, last] = names;
    const until: Parameter[] = last === undefined ? [] : [{ name: '', value: { kind: 'text', value: last } }];
    return this.call('CALL BLOCK', first, 'label', until);
  }
}
