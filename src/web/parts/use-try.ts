import { useState } from 'react';
import { wasCancelled } from './passkey.ts';

/** One try at a time; whoever closes the browser's question for a passkey sees no refusal. */
export function useTry() {
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<Error>();
  const run = (act: () => Promise<void>): void => {
    if (isPending) return;
    setPending(true);
    setError(undefined);
    act()
      .catch((problem: Error) => setError(wasCancelled(problem) ? undefined : problem))
      .finally(() => setPending(false));
  };
  return { isPending, error, run };
}
