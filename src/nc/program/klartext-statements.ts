import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';
import type { Expression } from './expression.ts';
import type { ExpressionReader } from './expression-reader.ts';
import { KlartextFunctions } from './klartext-functions.ts';
import { isVariable, labelName, restOf } from './klartext-text.ts';
import type { KlartextWords } from './klartext-words.ts';
import type { OpenBlock } from './open-block.ts';
import type { Call, Parameter, Statement } from './statement.ts';

/** CYCL DEF numbers that move, turn or scale what follows. */
const frames = new Set([7, 8, 10, 11, 19, 26, 247]);

/** Everything in Klartext that is no path function. */
export class KlartextStatements {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;
  readonly #words: KlartextWords;
  readonly #functions: KlartextFunctions;

  constructor(cursor: Cursor, expressions: ExpressionReader, words: KlartextWords) {
    this.#cursor = cursor;
    this.#expressions = expressions;
    this.#words = words;
    this.#functions = new KlartextFunctions(cursor, expressions);
  }

  keyword(name: string, block: OpenBlock): void {
    const read = this.#byKeyword[name];
    if (read) {
      this.#cursor.next();
      read(block);
    } else {
      block.unknownAt(block.base + this.#cursor.start());
      this.#skip();
    }
  }

  readonly #byKeyword: Record<string, (block: OpenBlock) => void> = {
    BEGIN: (block) => this.#frameOfProgram(block, true),
    END: (block) => this.#frameOfProgram(block, false),
    BLK: (block) => this.#blank(block),
    TOOL: (block) => this.#tool(block),
    LBL: (block) => this.#label(block),
    CALL: (block) => this.#call(block),
    CYCL: (block) => this.#cycle(block),
    TCH: (block) => this.#probe(block),
    FN: (block) => this.#functions.read(block),
    PLANE: (block) => this.#plane(block),
    TRANS: (block) => this.#named('TRANS', block),
    STOP: (block) => this.#stop(block),
    SPL: (block) => this.#opaque('SPL', block),
    SEL: (block) => this.#select(block),
    FUNCTION: (block) => this.#opaque('FUNCTION', block),
    PATTERN: (block) => this.#opaque('PATTERN', block),
    DECLARE: (block) => this.#opaque('DECLARE', block),
    OPEN: (block) => this.#opaque('OPEN', block),
    CONTOUR: (block) => this.#contour(block),
    ...Object.fromEntries(
      'MONITORING SECTION ERROR PRESET CORRDATA AFC POLARKIN TABDATA ADV'
        .split(' ')
        .map((keyword) => [keyword, (block: OpenBlock) => this.#opaque(keyword, block)]),
    ),
  };

  #skip(): void {
    this.#cursor.at = this.#cursor.tokens.count;
  }

  #push(block: OpenBlock, statement: Statement): void {
    block.statements.push(statement);
  }

  #opaque(keyword: string, block: OpenBlock): void {
    const value = restOf(this.#cursor);
    this.#push(block, { kind: 'other', keyword, parameters: [{ name: '', value: { kind: 'text', value } }] });
  }

  #frameOfProgram(block: OpenBlock, begins: boolean): void {
    const text = restOf(this.#cursor).replace(/^PGM\s*/i, '');
    const [, name = '', unit = ''] = /^(.*?)\s*\b(MM|INCH)?$/i.exec(text) ?? [];
    const units = /^mm$/i.test(unit) ? 'millimetre' : /^inch$/i.test(unit) ? 'inch' : undefined;
    if (begins) this.#push(block, { kind: 'program-start', name, number: undefined, units });
    else this.#push(block, { kind: 'program-end', via: 'END PGM' });
  }

