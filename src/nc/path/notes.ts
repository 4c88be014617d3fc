import { limits } from '../../domain/limits.ts';

/**
 * `unsupported`: not interpreted, so the machine does something here that the path does not show.
 * `unknown`: depends on what only the machine knows (an offset, a variable, a position).
 * `assumed`: one of several readings was taken; the text says which.
 * `wrong`: a control would refuse it.
 * `limit`: the path ends here although the program goes on.
 */
export type NoteKind = 'unsupported' | 'unknown' | 'assumed' | 'wrong' | 'limit';

/** What the path does not show or could not know, with its lines: nothing is skipped in silence. */
export type PathNote = {
  kind: NoteKind;
  /** The word or cycle: `G68.2`, `CYCLE84`, `#5021`. */
  what: string;
  /** One sentence. */
  text: string;
  /** Index into the path's programs. */
  program: number;
  /** The first of its lines, each once. */
  lines: number[];
  /** How often it was met. */
  times: number;
};

/** Collects notes by what they are about. */
export class Notes {
  readonly list: PathNote[] = [];
  readonly #known = new Map<string, PathNote>();
  /** Where execution stands. */
  line = 0;
  program = 0;

  add(kind: NoteKind, what: string, text: string): void {
    const key = `${this.program} ${kind} ${what}`;
    const known = this.#known.get(key);
    if (known) {
      known.times++;
      if (known.lines.length < limits.ncPathNoteLines && !known.lines.includes(this.line)) known.lines.push(this.line);
      return;
    }
    // The last place is for how the path ended.
    if (this.list.length >= limits.ncPathNotes && kind !== 'limit') this.#overflow();
    else {
      const note = { kind, what, text, program: this.program, lines: [this.line], times: 1 };
      this.#known.set(key, note);
      this.list.push(note);
    }
  }

  #overflow(): void {
    const last = this.#known.get('more') ?? {
      kind: 'unsupported' as const,
      what: 'more',
      text: 'More kinds of words are not interpreted than are listed.',
      program: this.program,
      lines: [this.line],
      times: 0,
    };
    if (last.times++ === 0) this.list.push(last);
    this.#known.set('more', last);
  }
}

/** G41, G42, RL, RR. */
export function compensated(notes: Notes): void {
  const text = 'The programmed path is drawn: where the centre of the tool runs depends on a radius in the control.';
  notes.add('assumed', 'radius compensation', text);
}
