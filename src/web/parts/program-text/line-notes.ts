import { type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';

/** What stands under a line, such as a finding. */
export type LineNote = { line: number; tone: 'bad' | 'warn' | 'over'; text: string };

class NoteWidget extends WidgetType {
  readonly #note: LineNote;
  constructor(note: LineNote) {
    super();
    this.#note = note;
  }

  override eq(other: NoteWidget): boolean {
    return other.#note.text === this.#note.text && other.#note.line === this.#note.line;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement('div');
    element.className = 'kw-note';
    element.dataset.tone = this.#note.tone;
    // Text of strangers: it never becomes markup.
    element.textContent = this.#note.text;
    return element;
  }
}

export function lineNotes(notes: readonly LineNote[]): Extension {
  const sorted = [...notes].sort((a, b) => a.line - b.line);
  return StateField.define<DecorationSet>({
    create: ({ doc }) => {
      const builder = new RangeSetBuilder<Decoration>();
      for (const note of sorted) {
        if (note.line < 1 || note.line > doc.lines) continue;
        const at = doc.line(note.line).to;
        builder.add(at, at, Decoration.widget({ widget: new NoteWidget(note), block: true, side: 1 }));
      }
      return builder.finish();
    },
    update: (set) => set,
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** The line that people look at; its value is a position in it. */
export const markLine = StateEffect.define<number>();
const mark = Decoration.line({ class: 'kw-marked' });

export const markedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(markLine)) return Decoration.set([mark.range(transaction.state.doc.lineAt(effect.value).from)]);
    return set;
  },
  provide: (field) => EditorView.decorations.from(field),
});
