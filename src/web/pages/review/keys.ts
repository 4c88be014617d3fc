/** Keys of a page, while nobody writes and no dialog is open. Gives back what takes them away. */
export function onKey(acts: Readonly<Record<string, () => unknown>>): () => void {
  const hear = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    const isWriting =
      target instanceof HTMLElement && target.matches('input:not([type=range], [type=checkbox]), textarea, select');
    if (isWriting || document.querySelector('[role=dialog]')) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener('keydown', hear);
  return () => document.removeEventListener('keydown', hear);
}
