import { limits } from '../../domain/limits.ts';
import type { Statement } from '../program/statement.ts';

/** The block from which another tool cuts. `tool` is `T15`, or the name of the tool. */
export type ToolChange = { block: number; tool: string };

/** Mills change the tool at M6, with the T before it; lathes at the T itself; Klartext at TOOL CALL. */
export class ToolChanges {
  readonly #selected: ToolChange[] = [];
  readonly #changed: ToolChange[] = [];
  #next = '';
  /** An M6 stood before the T of its block. */
  #waitingIn = -1;

  word(block: number, value: number, index: number): void {
    this.#select(block, Number.isNaN(value) ? 'T (computed)' : `T${index >= 0 ? `${index}=` : ''}${value}`);
  }

  change(block: number): void {
    this.#changed.push({ block, tool: this.#next });
    this.#waitingIn = block;
  }

  statement(block: number, { via, tool }: Extract<Statement, { kind: 'tool' }>): void {
    const name =
      tool.kind === 'number'
        ? `T${tool.value}`
        : tool.kind === 'text'
          ? tool.value
          : tool.kind === 'unknown'
            ? undefined
            : 'T (computed)';
    if (name === undefined || via === 'TOOL DEF') return;
    if (via === 'TOOL CALL') this.#changed.push({ block, tool: name });
    else this.#select(block, name);
  }

  /** The last one that is kept stands for all behind it. */
  all(): ToolChange[] {
    const all = this.#changed.length > 0 ? this.#changed : this.#selected;
    return all.filter(({ tool }) => tool !== '').slice(0, limits.ncToolChanges);
  }

  #select(block: number, tool: string): void {
    this.#next = tool;
    this.#selected.push({ block, tool });
    const last = this.#changed.at(-1);
    if (this.#waitingIn === block && last !== undefined) last.tool = tool;
  }
}
