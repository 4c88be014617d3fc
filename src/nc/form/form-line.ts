import type { ControlForm } from '../../domain/control-form.ts';
import { SpanReader, spanKinds, writings } from '../canon/writing.ts';
import { impossible } from './control-name.ts';

const questionMark = 0x3f;
const isSmall = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;

/** Rewrites one line after another, each without its end. */
export class FormLine {
  readonly #form: ControlForm;
  readonly #spans: SpanReader;
  #bytes: Uint8Array = new Uint8Array();
  #out: number[] = [];
  #droppedNumber = false;

  constructor(form: ControlForm) {
    this.#form = form;
    this.#spans = new SpanReader(writings[form.dialect], (kind, start, end) => this.#span(kind, start, end));
  }

  /** Throws `form-impossible` where something that is no comment is not ASCII and must be. */
  rewrite(line: Uint8Array): Uint8Array {
    this.#bytes = line;
    this.#out = [];
    this.#droppedNumber = false;
    this.#spans.line(line, 0, line.length);
    return Uint8Array.from(this.#out);
  }

  #span(kind: number, start: number, end: number): void {
    const { sequenceNumbers, comments } = this.#form;
    if (kind === spanKinds.number && sequenceNumbers === 'removed') {
      this.#droppedNumber = true;
      return;
    }
    // What parted the number from the block parts nothing now.
    if (kind === spanKinds.blank && this.#droppedNumber && this.#out.length === 0) return;
    if (kind === spanKinds.comment) {
      if (comments !== 'removed') this.#comment(start, end);
      return;
    }
    const capitals = this.#form.letters === 'capitals' && kind !== spanKinds.text;
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte > 0x7e && comments === 'ascii') throw impossible('it is not ASCII outside of its comments');
      this.#out.push(capitals && isSmall(byte) ? byte - 0x20 : byte);
    }
  }

  #comment(start: number, end: number): void {
    const ascii = this.#form.comments === 'ascii';
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      this.#out.push(ascii && byte > 0x7e ? questionMark : byte);
    }
  }
}
