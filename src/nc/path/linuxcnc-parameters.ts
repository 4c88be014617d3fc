import type { Point } from './frame.ts';
import type { IsoCoordinates } from './iso-coordinates.ts';

const workNames = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3'];
/** Numbers of G0 to G3 as `#<_motion_mode>` says them, times ten. */
const motionModes = { rapid: 0, line: 10, clockwise: 20, 'counter-clockwise': 30, thread: 330 } as const;

/** LinuxCNC's parameters from #5061 on, in the machine's unit, and those that it names. */
export class LinuxcncParameters {
  readonly #machine: IsoCoordinates;
  #probed: Point = [0, 0, 0];
  /** 1 where the last probe touched; NaN where only the machine knows. */
  #touched = 0;

  constructor(machine: IsoCoordinates) {
    this.#machine = machine;
  }

  read(number: number): number | undefined {
    if (number < 5061 || number > 5602) return undefined;
    if (number <= 5069) return this.#axis(number - 5061, this.#probed, this.#machine.state.scale);
    if (number === 5070) return this.#touched;
    if (number === 5220) return workNames.indexOf(this.#machine.state.workName) + 1;
    if (number >= 5221 && number <= 5390) return this.#workOffset(number);
    if (number >= 5420 && number <= 5428)
      return this.#axis(number - 5420, this.#machine.mover.at, this.#machine.state.scale);
    return this.#stored(number);
  }

  /** A probe was taken to stop here. */
  probe(at: Point): void {
    const { probe } = this.#machine.options;
    this.#probed = at;
    this.#touched = probe ? Number(probe.touches) : Number.NaN;
  }

  /** 0 for axes that are not followed. */
  #axis(axis: number, point: Point, scale: number): number {
    return axis > 2 ? 0 : (point[axis] as number) / scale;
  }

  get #unit(): number {
    return this.#machine.options.unitAtStart === 'inch' ? 25.4 : 1;
  }

  #workOffset(number: number): number | undefined {
    const [at, place] = [Math.floor((number - 5221) / 20), (number - 5221) % 20];
    const name = workNames[at] ?? '';
    if (place === 9) return this.#machine.state.turns.get(name) ?? 0;
    return place > 9 ? undefined : this.#axis(place, this.#machine.workOffsets.get(name) ?? [0, 0, 0], this.#unit);
  }

  #stored(number: number): number | undefined {
    const { home, secondHome, shift } = this.#machine.state;
    if (number >= 5161 && number <= 5169) return this.#axis(number - 5161, home, this.#unit);
    if (number >= 5181 && number <= 5189) return this.#axis(number - 5181, secondHome, this.#unit);
    if (number >= 5211 && number <= 5219) return this.#axis(number - 5211, shift, this.#unit);
    if (number === 5400) return this.#tool;
    return undefined;
  }

  get #tool(): number {
    const { path } = this.#machine.mover;
    return Number(path.tools[path.tool] ?? 0);
  }

  /** An offset that is written holds when its system is chosen again. */
  write(number: number, value: number): boolean {
    if (number === 5070) this.#touched = value;
    const [at, place] = [Math.floor((number - 5221) / 20), (number - 5221) % 20];
    const name = workNames[at];
    if (number < 5221 || name === undefined || (place > 2 && place !== 9)) return number < 5161;
    if (place === 9) this.#machine.state.turns.set(name, value);
    else {
      const offset: [number, number, number] = [...(this.#machine.workOffsets.get(name) ?? [0, 0, 0])];
      offset[place] = value * this.#unit;
      this.#machine.workOffsets.set(name, offset);
    }
    return true;
  }

  named(name: string): number | undefined {
    const { state, mover } = this.#machine;
    const axis = ['<_X>', '<_Y>', '<_Z>'].indexOf(name);
    if (axis !== -1) return this.#axis(axis, mover.at, state.scale);
    switch (name) {
      case '<_METRIC>':
        return Number(state.scale === 1);
      case '<_IMPERIAL>':
        return Number(state.scale !== 1);
      case '<_ABSOLUTE>':
        return Number(state.absolute);
      case '<_INCREMENTAL>':
        return Number(!state.absolute);
      case '<_FEED>':
        return mover.feed / state.scale;
      case '<_RPM>':
        return mover.speed;
      case '<_PLANE>':
        return state.plane * 10;
      case '<_COORD_SYSTEM>':
        return [540, 550, 560, 570, 580, 590, 591, 592, 593][workNames.indexOf(state.workName)];
      case '<_CURRENT_TOOL>':
        return this.#tool;
      case '<_MOTION_MODE>':
        return state.motion in motionModes ? motionModes[state.motion as keyof typeof motionModes] : undefined;
      case '<_LATHE_DIAMETER_MODE>':
        return Number(state.diameter);
      default:
        return undefined;
    }
  }
}
