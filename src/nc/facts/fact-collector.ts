import type { ProgramDetails, ProgramFacts } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { Block, BlockVisitor } from '../program/block.ts';
import { constantOf } from '../program/expression-reader.ts';
import type { Statement } from '../program/statement.ts';
import { axisLetters, Motion } from './motion.ts';
import { NameList, printable, printableText, programName } from './names.ts';
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
/** What G70 and G71 are in these dialects; elsewhere they are lathe cycles. */
const unitsBySeventy: ReadonlySet<Dialect> = new Set<Dialect>(['siemens', 'heidenhain-iso']);

/** What is interesting of a G code, by its whole part. */
const isWorkOffset = (value: number): boolean => value >= 54 && value <= 59;

/** Collects what a program says about itself. One pass; lists are bounded. */
export class FactCollector implements BlockVisitor {
  readonly motion: Motion;
  readonly calls = new NameList();
  readonly #dialect: Dialect;
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

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.motion = new Motion(dialect === 'klartext');
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
      this.#words(block);
      if (this.motion.block(block)) this.#moved = true;
    }
    if (block.commentEnd !== 0) this.#comment(block);
  }

  #words(block: Block): void {
    const { letter, value, count } = block.words;
    for (let at = 0; at < count; at++) {
      const number = value[at] as number;
      switch (letter[at]) {
        case G:
          this.#preparatory(number, block);
          break;
        case F:
          if (!this.perRevolution && number > 0) widen(this.#feed, number);
          break;
        case S:
          if (!this.perSurface && number > 0) widen(this.#spindle, number);
          break;
        case T:
          if (number >= 0) this.#tools.number(number, block);
          break;
        case M:
          if (number === 6) this.#tools.change(block.words.first(T));
          break;
        case H:
        case D:
          if (number > 0) this.#tools.offset(letter[at] === H ? 'H' : 'D', number);
          break;
        default:
      }
      if (Number.isNaN(number)) this.#computed(block, at);
    }
  }

  #computed(block: Block, at: number): void {
    const expression = block.words.expression(at);
    if (expression) eachVariable(expression, (variable) => this.#read.add(variableName(variable)));
  }

  #preparatory(number: number, block: Block): void {
    if (number === 95 || number === 94 || number === 93) this.perRevolution = number !== 94;
    else if (number === 96 || number === 97) this.perSurface = number === 96;
    const whole = number | 0;
    // Nearly every G code was seen before.
    if (number === whole && whole >= 0 && whole < 1024 && whole !== 54 && whole !== 15) {
      if (this.#seenG[whole]) return;
      this.#seenG[whole] = 1;
    }
    this.#newCode(number, whole, block);
  }

  #newCode(number: number, whole: number, block: Block): void {
    const mode = modeNames[number];
    if (mode) this.#modes.add(mode);
    if (isWorkOffset(whole)) this.#workOffset(number, block);
    else if (whole === 15 && this.#dialect === 'okuma') this.#workOffsets.add(`H${block.words.first(H) ?? '?'}`);
    else if (this.#dialect === 'siemens' && (whole === 500 || (whole >= 505 && whole <= 599)))
      this.#workOffsets.add(`G${whole}`);
    else if (whole >= 73 && whole <= 89 && whole !== 80 && number === whole) this.#cycles.add(`G${whole}`);
    else if (number === 20 && !unitsBySeventy.has(this.#dialect)) this.#inch = true;
    else if (number === 21 && !unitsBySeventy.has(this.#dialect)) this.#metric = true;
    else if (unitsBySeventy.has(this.#dialect) && (number === 70 || number === 700)) this.#inch = true;
    else if (unitsBySeventy.has(this.#dialect) && (number === 71 || number === 710)) this.#metric = true;
  }

  #workOffset(number: number, block: Block): void {
    const extended = block.words.first(P);
    const more = number !== Math.floor(number) || (number === 54 && extended !== undefined && extended >= 1);
    this.#workOffsets.add(more && extended !== undefined ? `G${number} P${extended}` : `G${number}`);
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
        for (const { value } of statement.arguments) eachVariable(value, (v) => this.#read.add(variableName(v)));
        break;
      case 'assign':
        this.#written.add(variableName(statement.target));
        eachVariable(statement.value, (v) => this.#read.add(variableName(v)));
        break;
      case 'if':
      case 'loop':
        if (statement.condition) eachVariable(statement.condition, (v) => this.#read.add(variableName(v)));
        break;
      case 'cycle':
        this.#cycles.add(statement.name);
        for (const { value } of statement.parameters) eachVariable(value, (v) => this.#read.add(variableName(v)));
        if (/^CYCL DEF 247/.test(statement.name)) this.#preset(statement.parameters[0]?.value);
        break;
      case 'tool':
        if (statement.via !== 'TOOL DEF') this.#tools.call(statement.tool, block);
        break;
      case 'address':
        if (statement.name === 'SB') widen(this.#spindle, constantOf(statement.value));
        break;
      case 'other':
        if (statement.keyword.startsWith('DIA')) this.#modes.add('diameter');
        break;
      default:
    }
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

function widen(span: { lowest: number; highest: number }, value: number): void {
  if (value < span.lowest) span.lowest = value;
  if (value > span.highest) span.highest = value;
}

/** The facts of a package with their lists cut until they fit into `bytes` of an event together. */
export function fitting(all: readonly ProgramFacts[], bytes: number): ProgramFacts[] {
  for (const most of [limits.factsPerProgram, 100, 40, 15, 5]) {
    const cut = all.map((facts) => shortened(facts, most));
    if (JSON.stringify(cut).length <= bytes) return cut;
  }
  return all.map(({ details: _details, ...facts }) => ({
    ...facts,
    tools: facts.tools.slice(0, 5),
    calls: facts.calls.slice(0, 5),
  }));
}

function shortened(facts: ProgramFacts, most: number): ProgramFacts {
  const { details } = facts;
  if (!details) return facts;
  let cut = details.cut;
  const kept = Object.fromEntries(
    Object.entries(details).map(([key, value]) => {
      if (!Array.isArray(value) || value.length <= most) return [key, value];
      cut = true;
      return [key, value.slice(0, most)];
    }),
  ) as ProgramDetails;
  return { ...facts, details: { ...kept, cut } };
}
