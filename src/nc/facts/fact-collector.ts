import type { ProgramDetails, ProgramFacts } from '../../domain/findings.ts';
import type { Dialect } from '../../domain/nc.ts';
import { type Block, type BlockVisitor, letterBits, wordFlag } from '../program/block.ts';
import type { Variable } from '../program/expression.ts';
import { constantOf } from '../program/expression-reader.ts';
import type { Statement } from '../program/statement.ts';
import { axisLetters, Motion } from './motion.ts';
import { NameList, printable, printableText, programName, turretTool } from './names.ts';
import { ToolList } from './tool-list.ts';
import { eachVariable, nested, variableName } from './variables.ts';

const code = (letter: string): number => letter.charCodeAt(0);
const [D, F, G, H, M, P, S, T] = [...'DFGHMPST'].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const notedComments = 12;
const isAxisName = /^([A-CU-Z]\d?|TRUE|FALSE)$/;
/** Blocks without any of these only move. */
const telling = letterBits('DFGHMST');

const modeNames: Record<number, string> = {
  90: 'absolute',
  91: 'incremental',
  93: 'inverse-time',
  94: 'per-minute',
  95: 'per-revolution',
  96: 'constant-surface-speed',
  41: 'cutter-compensation',
  42: 'cutter-compensation',
};
/** FANUC's lathes: G90, G92 and G94 cut, and U and W are what is incremental. */
const turningModes: Record<number, string> = {
  96: 'constant-surface-speed',
  98: 'per-minute',
  99: 'per-revolution',
  41: 'cutter-compensation',
  42: 'cutter-compensation',
};
const turningCycles: ReadonlySet<number> = new Set([90, 92, 94]);

/** What G70 and G71 are in these dialects; elsewhere they are lathe cycles. */
const unitsBySeventy: ReadonlySet<Dialect> = new Set<Dialect>(['siemens', 'heidenhain-iso']);
/** Okuma's G20 goes to a home position; its unit is a setting of the control. */
const unitsByTwenty: ReadonlySet<Dialect> = new Set<Dialect>(['iso', 'mazak', 'linuxcnc']);

/** Where G54 to G59 choose a zero; Okuma's G56 is a tool's length, and G54 shifts in DIN/ISO. */
const choosesByFifty: ReadonlySet<Dialect> = new Set<Dialect>(['iso', 'mazak', 'siemens', 'linuxcnc']);

/** What is interesting of a G code, by its whole part. */
const isWorkOffset = (value: number): boolean => value >= 54 && value <= 59;

/** Collects what a program says about itself. One pass; lists are bounded. */
export class FactCollector implements BlockVisitor {
  readonly motion: Motion;
  readonly calls = new NameList();
  readonly #dialect: Dialect;
  readonly #turning: boolean;
  readonly #modeNames: Readonly<Record<number, string>>;
  readonly #tools = new ToolList();
  readonly #programs = new NameList();
  readonly #comments = new NameList();
  readonly #workOffsets = new NameList();
  readonly #modes = new NameList();
  readonly #cycles = new NameList();
  readonly #read = new NameList();
  readonly #written = new NameList();
  readonly #seenG = new Uint8Array(1024);
  #programNumber: string | undefined;
  #programName: string | undefined;
  #inch = false;
  #metric = false;
  #moved = false;
  #spindle = { lowest: Number.POSITIVE_INFINITY, highest: 0 };
  #feed = { lowest: Number.POSITIVE_INFINITY, highest: 0 };
  /** G95, G96: F and S mean something else. */
  perRevolution = false;
  perSurface = false;

  /** `turning`: FANUC's G-code system A and turrets, or an OSP lathe. */
  constructor(dialect: Dialect, turning = false) {
    this.#dialect = dialect;
    this.#turning = turning;
    this.#modeNames = turning && unitsByTwenty.has(dialect) && dialect !== 'linuxcnc' ? turningModes : modeNames;
    this.perRevolution = turning;
    this.motion = new Motion(dialect, turning && dialect !== 'siemens' && dialect !== 'linuxcnc');
  }

