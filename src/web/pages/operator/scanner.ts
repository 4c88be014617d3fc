import { useEffect, useRef } from 'react';
import { Burst } from './burst.ts';

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

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
