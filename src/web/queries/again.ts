import { useSyncExternalStore } from 'react';

/** Somebody is asked to show that they are still there; what waits for it goes on, or is refused with `giveUp`. */
type Question = { shown(): void; giveUp(): void };

let question: Question | undefined;
let asked: Promise<void> | undefined;
const watchers = new Set<() => void>();

function set(next: Question | undefined): void {
  question = next;
  for (const tell of watchers) tell();
}

/** One question for whatever waits. Rejects where the person does not answer it. */
export function proveAgain(): Promise<void> {
  asked ??= new Promise<void>((resolve, reject) =>
    set({ shown: resolve, giveUp: () => reject(new DOMException('Not shown.', 'AbortError')) }),
  ).finally(() => {
    asked = undefined;
    set(undefined);
  });
  return asked;
}

export const useQuestion = (): Question | undefined =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => question,
  );
