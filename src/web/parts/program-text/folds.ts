import { getChunks } from '@codemirror/merge';
import { type EditorState, type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { partWords } from '../../words/parts.ts';
import { foldSpans, type Piece } from './fold-spans.ts';

/** Opens the fold over a place. */
export const unfold = StateEffect.define<number>();

/** Folds unchanged lines away, but those beside a note: a finding is seen whether or not its line was changed. */
export const folds = (noted: readonly number[]): Extension =>
  StateField.define<DecorationSet>({
    create: (state) => foldsOf(state, noted),
    update: (set, { effects }) =>
      effects.reduce(
        (left, effect) => (effect.is(unfold) ? left.update({ filter: isApartFrom(effect.value) }) : left),
        set,
      ),
    provide: (field) => EditorView.decorations.from(field),
  });

const isApartFrom = (at: number) => (from: number, to: number) => at < from || to < at;

function foldsOf(state: EditorState, noted: readonly number[]): DecorationSet {
  const { doc } = state;
  const lineAt = (place: number) => doc.lineAt(Math.min(place, doc.length)).number;
  const changed = (getChunks(state)?.chunks ?? []).map(({ fromB, toB }): Piece => [lineAt(fromB), lineAt(toB)]);
  const builder = new RangeSetBuilder<Decoration>();
  for (const [from, to] of foldSpans(doc.lines, [...changed, ...noted.map((line): Piece => [line, line + 1])])) {
    const fold = Decoration.replace({ widget: new Fold(to - from + 1), block: true });
    builder.add(doc.line(from).from, doc.line(to).to, fold);
  }
  return builder.finish();
}

class Fold extends WidgetType {
  readonly #lines: number;
  constructor(lines: number) {
    super();
    this.#lines = lines;
  }

  override eq(other: Fold): boolean {
    return other.#lines === this.#lines;
  }

  override toDOM(view: EditorView): HTMLElement {
    const element = document.createElement('div');
    element.className = 'cm-collapsedLines';
    element.textContent = partWords.unchanged(this.#lines);
    element.addEventListener('click', () => view.dispatch({ effects: unfold.of(view.posAtDOM(element)) }));
    return element;
  }

  override ignoreEvent(event: Event): boolean {
    return event instanceof MouseEvent;
  }

  override get estimatedHeight(): number {
    return 27;
  }
}