  get units(): ProgramFacts['units'] {
    if (this.#inch && this.#metric) return 'mixed';
    return this.#inch ? 'inch' : this.#metric ? 'millimetre' : 'unstated';
  }

  get programNumber(): string | undefined {
    return this.#programNumber;
  }

  get programName(): string | undefined {
    return this.#programName;
  }

  block(block: Block): void {
    const { words, statements } = block;
    if (statements.length > 0) for (const statement of nested(statements)) this.#statement(statement, block);
    if (words.count > 0) {
      if ((words.letters & telling) !== 0 || (words.anyFlags & wordFlag.computed) !== 0) this.#words(block);
      if (this.motion.block(block)) this.#moved = true;
    }
    if (block.commentEnd !== 0) this.#comment(block);
  }

  #words(block: Block): void {
    const { letter, value, count } = block.words;
    const handsOver = block.statements.length > 0 && handsOverArguments(block.statements);
    const siemens = this.#dialect === 'siemens';
    // G4 F2 and G4 S10 wait: seconds and turns; G50 S2500 and Siemens' G26 S2500 are limits.
    let waits = false;
    for (let at = 0; at < count; at++) {
      const number = value[at] as number;
      if (Number.isNaN(number)) this.#computed(block, at);
      if (handsOver && letter[at] !== G) continue;
      switch (letter[at]) {
        case G:
          waits ||= number === 4 || (this.#turning && number === 50) || (siemens && (number === 25 || number === 26));
          this.#preparatory(number, block);
          break;
        case F:
          if (!this.perRevolution && !waits && number > 0) widen(this.#feed, number);
          break;
        case S:
          if (!this.perSurface && !waits && number > 0) widen(this.#spindle, number);
          break;
        case T:
          // Klartext calls tools by a statement; T is a tolerance there.
          // DIN/ISO's G36 T0.05 is a tolerance.
          if ((number === 0 || number >= 1) && this.#dialect !== 'klartext')
            this.#tools.number(this.#turning ? turretTool(number) : number, block);
          break;
        case M:
          if (number === 6) this.#tools.change(block.words.first(T));
          break;
        case H:
        case D:
          if (number > 0 && this.#choosesOffset(number, block))
            this.#tools.offset(letter[at] === H ? 'H' : 'D', number);
          break;
        default:
      }
    }
  }

  /** A turret's offset is in its T word; M98 P2000 H10 calls from block 10; and an offset has a whole number. */
  #choosesOffset(number: number, { statements, words }: Block): boolean {
    // DIN/ISO's H is an angle.
    if (this.#turning || this.#dialect === 'heidenhain-iso' || number !== Math.floor(number)) return false;
    // Okuma's G15 H2 is a work offset.
    if (this.#dialect === 'okuma' && (words.first(G) === 15 || words.first(G) === 16)) return false;
    return !statements.some(({ kind }) => kind === 'call');
  }

  #computed(block: Block, at: number): void {
    const expression = block.words.expression(at);
    if (expression) eachVariable(expression, (variable) => this.#readVariable(variable));
  }

  #preparatory(number: number, block: Block): void {
    if (number === 96 || number === 97) this.perSurface = number === 96;
    else if (this.#modeNames === turningModes) {
      if (number === 98 || number === 99) this.perRevolution = number === 99;
    } else if (number === 95 || number === 94 || number === 93) this.perRevolution = number !== 94;
    const whole = number | 0;
    // Nearly every G code was seen before.
    if (number === whole && whole >= 0 && whole < 1024 && whole !== 54 && whole !== 15 && whole !== 154) {
      if (this.#seenG[whole]) return;
      this.#seenG[whole] = 1;
    }
    this.#newCode(number, whole, block);
  }

  #newCode(number: number, whole: number, block: Block): void {
    const mode = this.#modeNames[number];
    if (mode) this.#modes.add(mode);
    // G58 and G59 of Siemens shift, beside the work offset.
    const shifts = this.#dialect === 'siemens' && whole >= 58;
    if (isWorkOffset(whole) && !shifts && choosesByFifty.has(this.#dialect)) this.#workOffset(number, block);
    else if (whole === 154 && this.#dialect === 'iso') this.#workOffsets.add(`G154 P${block.words.first(P) || '?'}`);
    else if (whole === 15 && this.#dialect === 'okuma') this.#workOffsets.add(`H${block.words.first(H) || '?'}`);
    else if (this.#dialect === 'siemens' && (whole === 500 || (whole >= 505 && whole <= 599)))
      this.#workOffsets.add(`G${whole}`);
    else if (number === whole && this.#isCycle(whole)) this.#cycles.add(`G${whole}`);
    else if (number === 20 && unitsByTwenty.has(this.#dialect)) this.#inch = true;
    else if (number === 21 && unitsByTwenty.has(this.#dialect)) this.#metric = true;
    else if (unitsBySeventy.has(this.#dialect) && (number === 70 || number === 700)) this.#inch = true;
    else if (unitsBySeventy.has(this.#dialect) && (number === 71 || number === 710)) this.#metric = true;
  }

  #isCycle(whole: number): boolean {
    // Siemens goes to reference and fixed points with G74 and G75.
    if (this.#dialect === 'siemens') return false;
    if (whole >= 73 && whole <= 89) return whole !== 80;
    if (this.#dialect === 'linuxcnc') return whole >= 70 && whole <= 72;
    if (!this.#turning) return false;
    return (whole >= 70 && whole <= 72) || (this.#modeNames === turningModes && turningCycles.has(whole));
  }

  #workOffset(number: number, block: Block): void {
    const extended = block.words.first(P);
    const more = number !== Math.floor(number) || (number === 54 && extended !== undefined && !(extended < 1));
    const which = Number.isNaN(extended) ? '?' : extended;
    this.#workOffsets.add(more && extended !== undefined ? `G${number} P${which}` : `G${number}`);
  }

  #statement(statement: Statement, block: Block): void {
    switch (statement.kind) {
      case 'program-start':
        this.#start(statement, block);
        break;
      case 'call':
        if (statement.where !== 'label' && statement.target !== undefined)
          this.calls.add(
            typeof statement.target === 'number' ? programName(statement.target) : printableText(statement.target, 40),
          );
        for (const { value } of statement.arguments) eachVariable(value, (v) => this.#readVariable(v));
        break;
      case 'assign':
        this.#written.add(variableName(statement.target));
        eachVariable(statement.value, (v) => this.#readVariable(v));
        break;
      case 'subprogram':
        this.#programs.add(typeof statement.name === 'number' ? programName(statement.name) : statement.name);
        break;
      case 'if':
      case 'else':
      case 'loop':
      case 'loop-end':
        if (statement.condition) eachVariable(statement.condition, (v) => this.#readVariable(v));
        break;
      case 'cycle':
        this.#cycles.add(statement.name);
        for (const { value } of statement.parameters) eachVariable(value, (v) => this.#readVariable(v));
        if (/^CYCL DEF 247/.test(statement.name)) this.#preset(statement.parameters[0]?.value);
        break;
      case 'tool':
        if (statement.via !== 'TOOL DEF') this.#tools.call(statement.tool, block);
        break;
      case 'address':
        eachVariable(statement.value, (v) => this.#readVariable(v));
        if (statement.name === 'SB') widen(this.#spindle, constantOf(statement.value));
        break;
      case 'other':
        if (statement.keyword === 'DIAMON' || statement.keyword === 'DIAM90') this.#modes.add('diameter');
        break;
      default:
    }
  }

  /** The axes in CTRANS(X,10) are names and no variables, and TRUE is a constant. */
  #readVariable(variable: Variable): void {
    if (variable.system !== 'name' || !isAxisName.test(variable.name)) this.#read.add(variableName(variable));
  }

  #preset(value: Parameters<typeof constantOf>[0] | undefined): void {
    const number = value ? constantOf(value) : Number.NaN;
    this.#workOffsets.add(Number.isNaN(number) ? 'preset' : `preset ${number}`);
  }

  #start({ name, number, units }: Extract<Statement, { kind: 'program-start' }>, block: Block): void {
    if (units === 'inch') this.#inch = true;
    if (units === 'millimetre') this.#metric = true;
    if (number !== undefined) {
      this.#programs.add(programName(number));
      // As it is written, leading zeros and all.
      const written = /[O:]\s*(\d+)/i.exec(
        printable(block.bytes, block.start - block.base, block.end - block.base, 40),
      );
      this.#programNumber ??= `O${written?.[1] ?? number}`;
    }
    const named = name === undefined ? '' : printableText(name);
    if (named === '') return;
    this.#programs.add(named);
    this.#programName ??= named;
  }

  #comment(block: Block): void {
    const whole = block.words.count === 0 && block.statements.length === 0;
    if (this.#moved && whole) return;
    const text = printable(block.bytes, block.commentStart - block.base, block.commentEnd - block.base);
    const inner = text.replace(/^[(;*]\s*-?\s*/, '').replace(/\s*\)$/, '');
    if (inner === '') return;
    const starts = block.statements.some((statement) => statement.kind === 'program-start');
    if (starts) this.#programName ??= inner;
    else if (whole) {
      if (this.#comments.all.length < notedComments) this.#comments.add(inner);
      this.#tools.described(inner);
    } else this.#tools.beside(inner, block.line);
  }

  facts(file: string, lines: number, dialectBecause: readonly string[]): ProgramFacts {
    return {
      file,
      dialect: this.#dialect,
      ...(this.#programNumber === undefined ? {} : { programNumber: this.#programNumber }),
      ...(this.#programName === undefined ? {} : { programName: this.#programName }),
      lines,
      tools: this.#tools.numbers,
      calls: this.calls.all.map((name) => name.slice(0, 40)),
      units: this.units,
      details: this.#details(dialectBecause),
    };
  }

  #details(dialectBecause: readonly string[]): ProgramDetails {
    this.motion.measure();
    const { lowest, highest } = this.motion;
    return {
      dialectBecause: [...dialectBecause],
      programs: this.#programs.all,
      comments: this.#comments.all,
      tools: this.#tools.all,
      workOffsets: this.#workOffsets.all,
      ...(this.#spindle.highest > 0 ? { spindle: this.#spindle } : {}),
      ...(this.#feed.highest > 0 ? { feed: this.#feed } : {}),
      modes: this.#modes.all,
      cycles: this.#cycles.all,
      variablesRead: this.#read.all,
      variablesWritten: this.#written.all,
      envelope: [...axisLetters].flatMap((axis, at) => {
        const [low, high] = [lowest[at] as number, highest[at] as number];
        return low <= high ? [{ axis, lowest: low, highest: high }] : [];
      }),
      cut: false,
    };
  }
}

/** What G65 and G66 hand over: T5 is no tool then, and F no feed. */
const handsOverArguments = (statements: readonly Statement[]): boolean =>
  statements.some((one) => one.kind === 'call' && (one.via === 'G65' || one.via.startsWith('G66')));

function widen(span: { lowest: number; highest: number }, value: number): void {
  if (value < span.lowest) span.lowest = value;
  if (value > span.highest) span.highest = value;
}
