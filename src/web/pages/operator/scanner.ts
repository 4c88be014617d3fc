import { useEffect, useRef } from 'react';

/** A wedge types faster than anybody: this many ms between two characters at most, and at least so many of them. */
const gapMs = 60;
const leastChars = 3;

/**
 * Hears a scanner that is a keyboard, wherever the focus is: a burst of characters that ends in Enter. What stands in the
 * way is stopped: a button under the focus must not be pressed by the Enter of a scan. In a text field the scan is typed there.
 */
export function useWedge(heard: (code: string) => void): void {
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    const burst = new Burst();
    const listen = (event: KeyboardEvent): void => {
      if (isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
      const { code, isInside } = burst.press(event.key, event.timeStamp);
      if (isInside) {
        event.preventDefault();
        event.stopPropagation();
      }
      if (code !== undefined) latest.current(code);
    };
    document.addEventListener('keydown', listen, { capture: true });
    return () => document.removeEventListener('keydown', listen, { capture: true });
  }, []);
}

/** Characters that come close together. */
export class Burst {
  #text = '';
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `code` when this key ends a scan; `isInside`: it belongs to one, and to nothing else on the page. */
  press(key: string, atMs: number): { code?: string; isInside: boolean } {
    const isClose = atMs - this.#lastMs <= gapMs;
    const before = isClose ? this.#text : '';
    if (key === 'Enter') {
      this.#text = '';
      return before.length >= leastChars ? { code: before, isInside: true } : { isInside: false };
    }
    // Shift and the like come between characters and are none.
    if ([...key].length !== 1) return { isInside: false };
    this.#text = before + key;
    this.#lastMs = atMs;
    return { isInside: before !== '' };
  }
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
