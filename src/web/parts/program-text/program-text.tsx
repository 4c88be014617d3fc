import { diff, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { DifferenceView } from '../../../edges/http/contract/differences.ts';
import { alignedChanges, plainDifference } from './alignment.ts';
import { editorTheme } from './editor-theme.ts';
import { folds, unfold } from './folds.ts';
import { type LineNote, lineNotes, markedLine, markLine } from './line-notes.ts';
import styles from './program-text.module.css';

type ProgramTextParts = {
  label: string;
  text: string;
  /** What it is compared with; shown as removed lines in between. */
  before?: string | undefined;
  /** Undefined: bytes are compared with bytes. */
  difference?: DifferenceView | undefined;
  notes: readonly LineNote[];
  /** Brought into view and marked. */
  line?: number | undefined;
  onLine(line: number): void;
};

/**
 * A program as it is, every byte of it that prints, and for those that do not a mark. It stands in a shadow root: there the
 * editor's rules are adopted style sheets, which the page's policy allows, and no style elements, which it does not.
 */
export function ProgramText({ label, text, before, difference, notes, line, onLine }: ProgramTextParts) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const told = useRef(onLine);
  told.current = onLine;
  useEffect(() => {
    const root = host.current && (host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' }));
    if (!root) return;
    const extensions = [
      readOnly(label),
      clicks((to) => told.current(to)),
      lineNotes(notes),
      ...(before === undefined ? [] : [compared(before, difference), folds(notes.map((note) => note.line))]),
    ];
    const made = new EditorView({ parent: root, root, state: EditorState.create({ doc: text, extensions }) });
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, [label, text, before, difference, notes]);
  useEffect(() => {
    if (line !== undefined && view.current) bringIntoView(view.current, line);
  }, [line]);
  return <div ref={host} className={styles.host} />;
}

const readOnly = (label: string): Extension => [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label, 'aria-readonly': 'true' }),
  lineNumbers(),
  highlightSpecialChars(),
  markedLine,
  editorTheme,
];

const clicks = (tell: (line: number) => void): Extension =>
  EditorView.domEventHandlers({
    click(event, view) {
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (at !== null) tell(view.state.doc.lineAt(at).number);
    },
  });

const compared = (before: string, difference: DifferenceView | undefined): Extension =>
  unifiedMergeView({
    original: before,
    mergeControls: false,
    gutter: true,
    diffConfig: {
      ...plainDifference,
      ...(difference && { override: (a, b) => changesBy(difference, a, b) }),
    },
  });

function changesBy({ hunks, hunksLeftOut }: DifferenceView, before: string, after: string) {
  const aligned = hunksLeftOut === 0 ? alignedChanges(before, after, hunks) : undefined;
  return aligned ?? diff(before, after, plainDifference);
}

function bringIntoView(view: EditorView, line: number): void {
  const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines)).from;
  view.dispatch({ effects: [unfold.of(at), markLine.of(at), EditorView.scrollIntoView(at, { y: 'center' })] });
}
