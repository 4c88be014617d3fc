import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import type { DepositView } from '../../edges/http/contract/deposits.ts';
import type { PackageListed, PackageSummary } from '../../edges/http/contract/packages.ts';
import { getJson } from './api.ts';
import { api, type ListAsked } from './paths.ts';

/** A list that comes in pages: its rows so far, and how to have more of them. */
export type Listed<Row> = { rows: readonly Row[]; error: Error | null; isPending: boolean; more: () => void };

type Page<Row> = { rows: Row[]; next: string | undefined };

function useList<Row>(noun: string, asked: ListAsked, read: (asked: ListAsked) => Promise<Page<Row>>): Listed<Row> {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [noun, asked],
    queryFn: ({ pageParam }) => read({ ...asked, after: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    staleTime: 0,
  });
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // Of the rows that were looked at the person may see none: that is no empty list yet.
  const isLooking = rows.length === 0 && hasNextPage;
  useEffect(() => {
    if (isLooking) more();
  }, [isLooking, more]);
  return { rows, error, isPending: isPending || (isLooking && !error), more };
}

export const usePackages = (asked: ListAsked): Listed<PackageListed> =>
  useList('packages', asked, async (query) => {
    const { packages, next } = await getJson<{ packages: PackageListed[]; next?: string }>(api.packages(query));
    return { rows: packages, next };
  });

export type ProgramListed = {
  part: string;
  operation: string;
  machineGroup: string;
  banner: string;
  released?: PackageSummary;
  open: PackageSummary[];
};

export const usePrograms = (asked: ListAsked): Listed<ProgramListed> =>
  useList('programs', asked, async (query) => {
    const { programs, next } = await getJson<{ programs: ProgramListed[]; next?: string }>(api.programs(query));
    return { rows: programs, next };
  });

export const useDeposits = (asked: ListAsked): Listed<DepositView> =>
  useList('deposits', asked, async (query) => {
    const { deposits, next } = await getJson<{ deposits: DepositView[]; next?: string }>(api.deposits(query));
    return { rows: deposits, next };
  });
