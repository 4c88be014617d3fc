import { EditorView } from '@codemirror/view';

/** Custom properties reach into a shadow root, so that light and dark follow by themselves. */
export const editorTheme = EditorView.theme({
  '&': { height: '100%', color: 'var(--kw-ink)', backgroundColor: 'var(--kw-raised)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: '2px solid var(--kw-accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--kw-mono)', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'transparent' },
  '.cm-gutters': { backgroundColor: 'var(--kw-paper)', color: 'var(--kw-quiet)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 0.5rem 0 0.75rem' },
  '.cm-changeGutter': { width: '3px', paddingLeft: '1px' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--kw-added-wash)' },
  '&.cm-merge-b .cm-changedText': { background: 'none', textDecoration: 'underline 2px var(--kw-good)' },
  '.cm-changedLineGutter': { background: 'var(--kw-good)' },
  '.cm-deletedLineGutter': { background: 'var(--kw-bad)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--kw-removed-wash)', paddingLeft: '6px' },
  '.cm-deletedChunk .cm-deletedText': { background: 'none', textDecoration: 'underline 2px var(--kw-bad)' },
  '.cm-deletedChunk del': { textDecoration: 'none' },
  '.cm-collapsedLines': {
    background: 'var(--kw-paper)',
    color: 'var(--kw-quiet)',
    padding: '0.125rem 0.75rem',
    '&:before, &:after': { content: 'none' },
  },
  '.cm-specialChar': { color: 'var(--kw-bad)', fontWeight: '700' },
  '.kw-marked': { boxShadow: 'inset 3px 0 0 var(--kw-accent)', backgroundColor: 'var(--kw-accent-wash)' },
  '.kw-note': {
    padding: '0.125rem 0.75rem 0.125rem 1.5rem',
    fontFamily: 'var(--mantine-font-family)',
    borderLeft: '3px solid var(--kw-line-strong)',
    whiteSpace: 'pre-wrap',
  },
  '.kw-note[data-tone="bad"]': { color: 'var(--kw-bad)', borderLeftColor: 'var(--kw-bad)' },
  '.kw-note[data-tone="warn"]': { color: 'var(--kw-warn)', borderLeftColor: 'var(--kw-warn)' },
});
