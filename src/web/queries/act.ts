import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { proveAgain } from './again.ts';
import { Refusal } from './api.ts';

type Act<In, Out> = {
  /** Sends it. `actKey` is the same for every try of one act, so that the gateway does it once. */
  send(input: In, actKey: string): Promise<Out>;
  /** What is old news once it is done. */
  touches: readonly QueryKey[];
  done?(answer: Out, input: In): void;
};

/**
 * An act of a person. It runs once at a time whatever is pressed meanwhile; after silence it is tried again under the
 * same key, and only an answer, yes or no, ends it.
 */
export function useAct<In, Out>({ send, touches, done }: Act<In, Out>) {
  const client = useQueryClient();
  const open = useRef<{ key: string; input: string } | undefined>(undefined);
  const mutation = useMutation<Out, Error, In>({
    mutationFn: (input) => onceMore(() => send(input, keyFor(open, input))),
    onSuccess: async (answer, input) => {
      open.current = undefined;
      done?.(answer, input);
      await Promise.all(touches.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => {
      if (error instanceof Refusal) open.current = undefined;
    },
  });
  const { isPending, error, mutate, reset, data } = mutation;
  return {
    ...{ isPending, error, reset, data },
    act: (input: In): void => {
      if (!isPending) mutate(input);
    },
  };
}

/** Some acts want to know that it is still the same person: they show it, and it goes on. */
async function onceMore<Out>(act: () => Promise<Out>): Promise<Out> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.code !== 'reauthentication-needed') throw error;
    await proveAgain();
    return act();
  }
}

/** Another input is another act. */
function keyFor(open: { current: { key: string; input: string } | undefined }, input: unknown): string {
  const said = JSON.stringify(input) ?? '';
  if (open.current?.input !== said) open.current = { key: crypto.randomUUID(), input: said };
  return open.current.key;
}
