import { codes } from './codes.ts';
import { crc16 } from './crc16.ts';
import type { Outgoing, Step } from './outgoing.ts';

export type XmodemBounds = { readyMs: number; answerMs: number; stallMs: number; quietMs: number; retries: number };
type Check = 'sum' | 'crc';

export const xmodemDataBytes = 128;

/** SOH, number, its complement, 128 bytes padded with SUB, and a sum of one byte or a CRC of two. */
export function xmodemBlock(number: number, data: Buffer, check: Check): Buffer {
  const padded = Buffer.alloc(xmodemDataBytes, codes.substitute);
  data.copy(padded);
  const sum = padded.reduce((total, byte) => (total + byte) & 0xff, 0);
  const crc = crc16(padded);
  const tail = check === 'sum' ? [sum] : [crc >> 8, crc & 0xff];
  const at = number & 0xff;
  return Buffer.concat([Buffer.from([codes.startOfHeader, at, 0xff - at]), padded, Buffer.from(tail)]);
}

/**
 * Sends a program in the 128-byte blocks of XMODEM (Christensen 1977; with CRC where the control asks by `C`). The
 * control begins, acknowledges each block or asks for it again, and acknowledges the end: `done` says that it has. The
 * last block is filled up with SUB, as the protocol has no lengths; what a control does with those is its own.
 */
export class XmodemSender implements Outgoing {
  readonly #bounds: XmodemBounds;
  #queue: Buffer = Buffer.alloc(0);
  #ended = false;
  #check: Check | undefined;
  /** Of the block under way; 1 is the first. */
  #number = 1;
  #stage: 'ready' | 'block' | 'end' | 'done' = 'ready';
  /** What is to be written, and once written, answered. */
  #unsent: Buffer | undefined;
  #tries = 0;
  #since: number;
  #writing = false;
  /** What the control said while a block was still being written: a driver may tell us of its answer before the block's end. */
  #early: number | undefined;
  /** A block that is sent again may be acknowledged twice: it is not written before this, and what comes until then is nobody's answer. */
  #quietUntil = 0;
  #cancels = 0;
  #failure: string | undefined;

  constructor(bounds: XmodemBounds, now: number) {
    this.#bounds = bounds;
    this.#since = now;
  }

  next(now: number): Step {
    if (this.#failure !== undefined) return { do: 'failed', reason: this.#failure };
    if (this.#stage === 'done') return { do: 'done' };
    if (this.#writing) return this.#wait(now, this.#bounds.stallMs, 'The line took no more characters.');
    if (this.#queue.length < xmodemDataBytes && !this.#ended) return { do: 'feed' };
    if (this.#stage === 'ready')
      return this.#wait(now, this.#bounds.readyMs, 'The control did not ask for the first block.');
    if (now < this.#quietUntil) return { do: 'wait', until: this.#quietUntil };
    if (this.#unsent === undefined)
      return this.#wait(now, this.#bounds.answerMs, 'The control did not answer a block.');
    return this.#write(this.#unsent, now);
  }

  written(now: number): void {
    this.#writing = false;
    this.#since = now;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#answered(early, now);
  }

  feed(bytes: Buffer, isLast: boolean, now: number): void {
    this.#ended = isLast;
    this.#queue = Buffer.concat([this.#queue, bytes]);
    if (this.#check !== undefined) this.#prepare(now);
  }

  received(bytes: Uint8Array, now: number): void {
    for (const byte of bytes) {
      this.#cancels = byte === codes.cancel ? this.#cancels + 1 : 0;
      // One may be noise on the line; two are meant.
      if (this.#cancels === 2) this.#failure = 'The control cancelled the transfer.';
      if (this.#stage === 'ready') this.#begin(byte, now);
      else if (this.#writing) this.#early = byte;
      else if (this.#unsent === undefined) this.#answered(byte, now);
    }
  }

  farewell(): Buffer {
    return Buffer.alloc(3, codes.cancel);
  }

  #begin(byte: number, now: number): void {
    if (byte === codes.wantsCrc) this.#check = 'crc';
    else if (byte === codes.negativeAcknowledge) this.#check = 'sum';
    else return;
    this.#stage = 'block';
    this.#prepare(now);
  }

  #answered(byte: number, now: number): void {
    const first = this.#number === 1 && this.#stage === 'block';
    if (byte === codes.acknowledge) this.#acknowledged(now);
    else if (byte === codes.negativeAcknowledge || (first && byte === codes.wantsCrc)) this.#again(now);
  }

  #acknowledged(now: number): void {
    this.#tries = 0;
    this.#since = now;
    if (this.#stage === 'end') {
      this.#stage = 'done';
      return;
    }
    this.#queue = this.#queue.subarray(xmodemDataBytes);
    this.#number++;
    this.#prepare(now);
  }

  #again(now: number): void {
    if (++this.#tries > this.#bounds.retries) {
      this.#failure = `The control refused a block ${this.#tries} times.`;
      return;
    }
    this.#quietUntil = now + this.#bounds.quietMs;
    this.#prepare(now);
  }

  /** The block or the end that is to be written next; nothing while more of the program has to be fed first. */
  #prepare(now: number): void {
    this.#since = now;
    this.#unsent = undefined;
    if (this.#queue.length >= xmodemDataBytes || (this.#ended && this.#queue.length > 0)) {
      const data = this.#queue.subarray(0, xmodemDataBytes);
      this.#unsent = xmodemBlock(this.#number, data, this.#check ?? 'sum');
    } else if (this.#ended) {
      this.#stage = 'end';
      this.#unsent = Buffer.from([codes.endOfTransmission]);
    }
  }

  #write(bytes: Buffer, now: number): Step {
    this.#unsent = undefined;
    this.#writing = true;
    this.#since = now;
    return { do: 'write', bytes };
  }

  #wait(now: number, ms: number, reason: string): Step {
    if (now < this.#since + ms) return { do: 'wait', until: this.#since + ms };
    this.#failure = reason;
    return { do: 'failed', reason };
  }
}
