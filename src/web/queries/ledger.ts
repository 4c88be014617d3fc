import { type QueryClient, useQuery } from '@tanstack/react-query';
import type { LedgerStatus, TrustView } from '../../edges/http/contract/ledger.ts';
import type { Judged } from '../proof/verify-growth.ts';
import { getJson } from './api.ts';
import { officeApi } from './office-paths.ts';
import { api } from './paths.ts';

/** `judged` is this browser's own finding about the checkpoint; absent before the first one. */
export type LedgerState = LedgerStatus & { judged?: Judged | undefined };

const lookMs = 15_000;

export const useLedgerState = () =>
  useQuery<LedgerState>({
    queryKey: ['ledger-state'],
    queryFn: ({ client }) => lookAtLedger(client),
    refetchInterval: lookMs,
    staleTime: lookMs,
  });

/** How many entries there are, as the last event says, which may be newer than the state. */
export const useLedgerSeen = () =>
  useQuery<number | null>({ queryKey: ['ledger-seen'], queryFn: () => null, staleTime: Number.POSITIVE_INFINITY });

export const trustQuery = {
  queryKey: ['trust'],
  queryFn: () => getJson<TrustView>(officeApi.trust),
} as const;

/** Asks how far the ledger is, and has it proven that nothing that this browser saw before was changed or taken away. */
async function lookAtLedger(client: QueryClient): Promise<LedgerState> {
  const [{ file }, proof] = await Promise.all([client.fetchQuery(trustQuery), import('../proof/watch.ts')]);
  const watch = proof.watchOf(file, window.localStorage);
  const state = await getJson<LedgerStatus>(api.ledgerState(watch.seen?.size));
  const { checkpoint, growth, witnessed } = state;
  const judge = (note: string) => watch.judge({ note, growth }, new Date(), witnessed);
  return { ...state, judged: checkpoint && (await judge(checkpoint.note)) };
}
