import { useQuery } from '@tanstack/react-query';
import type { LedgerStatus } from '../../edges/http/contract/ledger.ts';
import { getJson } from './api.ts';
import { api } from './paths.ts';

export type LedgerState = Pick<LedgerStatus, 'origin' | 'size' | 'root' | 'checkpoint' | 'witnessed' | 'stamped'> & {
  writable: boolean;
};

const lookMs = 15_000;

export const useLedgerState = () =>
  useQuery<LedgerState>({
    queryKey: ['ledger-state'],
    queryFn: () => getJson(api.ledgerState),
    refetchInterval: lookMs,
    staleTime: lookMs,
  });

/** How many entries there are, as the last event says, which may be newer than the state. */
export const useLedgerSeen = () =>
  useQuery<number | null>({ queryKey: ['ledger-seen'], queryFn: () => null, staleTime: Number.POSITIVE_INFINITY });
