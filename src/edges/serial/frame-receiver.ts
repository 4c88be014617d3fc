import type { SerialLine } from '../../domain/machine-links.ts';
import { codes, isFiller } from './codes.ts';

export type FrameBounds = { mostBytes: number; quietMs: number; silenceMs: number; readyMs: number };

/** What came from a control while nothing was sent to it. */
export type Heard =
  /** A whole program, without the characters that steer the line. */
  { kind: 'frame'; bytes: Buffer } | { kind: 'broken'; bytes: number; reason: string };

type Open = {
  content: Buffer;
  kept: number;
  /** Also those that were not kept. */
  bytes: number;
  percents: number;
  /** Whether the last character that means something is a `%`. */
  lastIsPercent: boolean;
  failure: string | undefined;
};

/**
 * Takes apart what a control sends: a program stands between DC2 and DC4, where the control says those, or from a `%` to
 * the last `%` that a DC3, a DC4 or a short silence follows, or before ETX on a line that has it. What stands outside is no program and is passed over. A
 * program that stops without its end is broken, and one longer than `mostBytes`. Pure: times come in.
 */
export class FrameReceiver {
  readonly #bounds: FrameBounds;
  readonly #sevenBits: boolean;
  readonly #endsWithEtx: boolean;
  #open: Open | undefined;
  #lastAt = 0;
  /** When the control said XON, and nothing since. */
  #readyAt: number | undefined;

  constructor({ dataBits, ending }: Pick<SerialLine, 'dataBits' | 'ending'>, bounds: FrameBounds) {
    this.#sevenBits = dataBits === 7;
    this.#endsWithEtx = ending === 'etx';
    this.#bounds = bounds;
  }

  /** The control waits for a program: it said so, and not so long ago that it was at something else. */
  isReady(now: number): boolean {
    return this.#readyAt !== undefined && now - this.#readyAt < this.#bounds.readyMs;
  }
  get receiving(): boolean {
    return this.#open !== undefined;
  }

  /** When `tick` has something to say, if nothing comes before. */
  get deadline(): number | undefined {
    if (!this.#open) return undefined;
    const { quietMs, silenceMs } = this.#bounds;
    return this.#lastAt + (isClosed(this.#open) ? quietMs : silenceMs);
  }

  received(bytes: Uint8Array, now: number): Heard[] {
    const heard = this.tick(now);
    this.#lastAt = now;
    for (const byte of bytes) {
      const ended = this.#take(byte);
      if (ended) heard.push(ended);
    }
    return heard;
  }

  tick(now: number): Heard[] {
    if (!this.#open || this.deadline === undefined || now < this.deadline) return [];
    return [this.#end(this.#open, 'silence')];
  }

  /** The line broke: what had come of a program does not go on with what comes next. */
  reset(): void {
    this.#open = undefined;
    this.#readyAt = undefined;
  }

  /** The control has been answered: it has to say again that it is ready. */
  forgetReady(): void {
    this.#readyAt = undefined;
  }

  #take(byte: number): Heard | undefined {
    const code = this.#sevenBits ? byte & 0x7f : byte;
    if (code === codes.dc1 || code === codes.dc3) return this.#readerCode(code);
    if (code === codes.dc2) {
      this.#readyAt = undefined;
      this.#open ??= emptyFrame();
      return undefined;
    }
    if (code === codes.dc4) return this.#open ? this.#end(this.#open, 'punch off') : undefined;
    if (this.#endsWithEtx && code === codes.endOfText)
      return this.#open ? this.#end(this.#open, 'end of text') : undefined;
    if (!this.#open) {
      if (!this.#begins(code)) return undefined;
      this.#readyAt = undefined;
      this.#open = emptyFrame();
    }
    this.#keep(this.#open, byte);
    return undefined;
  }

  /** Where ETX ends a program, its first character is its first that means something. */
  #begins(code: number): boolean {
    return code === codes.percent || (this.#endsWithEtx && !isFiller(code));
  }

  #readerCode(code: number): Heard | undefined {
    if (this.#open) return code === codes.dc3 && isClosed(this.#open) ? this.#end(this.#open, 'reader off') : undefined;
    this.#readyAt = code === codes.dc1 ? this.#lastAt : undefined;
    return undefined;
  }

  #keep(open: Open, byte: number): void {
    open.bytes++;
    if (this.#sevenBits && byte > 0x7f)
      open.failure ??= "what came does not fit a line of 7 bits: compare the control's parity with the line's";
    if (open.bytes > this.#bounds.mostBytes)
      open.failure ??= `the program is longer than ${this.#bounds.mostBytes} bytes`;
    if (open.failure !== undefined) return;
    if (byte === codes.percent) open.percents++;
    if (!isFiller(byte)) open.lastIsPercent = byte === codes.percent;
    append(open, byte);
  }

  #end(open: Open, by: 'punch off' | 'end of text' | 'reader off' | 'silence'): Heard {
    this.#open = undefined;
    const { bytes } = open;
    if (open.failure !== undefined) return { kind: 'broken', bytes, reason: open.failure };
    // What has no `%` at all, as Klartext, ends by what the line says alone.
    const isMarked = by === 'end of text' || (by === 'punch off' && open.percents === 0);
    const isWhole = isClosed(open) || (isMarked && bytes > 0);
    if (!isWhole) return { kind: 'broken', bytes, reason: 'the control stopped before the end of the program' };
    return { kind: 'frame', bytes: withoutTape(open.content.subarray(0, open.kept)) };
  }
}

const isClosed = ({ percents, lastIsPercent }: Open): boolean => percents > 1 && lastIsPercent;

const emptyFrame = (): Open => ({
  ...{ content: Buffer.alloc(1_024), kept: 0, bytes: 0 },
  ...{ percents: 0, lastIsPercent: false, failure: undefined },
});

function append(open: Open, byte: number): void {
  if (open.kept === open.content.length) open.content = Buffer.concat([open.content, Buffer.alloc(open.kept)]);
  open.content[open.kept++] = byte;
}

const isTape = (byte: number | undefined): boolean => byte === codes.nul || byte === codes.rubOut;

/** Without the NULs and rub-outs that stand before and behind it. */
function withoutTape(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && isTape(bytes[from])) from++;
  while (to > from && isTape(bytes[to - 1])) to--;
  return bytes.subarray(from, to);
}
