import { QueryCache, QueryClient } from '@tanstack/react-query';
import { isSignedOut, Refusal } from './api.ts';

const tries = 2;

/** What is shown is kept until an event says otherwise; a refusal is an answer and is not asked for again. */
export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => !(error instanceof Refusal) && failures < tries,
      refetchOnWindowFocus: true,
      // The browser's own guess of being offline is wrong in plant networks without internet.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
  queryCache: new QueryCache({
    onError(error, query) {
      if (isSignedOut(error) && query.queryKey[0] !== 'session') void endShownSession();
    },
  }),
});

/** Somebody else may sit down next: nothing that was shown stays in memory. */
export const forgetShown = (): void =>
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });

export async function endShownSession(): Promise<void> {
  forgetShown();
  await queryClient.invalidateQueries({ queryKey: ['session'] });
}
