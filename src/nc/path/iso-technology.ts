import type { BlockWords } from './block-words.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

/** F, S, T and M6, which hold from their block on. */
export class IsoTechnology {
  readonly #machine: IsoCoordinates;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  block(words: BlockWords): void {
    const { mover, state, options } = this.#machine;
    const feed = words.take('F');
    if (feed !== undefined) mover.feed = mover.feedMode === 'inverse-time' ? feed : feed * state.scale;
    const speed = words.take('S');
    if (speed !== undefined) this.#speed(speed, words);
    const tool = words.take('T');
    if (tool !== undefined) this.#tool(tool);
    const [first] = words.tools;
    // Mazak: T1 T2 M6 changes to tool 1 and makes tool 2 ready.
    const two = options.dialect === 'mazak' && words.tools.length > 1 && first !== undefined;
    const next = state.nextTool;
    if (two) state.nextTool = nameOf(first);
    if (words.m.includes(6)) this.#machine.changeTool(state.nextTool ?? (mover.path.tools[mover.path.tool] as string));
    if (two) state.nextTool = next;
  }

  #speed(speed: number, words: BlockWords): void {
    const { mover } = this.#machine;
    if (words.g.includes(960)) mover.surfaceSpeed = this.#surface(speed);
    else if (mover.surfaceSpeed !== undefined && !words.g.includes(970)) mover.surfaceSpeed = this.#surface(speed);
    else mover.speed = speed;
  }

  /** Metres a minute; feet a minute in inch programs. */
  #surface(speed: number): number {
    return this.#machine.state.scale === 1 ? speed : speed * 0.3048;
  }

  /** Turrets change at once: T0101 is tool 1 with offset 1, an Okuma's T010203 tool 2. Magazines wait for M6. */
  #tool(tool: number): void {
    const { options, mover, state } = this.#machine;
    if (!options.lathe) {
      state.nextTool = nameOf(tool);
      return;
    }
    const six = options.dialect === 'okuma' && tool >= 10_000;
    const name = nameOf(six ? Math.floor(tool / 100) % 100 : tool >= 100 ? Math.floor(tool / 100) : tool);
    if (name !== '0' && mover.path.tools[mover.path.tool] !== name) this.#machine.changeTool(name);
  }
}

const nameOf = (tool: number): string => (Number.isNaN(tool) ? '?' : `${tool}`);
