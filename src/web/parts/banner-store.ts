import { useEffect, useId, useSyncExternalStore } from 'react';

/** What is on screen says how it is classified; the frame shows all of it, once each. */
const shown = new Map<string, readonly string[]>();
const watchers = new Set<() => void>();
let joined: readonly string[] = [];

function change(act: () => void): void {
  act();
  joined = [...new Set([...shown.values()].flat())].sort();
  for (const tell of watchers) tell();
}

/** Says it while the caller is on screen. */
export function useClassified(banners: readonly string[]): void {
  const id = useId();
  const key = banners.join('\n');
  useEffect(() => {
    if (key === '') return;
    change(() => void shown.set(id, key.split('\n')));
    return () => change(() => void shown.delete(id));
  }, [id, key]);
}

export const useBanners = (): readonly string[] =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => joined,
  );
