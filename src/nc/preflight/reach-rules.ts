import { limits } from '../../domain/limits.ts';
import type { Dialect } from '../../domain/nc.ts';
import { printableText } from '../facts/names.ts';
import { NumberSet } from '../facts/number-set.ts';
import { nested, variableName } from '../facts/variables.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { type Block, letterBits } from '../program/block.ts';
import type { Expression, Variable } from '../program/expression.ts';
import { constantOf } from '../program/expression-reader.ts';
import type { Call, Jump, Statement } from '../program/statement.ts';
import type { FindingList } from './finding-list.ts';

/** FANUC macro B: #1 to #999 are the program's own and common variables. */
const firstSystemVariable = 1000;
const firstLinuxcncVariable = 5061;
const G = 0x47;
const L = 0x4c;
const codeBit = letterBits('G');
/** Siemens frames and tool data, Okuma work and tool offsets. */
const offsetVariables = /^(\$(P_[A-Z]*(FR|FRAME)|TC_|P_EXTF|P_WPFR|P_CYCF)|VZOF|VTOF|VZSHF|VTLO|VTLD|VTNR)/;

/** A call: where its target stands first. */
export type CallSite = { target: number | string; via: string; line: number; implicit: boolean };

/** What reaches beyond the part: offsets, variables of the control, other programs, ports, and loops. */
export class ReachRules {
  readonly calls = new Map<string, CallSite>();
  readonly #offsets;
  readonly #variables;
  readonly #output;
  readonly #callComputed;
  readonly #callsTooMany;
  readonly #external;
  readonly #goto;
  readonly #missing;
  readonly #endless;
  readonly #dialect: Dialect;
  /** G10. */
  readonly #writesByCode: boolean;
  readonly #profile: MachineProfile | undefined;
  /** Between G10 L50 and G11 each block writes a parameter. */
  #enters = false;
  readonly #numbers = new NumberSet();
  readonly #labels = new Set<string>();
  readonly #wanted = new Map<number | string, { line: number; what: string }>();

  constructor(findings: FindingList, dialect: Dialect, profile: MachineProfile | undefined) {
    this.#callsTooMany = findings.rule('calls-too-many');
    this.#offsets = findings.rule('offset-write');
    this.#variables = findings.rule('system-variable');
    this.#callComputed = findings.rule('call-computed');
    this.#output = findings.rule('data-output');
    this.#external = findings.rule('external-call');
    this.#goto = findings.rule('goto-backwards');
    this.#missing = findings.rule('goto-missing');
    this.#endless = findings.rule('loop-endless');
    this.#dialect = dialect;
    this.#writesByCode = dialect === 'iso' || dialect === 'mazak' || dialect === 'linuxcnc';
    this.#profile = profile;
  }

  block(block: Block): void {
    if (block.number !== -1) this.#numbers.add(block.number);
    if (block.label !== undefined && this.#labels.size < limits.ncLabels) this.#labels.add(block.label);
    if (block.statements.length > 0)
      for (const statement of nested(block.statements)) this.#statement(statement, block);
    if ((block.words.letters & codeBit) !== 0) {
      if (this.#writesByCode) this.#offsetCodes(block);
    } else if (this.#enters) this.#parameter(block);
  }

  #parameter({ words, line }: Block): void {
    if (words.count > 0)
      this.#offsets.at(line, () => `Line ${line} writes a parameter of the control (behind G10 L50).`);
  }

  #offsetCodes({ words, line }: Block): void {
    const { letter, value, count } = words;
    const writes = words.first(G);
    if (writes === 10 || writes === 11) this.#enters = writes === 10 && (words.first(L) ?? 0) >= 50;
    for (let at = 0; at < count; at++)
      // G10, and G10.9 and its like.
      if (letter[at] === G && (value[at] as number) >= 10 && (value[at] as number) < 11)
        this.#offsets.at(line, () => `Line ${line} writes offsets or parameters of the control (G10).`);
  }

  #statement(statement: Statement, block: Block): void {
    const { line } = block;
    switch (statement.kind) {
      case 'assign':
        this.#assignment(statement.target, line);
        return;
      case 'call':
        this.#call(statement, line);
        return;
      case 'goto':
        this.#jump(statement, line);
        return;
      case 'output':
        if (statement.external)
          this.#output.at(line, () => `Line ${line} sends data out of the control (${statement.via}).`);
        return;
      case 'loop':
        this.#loop(statement, line);
        return;
      case 'tool':
        if (statement.via === 'TOOL DEF' && (statement.parameters.length > 0 || block.words.count > 0))
          this.#offsets.at(line, () => `Line ${line} writes the data of a tool (TOOL DEF).`);
        return;
      case 'other':
        this.#other(statement.keyword, line);
        return;
      default:
    }
  }

