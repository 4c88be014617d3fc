import { type FolderFiles, folderFiles } from '../../../src/edges/drop-folder/files.ts';

export type Fault =
  /** The step is done, then the process is dead: nothing that it still tries happens. */
  | 'crash'
  /** The step is not done and says so, once. */
  | 'fails'
  /** The step is done and says that it was not, once. */
  | 'done but fails';

const io = () => Object.assign(new Error('EIO: injected'), { code: 'EIO' });
const reading: readonly string[] = ['list', 'state', 'open'];

/** The real files, with a fault at one step. Steps are counted from 1; intake's stages can be counted with them. */
export class FaultyFiles {
  readonly steps: string[] = [];
  readonly files: FolderFiles;
  readonly #fault: Fault;
  readonly #at: number;
  readonly #countReads: boolean;
  #dead = false;

  constructor(fault: Fault, at: number, options: { countReads: boolean }) {
    this.#fault = fault;
    this.#at = at;
    this.#countReads = options.countReads;
    this.files = new Proxy(folderFiles, {
      get:
        (target, method: keyof FolderFiles) =>
        (...args: never[]) =>
          this.#step(method, `${method} ${String(args.at(-1))}`, () =>
            (target[method] as (...all: never[]) => Promise<unknown>)(...args),
          ),
    });
  }

  /** True once the fault has struck. */
  get struck(): boolean {
    return this.steps.length >= this.#at;
  }

  /** A stage of intake as a step. Only a crash can come after something was recorded: see the contract of `receive`. */
  stage(name: string): void {
    if (this.#dead) throw io();
    this.steps.push(`intake: ${name}`);
    if (this.steps.length !== this.#at) return;
    if (this.#fault === 'crash') this.#dead = true;
    if (this.#fault === 'crash' || name !== 'recorded') throw io();
  }

  async #step(method: string, what: string, act: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) throw io();
    if (reading.includes(method) && !this.#countReads) return act();
    this.steps.push(what);
    if (this.steps.length !== this.#at) return act();
    if (this.#fault === 'fails') throw io();
    const result = await act();
    if (this.#fault === 'crash') this.#dead = true;
    if (method === 'open') await (result as { close(): Promise<void> }).close();
    throw io();
  }
}
