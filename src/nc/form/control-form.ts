import type { ControlForm, ControlNeeds } from '../../domain/control-form.ts';
import type { Dialect } from '../../domain/nc.ts';
import type { ReadbackRules } from '../../domain/nc-canon.ts';
import { CanonicalForm } from '../canon/canonical-digests.ts';
import { writings } from '../canon/writing.ts';
import { impossible } from './control-name.ts';
import { FormLine } from './form-line.ts';
import { FormLines } from './form-lines.ts';

const ends = { lf: '\n', crlf: '\r\n', cr: '\r', 'lf-cr-cr': '\n\r\r' } as const;
const pieceBytes = 64 * 1024;

/** The form of one program for a control with these needs. Throws `form-impossible`. */
export function formFor(
  program: { name: string; programNumber?: string | undefined },
  { dialect, needs }: { dialect: Dialect; needs: ControlNeeds },
): ControlForm {
  const { lineEnds, percent, leader, sequenceNumbers, letters, comments, number } = needs;
  const form = { dialect, lineEnds, percent, leader, sequenceNumbers, letters, comments };
  if (number === 'as-is' || program.programNumber !== undefined) return form;
  const digits = /\d{1,8}/.exec(program.name)?.[0];
  if (digits === undefined) throw impossible(`there is no number in the name ${program.name}`);
  return { ...form, number: `O${digits}` };
}

/** Whether a program in this form has the very bytes that were deposited. */
export const changesNothing = (form: ControlForm): boolean =>
  form.lineEnds === 'as-is' &&
  form.percent === 'as-is' &&
  form.leader === 0 &&
  form.number === undefined &&
  form.sequenceNumbers === 'as-is' &&
  form.letters === 'as-is' &&
  form.comments === 'as-is';

/**
 * The program as its control is sent it. The same bytes and form give the same bytes always. Ends with `form-impossible`
 * when the result would not be the same program in its canonical form, that is, when more changed than the form says.
 */
export async function* inControlForm(
  program: AsyncIterable<Uint8Array>,
  form: ControlForm,
): AsyncGenerator<Uint8Array> {
  const writer = new FormWriter(form);
  for await (const chunk of program) {
    writer.push(chunk);
    yield* writer.taken();
  }
  writer.end();
  yield* writer.taken();
}

class FormWriter {
  readonly #form: ControlForm;
  readonly #lines: FormLines;
  readonly #line: FormLine;
  readonly #before: CanonicalForm;
  readonly #after: CanonicalForm;
  readonly #piece = Buffer.alloc(pieceBytes);
  #pieceLength = 0;
  #written: Uint8Array[] = [];
  /** How the program's first line ends. */
  #usualEnd: Uint8Array = Uint8Array.of(0x0a);
  #lineCount = 0;
  #numbered = false;
  /** The last line that is not empty is `%` alone. */
  #closed = false;

  constructor(form: ControlForm) {
    this.#form = form;
    this.#lines = new FormLines(
      (line, ending) => this.#take(line, ending),
      () => {
        throw impossible('it has a line that is too long to be read');
      },
    );
    this.#line = new FormLine(form);
    const rules = whatMayDiffer(form);
    this.#before = new CanonicalForm(writings[form.dialect], rules);
    this.#after = new CanonicalForm(writings[form.dialect], rules);
    this.#write(new Uint8Array(form.leader));
  }

  push(chunk: Uint8Array): void {
    this.#before.push(chunk);
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
    if (this.#form.percent === 'both-ends' && !this.#closed) this.#writeLine('%');
    this.#write(new Uint8Array(this.#form.leader));
    this.#flush();
    if (this.#before.end().canonical !== this.#after.end().canonical)
      throw impossible('more than its writing would change; a block may refer to a sequence number');
  }

  /** What was written since the last time, in pieces. */
  *taken(): Generator<Uint8Array> {
    yield* this.#written;
    this.#written = [];
  }

  #take(line: Uint8Array, ending: Uint8Array): void {
    const isPercent = line.length < 8 && Buffer.from(line).toString('latin1').trim() === '%';
    if (this.#lineCount++ === 0) {
      if (ending.length > 0) this.#usualEnd = ending.slice();
      if (!isPercent && this.#form.percent === 'both-ends') this.#writeLine('%');
      if (!isPercent) this.#writeNumber();
    }
    this.#write(this.#line.rewrite(line));
    this.#write(this.#endOf(ending));
    if (isPercent) this.#writeNumber();
    if (line.length > 0) this.#closed = isPercent;
  }

  /** Behind the first `%`, or first of all. It is the one line that the canonical form of the result has more. */
  #writeNumber(): void {
    const { number } = this.#form;
    if (this.#numbered || number === undefined) return;
    this.#numbered = true;
    this.#flush();
    this.#written.push(Buffer.concat([Buffer.from(number, 'latin1'), this.#endOf(this.#usualEnd)]));
  }

  #writeLine(text: string): void {
    this.#write(Buffer.from(text, 'latin1'));
    this.#write(this.#endOf(this.#usualEnd));
  }

  /** A last line without an end gets one where another may follow it. */
  #endOf(ending: Uint8Array): Uint8Array {
    const { lineEnds, percent } = this.#form;
    if (lineEnds !== 'as-is') return Buffer.from(ends[lineEnds], 'latin1');
    return ending.length === 0 && percent === 'both-ends' ? this.#usualEnd : ending;
  }

  #write(bytes: Uint8Array): void {
    if (this.#pieceLength + bytes.length > pieceBytes) this.#flush();
    if (bytes.length > pieceBytes) this.#keep(bytes.slice());
    else {
      this.#piece.set(bytes, this.#pieceLength);
      this.#pieceLength += bytes.length;
    }
  }

  #flush(): void {
    if (this.#pieceLength === 0) return;
    this.#keep(Uint8Array.prototype.slice.call(this.#piece, 0, this.#pieceLength));
    this.#pieceLength = 0;
  }

  #keep(bytes: Uint8Array): void {
    this.#after.push(bytes);
    this.#written.push(bytes);
  }
}

/** What the form changes, in the words of readback: everything else must be equal before and after. */
const whatMayDiffer = (form: ControlForm): ReadbackRules => ({
  blockEnds: form.lineEnds === 'as-is' && !framed(form) ? 'kept' : 'any',
  blanks: form.sequenceNumbers === 'removed' ? 'collapsed' : 'kept',
  smallLetters: form.letters === 'capitals' ? 'ignored' : 'kept',
  sequenceNumbers: form.sequenceNumbers === 'removed' ? 'rewritten' : 'kept',
  comments: form.comments === 'as-is' ? 'kept' : 'dropped',
  frame: framed(form) ? 'ignored' : 'kept',
});

const framed = ({ percent, leader }: ControlForm): boolean => percent === 'both-ends' || leader > 0;
