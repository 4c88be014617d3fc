import type { SerialLine } from '../../domain/machine-links.ts';
import { codes, isFiller } from './codes.ts';
import type { Outgoing, Step } from './outgoing.ts';

export type CharacterBounds = {
  readyMs: number;
  stallMs: number;
  trailerMs: number;
  noiseBytes: number;
  noiseMs: number;
};
type Line = Pick<
  SerialLine,
  'baud' | 'dataBits' | 'parity' | 'stopBits' | 'burst' | 'leader' | 'ending' | 'waitsForXon'
>;

/** How long one character is on the line: start bit, data, parity, stop bits. */
export const characterMs = ({
  baud,
  dataBits,
  parity,
  stopBits,
}: Pick<Line, 'baud' | 'dataBits' | 'parity' | 'stopBits'>): number =>
  (1_000 * (1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits)) / baud;

/**
 * Sends a program as characters, with a leader of NULs before it and behind it, and stops when the control says XOFF. One
 * burst is on its way at a time, and the next is not written before the line can have carried it, whatever a
 * driver or a device server says it has drained: at most `burst` characters follow an XOFF.
 *
 * `done` says that the last character has left this computer while the control had not stopped us. The control says
 * nothing about what it made of them: only what it sends back tells.
 */
export class CharacterSender implements Outgoing {
  readonly #bounds: CharacterBounds;
  readonly #characterMs: number;
  readonly #burst: number;
  readonly #leader: Buffer;
  readonly #ending: Buffer;
  #queue: Buffer;
  /** `flowing`: the control lets us send. */
  #flowing: boolean;
  #begun = false;
  /** When the control last changed its mind; at first, when we began to wait for it. */
  #since: number;
  #writingSince: number | undefined;
  #lineFreeAt = 0;
  #wholeFed = false;
  #stage: 'program' | 'trailer' = 'program';
  #noise = { bytes: 0, since: 0 };
  #failure: string | undefined;

  /** `isReady`: the control has said XON already. */
  constructor(line: Line, bounds: CharacterBounds, isReady: boolean, now: number) {
    this.#bounds = bounds;
    this.#characterMs = characterMs(line);
    this.#burst = line.burst;
    this.#leader = Buffer.alloc(line.leader, codes.nul);
    this.#ending = Buffer.from(line.ending === 'etx' ? [codes.endOfText] : []);
    this.#queue = this.#leader;
    this.#flowing = isReady || !line.waitsForXon;
    this.#begun = this.#flowing;
    this.#since = now;
  }

  next(now: number): Step {
    if (this.#failure !== undefined) return { do: 'failed', reason: this.#failure };
    if (this.#writingSince !== undefined)
      return this.#wait(now, this.#writingSince + this.#bounds.stallMs, 'The line took no more characters.');
    if (this.#queue.length === 0 && this.#stage === 'program') {
      if (!this.#wholeFed) return { do: 'feed' };
      this.#beginTrailer(now);
    }
    if (this.#queue.length === 0) return { do: 'done' };
    if (!this.#flowing) return this.#heldBack(now);
    if (now < this.#lineFreeAt) return { do: 'wait', until: this.#lineFreeAt };
    return this.#burstOut(now);
  }

  written(): void {
    this.#writingSince = undefined;
  }

  feed(bytes: Buffer, isLast: boolean): void {
    this.#queue = Buffer.concat([this.#queue, bytes, ...(isLast ? [this.#ending] : [])]);
    this.#wholeFed = isLast;
  }

  received(bytes: Uint8Array, now: number): void {
    for (const byte of bytes) {
      // Where the line has a parity bit, a device server that is set otherwise leaves it in; XOFF must stop us all the same.
      const code = byte & 0x7f;
      if (code === codes.dc1) this.#flow(true, now);
      else if (code === codes.dc3) this.#flow(false, now);
      else if (!isFiller(code) && code !== codes.dc2 && code !== codes.dc4) this.#heardNoise(now);
    }
  }

  farewell(): Buffer {
    return Buffer.alloc(0);
  }

  #burstOut(now: number): Step {
    const bytes = this.#queue.subarray(0, this.#burst);
    this.#queue = this.#queue.subarray(bytes.length);
    this.#lineFreeAt = now + bytes.length * this.#characterMs;
    this.#writingSince = now;
    return { do: 'write', bytes };
  }

  #beginTrailer(now: number): void {
    this.#stage = 'trailer';
    this.#queue = this.#leader;
    if (!this.#flowing) this.#since = now;
  }

  #heldBack(now: number): Step {
    const { readyMs, stallMs, trailerMs } = this.#bounds;
    if (!this.#begun) return this.#wait(now, this.#since + readyMs, 'The control did not say that it is ready (XON).');
    // It has read its last `%` and switched its reader off: it will not take what is behind.
    if (this.#stage === 'trailer' && now >= this.#since + trailerMs) return { do: 'done' };
    if (this.#stage === 'trailer') return { do: 'wait', until: this.#since + trailerMs };
    return this.#wait(now, this.#since + stallMs, 'The control said XOFF and never XON again.');
  }

  #wait(now: number, until: number, reason: string): Step {
    if (now < until) return { do: 'wait', until };
    this.#failure = reason;
    return { do: 'failed', reason };
  }

  #flow(flowing: boolean, now: number): void {
    if (flowing) this.#begun = true;
    if (this.#flowing !== flowing) this.#since = now;
    this.#flowing = flowing;
  }

  #heardNoise(now: number): void {
    const { noiseBytes, noiseMs } = this.#bounds;
    if (now - this.#noise.since > noiseMs) this.#noise = { bytes: 0, since: now };
    if (++this.#noise.bytes > noiseBytes) this.#failure = 'The control is sending and not reading.';
  }
}
