import { limits } from '../../domain/limits.ts';

const lf = 0x0a;
const cr = 0x0d;

/** `bytes` from `start` to `end` are a line without its end, `ending` the bytes that ended it: valid during the call. */
export type TakeLine = (line: Uint8Array, ending: Uint8Array) => void;

/** Cuts a stream into lines at LF, CR, CR LF and LF CR CR. Chunks may be cut anywhere; `onLong` hears of a line past the limit. */
export class FormLines {
  readonly #take: TakeLine;
  readonly #onLong: () => void;
  #held: Uint8Array = new Uint8Array();

  constructor(take: TakeLine, onLong: () => void) {
    this.#take = take;
    this.#onLong = onLong;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const rest = this.#cut(bytes, false);
    if (bytes.length - rest > limits.canonicalLineBytes) this.#onLong();
    this.#held = bytes.slice(rest);
  }

  end(): void {
    const rest = this.#cut(this.#held, true);
    if (rest < this.#held.length) this.#take(this.#held.subarray(rest), new Uint8Array());
    this.#held = new Uint8Array();
  }

  /** Returns where the line begins whose end is not known yet. */
  #cut(bytes: Uint8Array, isAll: boolean): number {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== lf && byte !== cr) continue;
      // Two more bytes may belong to this end.
      if (!isAll && at + 2 >= bytes.length) return start;
      const length = endLength(bytes, at);
      this.#take(bytes.subarray(start, at), bytes.subarray(at, at + length));
      at += length - 1;
      start = at + 1;
    }
    return start;
  }
}

function endLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] === cr) return bytes[at + 1] === lf ? 2 : 1;
  return bytes[at + 1] === cr && bytes[at + 2] === cr ? 3 : 1;
}