  #blank(block: OpenBlock): void {
    this.#cursor.acceptName('FORM');
    const cursor = this.#cursor;
    const number = cursor.kind() === kind.decimal ? cursor.value() : -1;
    if (number === -1) {
      this.#push(block, { kind: 'blank-form', corner: 'other' });
      this.#skip();
      return;
    }
    cursor.next();
    this.#push(block, {
      kind: 'blank-form',
      corner: number === 0.1 ? 'minimum' : number === 0.2 ? 'maximum' : 'other',
    });
    // The tool axis stands alone before the corner.
    if (cursor.kind() === kind.letter && cursor.kindBehind() === kind.blank) cursor.next();
    this.#words.rest(block, false);
  }

  #tool(block: OpenBlock): void {
    const cursor = this.#cursor;
    const what = cursor.kind() === kind.name ? cursor.name() : '';
    cursor.next();
    const via = `TOOL ${what}`;
    if (what !== 'CALL' && what !== 'DEF') {
      this.#opaque(via, block);
      return;
    }
    const is = cursor.kind();
    const says = is === kind.integer || is === kind.decimal || is === kind.string || isVariable(this.#cursor);
    // A TOOL CALL without a tool changes the speed or the axis of the one in the spindle.
    const tool: Expression = says ? this.#expressions.operand() : { kind: 'text', value: '' };
    let axis: string | undefined;
    if (cursor.kind() === kind.letter && 'XYZUVW'.includes(cursor.name()) && cursor.kindBehind() !== kind.plus) {
      axis = cursor.name();
      cursor.next();
    }
    const before = block.statements.length;
    this.#words.rest(block, false);
    const parameters = takeAddresses(block, before);
    this.#push(block, { kind: 'tool', via, tool, axis, parameters });
  }

  #label(block: OpenBlock): void {
    const name = labelName(this.#cursor);
    if (name === '0') this.#push(block, { kind: 'return', via: 'LBL 0', target: undefined });
    else block.label = name;
  }

  #call(block: OpenBlock): void {
    const cursor = this.#cursor;
    if (cursor.acceptName('LBL')) this.#callLabel(block);
    else if (cursor.acceptName('PGM')) {
      const path = restOf(this.#cursor).replace(/^"|"$/g, '');
      this.#push(block, call('CALL PGM', programTarget(path), isRemote(path) ? 'external' : 'program'));
    } else if (cursor.acceptName('SELECTED')) {
      this.#skip();
      this.#push(block, call('CALL SELECTED PGM', undefined, 'program'));
    } else this.#opaque('CALL', block);
  }

  #callLabel(block: OpenBlock): void {
    const computed = isVariable(this.#cursor);
    const target = computed ? undefined : labelName(this.#cursor);
    if (computed) this.#expressions.operand();
    let repeats = 1;
    const name = this.#cursor.kind() === kind.name ? this.#cursor.name() : '';
    if (name.startsWith('REP')) {
      this.#cursor.next();
      const joined = name.slice(3);
      if (joined !== '') repeats = /^\d+$/.test(joined) ? Number(joined) : Number.NaN;
      else if (this.#cursor.isNumber()) {
        repeats = this.#cursor.value();
        this.#cursor.next();
      } else repeats = Number.NaN;
      // REP 5/5 of older controls: how often, and how often still.
      if (this.#cursor.accept(kind.divide) && this.#cursor.isNumber()) this.#cursor.next();
      // REP counts what is done besides the first time.
      repeats += 1;
    }
    this.#push(block, { ...call('CALL LBL', target, 'label'), repeats });
  }

  /** `SEL PGM "A.H"`, `SEL CYCLE "B.H"` and `SEL CONTOUR "C.H"` choose a program; others a table. */
  #select(block: OpenBlock): void {
    const text = restOf(this.#cursor);
    const [, what = '', path = ''] = /^(PGM|CYCLE|CONTOUR)\s*"?([^"\s]+)/i.exec(text) ?? [];
    if (what !== '') {
      const where = isRemote(path) ? 'external' : 'program';
      this.#push(block, call(`SEL ${what.toUpperCase()}`, programTarget(path), where));
    } else {
      const value = text.replace(/^"|"$/g, '');
      this.#push(block, { kind: 'other', keyword: 'SEL', parameters: [{ name: '', value: { kind: 'text', value } }] });
    }
  }

  /** `CONTOUR DEF P1 = LBL 1 I2 = "ISLAND.H"`: contours in programs of their own. */
  #contour(block: OpenBlock): void {
    const value = restOf(this.#cursor);
    const parameters: Parameter[] = [{ name: '', value: { kind: 'text', value } }];
    this.#push(block, { kind: 'other', keyword: 'CONTOUR', parameters });
    for (const [, path = ''] of value.matchAll(/"([^"]+)"/g))
      this.#push(block, call('CONTOUR DEF', programTarget(path), isRemote(path) ? 'external' : 'program'));
  }

  #cycle(block: OpenBlock): void {
    const cursor = this.#cursor;
    if (cursor.acceptName('CALL')) {
      const via = cursor.acceptName('POS') ? 'CYCL CALL POS' : cursor.acceptName('PAT') ? 'CYCL CALL PAT' : 'CYCL CALL';
      this.#words.rest(block, false);
      this.#push(block, { kind: 'cycle-call', via });
      return;
    }
    cursor.acceptName('DEF');
    this.#definition('CYCL DEF', block);
  }

  #probe(block: OpenBlock): void {
    this.#cursor.acceptName('PROBE');
    this.#definition('TCH PROBE', block);
  }

  /** `CYCL DEF 200 BOHREN Q200=2 …`, or the older `7.0 NULLPUNKT`, `7.1 X+10`. */
  #definition(via: string, block: OpenBlock): void {
    const cursor = this.#cursor;
    if (!cursor.isNumber()) {
      this.#opaque(via, block);
      return;
    }
    const number = cursor.value();
    const name = `${via} ${cursor.text()}`;
    const sub = cursor.kind() === kind.decimal && !cursor.text().endsWith('.0');
    cursor.next();
    if (this.#isText(via, number)) {
      const value: Expression = { kind: 'text', value: restOf(cursor) };
      this.#push(block, { kind: 'cycle', name, parameters: [{ name: '', value }], modal: false });
      return;
    }
    if (sub && Math.floor(number) === 12) {
      this.#calledProgram(name, block);
      return;
    }
    if (!sub) this.#passName();
    else if (cursor.kind() === kind.letter && cursor.kindBehind() === kind.unrecognised) {
      // V.ZEIT 2.5 of CYCL DEF 9.1.
      cursor.next();
      cursor.next();
    }
    const before = block.statements.length;
    if (sub) this.#words.rest(block, false);
    const addresses = takeAddresses(block, before);
    const parameters = [...addresses, ...this.#words.parameters(block)];
    if (sub) this.#skip();
    const whole = Math.floor(number);
    if (via === 'CYCL DEF' && frames.has(whole))
      this.#push(block, { kind: 'frame', name: `CYCL DEF ${whole}`, additive: false });
    this.#push(block, { kind: 'cycle', name, parameters, modal: false });
  }

  /** `CYCL DEF 12.1 PGM TNC:\\HOLES.H`: a program that CYCL CALL and M99 run as if it were a cycle. */
  #calledProgram(name: string, block: OpenBlock): void {
    const path = restOf(this.#cursor)
      .replace(/^PGM\s*/i, '')
      .replace(/^"|"$/g, '');
    const target = programTarget(path);
    this.#push(block, call(name, target, isRemote(path) ? 'external' : 'program'));
  }

  /** `CYCL DEF 14.1 KONTURLABEL1 /2` and `TCH PROBE 0.0 REF. PLANE Q5 X-` are written as nothing else is. */
  #isText(via: string, number: number): boolean {
    return via === 'TCH PROBE' ? number >= 0 && number < 2 && this.#cursor.kind() === kind.name : number === 14.1;
  }

  /** The cycle's name in words, up to its first parameter. */
  #passName(): void {
    for (let is = this.#cursor.kind(); is !== -1; is = this.#cursor.kind()) {
      if (is === kind.letter && this.#cursor.name() === 'Q' && this.#cursor.kindBehind() === kind.integer) return;
      this.#cursor.next();
    }
  }

  #plane(block: OpenBlock): void {
    const name = this.#cursor.kind() === kind.name ? this.#cursor.name() : '';
    this.#cursor.next();
    this.#named(`PLANE ${name}`, block);
  }

  #named(name: string, block: OpenBlock): void {
    const cursor = this.#cursor;
    let full = name;
    while (cursor.kind() === kind.name && /^(DATUM|AXIS|TABLE|RESET|MIRROR|ROTATION|SCALE)$/.test(cursor.name())) {
      full += ` ${cursor.name()}`;
      cursor.next();
    }
    this.#words.rest(block, false);
    if (cursor.kind() !== -1) this.#skip();
    this.#push(block, { kind: 'frame', name: full, additive: false });
  }

  #stop(block: OpenBlock): void {
    this.#words.rest(block, false);
    this.#push(block, { kind: 'other', keyword: 'STOP', parameters: [] });
  }

  /** `Q1 = Q2 * 3`, `QS1 = "A" || QS2`. */
  assignment(block: OpenBlock): void {
    const target = this.#expressions.variable();
    if (!target || !this.#cursor.accept(kind.equals)) {
      block.unknownAt(block.base + this.#cursor.passed());
      this.#skip();
      return;
    }
    const value = this.#expressions.read();
    this.#check(block);
    this.#push(block, { kind: 'assign', target, value });
  }

  #check(block: OpenBlock): void {
    const { failedAt } = this.#expressions;
    if (failedAt !== -1) block.unknownAt(block.base + failedAt);
    if (failedAt !== -1) this.#skip();
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

/** The part of a path that names the program; the path itself where it is a host. */
const programTarget = (path: string): string | undefined =>
  path === '' || /^Q[LRS]?\d+$/i.test(path) ? undefined : path;
/** A host, or a drive that is not the control's own. */
const isRemote = (path: string): boolean => /^(\\\\|\/\/|(?!TNC:|PLC:)[A-Z0-9]+:)/i.test(path);

/** Takes the addresses that were pushed from `from` on out again, as parameters. */
function takeAddresses(block: OpenBlock, from: number): Parameter[] {
  const parameters: Parameter[] = [];
  const rest: Statement[] = [];
  for (const statement of block.statements.splice(from)) {
    if (statement.kind === 'address') parameters.push({ name: statement.name, value: statement.value });
    else rest.push(statement);
  }
  block.statements.push(...rest);
  return parameters;
}