  #other(keyword: string, line: number): void {
    if (keyword === 'FN 17' || keyword === 'D17')
      this.#variables.at(line, () => `Line ${line} writes data of the control (${keyword}).`);
    if (keyword === 'FN 25' || keyword === 'D25' || keyword === 'PRESET')
      this.#offsets.at(line, () => `Line ${line} writes a datum of the control (${keyword}).`);
  }

  #assignment(target: Variable, line: number): void {
    if (this.#mayWrite(target)) return;
    if (target.system === 'name' && offsetVariables.test(target.name))
      this.#offsets.at(
        line,
        () => `Line ${line} writes offsets of the control (${printableText(variableName(target))}).`,
      );
    else if (this.#dialect === 'linuxcnc' ? isLinuxcncSystem(target) : isSystem(target))
      this.#variables.at(line, () => `Line ${line} assigns to ${systemVariable(target)}.`);
  }

  #mayWrite(target: Variable): boolean {
    const allowed = this.#profile?.writableVariables;
    if (!allowed) return false;
    const number = target.index[0] ? constantOf(target.index[0]) : Number.NaN;
    if (target.system !== 'name') return allowed.numbers.some(([low, high]) => number >= low && number <= high);
    return allowed.names.some((name) => name.toUpperCase() === target.name);
  }

  #call(call: Call, line: number): void {
    const { via, target, where } = call;
    if (where === 'external')
      this.#external.at(line, () => `Line ${line} runs a program from outside the control's memory (${via}).`);
    else if (target === undefined)
      this.#callComputed.at(line, () => `Line ${line} calls (${via}) a program that cannot be told from the text.`);
    else if (where === 'label') this.#want(target, line, `${via} ${target}`);
    else this.#program(target, via, line);
  }

  #program(target: number | string, via: string, line: number): void {
    const key = String(target).toUpperCase();
    if (this.calls.has(key)) return;
    if (this.calls.size >= limits.factsPerProgram)
      this.#callsTooMany.at(line, () => `Line ${line} calls one program more than can be checked.`);
    else this.calls.set(key, { target, via, line, implicit: via === target });
  }

  #jump({ target, direction }: Jump, line: number): void {
    if (typeof target === 'object') {
      this.#goto.at(line, () => `Line ${line} jumps to a block whose number is computed; check that the loop ends.`);
      return;
    }
    const behind = typeof target === 'number' ? this.#numbers.has(target) : this.#labels.has(target);
    if (direction === 'backward' || (behind && direction === 'any')) {
      const name = typeof target === 'number' ? `N${target}` : target;
      this.#goto.at(line, () => `Line ${line} jumps back to ${printableText(name)}; check that the loop ends.`);
    }
    if (!behind) this.#want(target, line, typeof target === 'number' ? `N${target}` : target);
  }

  #want(target: number | string, line: number, what: string): void {
    if (this.#wanted.size < limits.factsPerProgram && !this.#wanted.has(target))
      this.#wanted.set(target, { line, what });
  }

  #loop(loop: Extract<Statement, { kind: 'loop' }>, line: number): void {
    const endless = loop.via === 'LOOP' || (loop.via === 'WHILE' && isAlways(loop.condition));
    if (endless) this.#endless.at(line, () => `Line ${line} begins a loop whose condition never ends it.`);
  }

  end(): void {
    for (const [target, { line, what }] of this.#wanted) {
      const there = typeof target === 'number' ? this.#numbers.has(target) : this.#labels.has(target.toUpperCase());
      if (!there)
        this.#missing.at(line, () => `Line ${line} goes to ${printableText(what)}, which is not in this program.`);
    }
  }
}

function isSystem({ system, name, index }: Variable): boolean {
  const number = index[0] ? constantOf(index[0]) : Number.NaN;
  if (system === '#') return name !== '' || Number.isNaN(number) || number >= firstSystemVariable;
  // Heidenhain keeps what it reports in Q100 to Q199.
  if (system === 'Q') return Number.isNaN(number) || (number >= 100 && number <= 199);
  return system === 'name' && /^(\$|V[A-Z])/.test(name);
}

/** What the machine keeps begins at #5061; names are the program's own. */
function isLinuxcncSystem({ name, index }: Variable): boolean {
  const number = index[0] ? constantOf(index[0]) : Number.NaN;
  return name === '' && !(number < firstLinuxcncVariable);
}

function systemVariable(target: Variable): string {
  const computed = target.system !== 'name' && Number.isNaN(target.index[0] ? constantOf(target.index[0]) : Number.NaN);
  if (computed && target.name === '') return 'a variable whose number is computed';
  return `system variable ${printableText(variableName(target))}`;
}

const comparisons: Record<string, (left: number, right: number) => boolean> = {
  EQ: (left, right) => left === right,
  NE: (left, right) => left !== right,
  GT: (left, right) => left > right,
  GE: (left, right) => left >= right,
  LT: (left, right) => left < right,
  LE: (left, right) => left <= right,
};

/** A condition without variables that holds. */
function isAlways(condition: Expression | undefined): boolean {
  if (condition === undefined) return true;
  if (condition.kind === 'number') return condition.value !== 0;
  if (condition.kind === 'variable') return condition.name === 'TRUE';
  if (condition.kind !== 'binary') return false;
  return comparisons[condition.operator]?.(constantOf(condition.left), constantOf(condition.right)) ?? false;
}
