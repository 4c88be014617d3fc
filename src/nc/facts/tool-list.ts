import type { ProgramDetails } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import type { Block } from '../program/block.ts';
import type { Expression } from '../program/expression.ts';
import { constantOf } from '../program/expression-reader.ts';
import { printableText } from './names.ts';

type Tool = { tool: string; line: number; description?: string; offsets: Set<string> };
const offsetsKept = 12;

/** The tools that a program calls, with what its comments say about them and the offsets that it uses with each. */
export class ToolList {
  readonly #tools = new Map<string, Tool>();
  readonly #descriptions = new Map<string, string>();
  readonly #offsets = new Map<string, Set<string>>();
  #last: Tool | undefined;
  #lastNumber = -1;
  /** The tool that M6 put in; undefined where the program has no M6, as on a lathe. */
  #inSpindle: string | undefined;

  get numbers(): number[] {
    return [...this.#tools.keys()].map(Number).filter((number) => Number.isSafeInteger(number) && number >= 0);
  }

  number(number: number, block: Block): void {
    if (number === this.#lastNumber) return;
    this.#lastNumber = number;
    this.#add(String(number), block.line);
  }

  /** A tool that a statement calls, by number or name; an empty name is the tool that is in. */
  call(tool: Expression, block: Block): void {
    const name = tool.kind === 'text' ? printableText(tool.value) : String(constantOf(tool));
    if (name !== '' && name !== 'NaN') this.#add(name, block.line);
    this.#lastNumber = -1;
  }

  #add(tool: string, line: number): void {
    let known = this.#tools.get(tool);
    if (!known) {
      if (this.#tools.size >= limits.factsPerProgram) return;
      known = { tool, line, offsets: new Set() };
      this.#tools.set(tool, known);
    }
    this.#last = known;
  }

  /** M6. A tool that stands in its block is the one; a second T there, or one behind it, is for the next change. */
  change(number: number | undefined): void {
    this.#inSpindle = number === undefined || Number.isNaN(number) ? this.#last?.tool : String(number);
  }

  offset(letter: 'H' | 'D', number: number): void {
    const tool = this.#inSpindle ?? this.#last?.tool ?? '';
    let known = this.#offsets.get(tool);
    if (!known) {
      if (this.#offsets.size >= limits.factsPerProgram) return;
      known = new Set();
      this.#offsets.set(tool, known);
    }
    if (known.size < offsetsKept) known.add(`${letter}${number}`);
  }

  /** A comment in a line of its own: `T1 H01 3.000 FACE MILL` tells of a tool. */
  described(comment: string): void {
    const [, number, text = ''] = /^T(?:OOL)?[\s#:=-]*(\d{1,8})\b[\s:=|,-]*(.*)$/i.exec(comment) ?? [];
    if (number === undefined || text === '' || this.#descriptions.size >= limits.factsPerProgram) return;
    if (!this.#descriptions.has(String(Number(number))))
      this.#descriptions.set(String(Number(number)), text.slice(0, 120));
  }

  /** A comment beside the block that calls a tool. */
  beside(comment: string, line: number): void {
    if (this.#last?.line === line) this.#last.description ??= comment.slice(0, 120);
  }

  get all(): ProgramDetails['tools'] {
    return [...this.#tools.values()].map(({ tool, line, description }) => {
      const said = description ?? this.#descriptions.get(tool);
      return {
        tool: tool.slice(0, 120),
        line,
        ...(said === undefined ? {} : { description: said }),
        offsets: [...(this.#offsets.get(tool) ?? [])],
      };
    });
  }
}
