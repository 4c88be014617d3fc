import { useQuery } from '@tanstack/react-query';
import type { FloorMachines, FloorScreen } from '../../edges/http/contract/floor.ts';
import type { SendingView } from '../../edges/http/contract/sendings.ts';
import { getBytes, getJson, getText } from './api.ts';
import { officeApi } from './office-paths.ts';

export type SendingList = { sendings: SendingView[] };

/** Filters and not ids stand in the keys: every release and delivery may change what a machine is shown. */
export const useFloor = () =>
  useQuery<FloorMachines>({ queryKey: ['machines', { floor: true }], queryFn: () => getJson(officeApi.floor) });

export const useMachineScreen = (machineId: string) =>
  useQuery<FloorScreen>({
    queryKey: ['machines', { screen: machineId }],
    queryFn: () => getJson(officeApi.machineScreen(machineId)),
    // An operator must not act on what was so half a minute ago.
    staleTime: 0,
  });

const lookMs = 500;
export const isUnderWay = ({ state }: SendingView): boolean => state === 'waiting' || state === 'sending';

/** The newest sending of a program to a machine; asked for again and again while it is under way. */
export const useSending = (machineId: string, file: string, isAsked: boolean) =>
  useQuery<SendingList, Error, SendingView | undefined>({
    queryKey: ['deliveries', { sendingsOf: machineId }],
    queryFn: () => getJson(officeApi.sendings),
    select: ({ sendings }) => sendings.find((one) => one.machineId === machineId && one.file === file),
    enabled: isAsked,
    refetchInterval: ({ state: { data } }) =>
      data?.sendings.some((one) => one.machineId === machineId && isUnderWay(one)) ? lookMs : false,
  });

/** The paper's release goes away with the page that shows it: nothing of it is kept. */
export const useFloorText = (path: string) =>
  useQuery<string>({ queryKey: ['floor-paper', path], queryFn: () => getText(path), gcTime: 0 });
export const useFloorBytes = (path: string) =>
  useQuery<ArrayBuffer>({ queryKey: ['floor-paper', path, 'bytes'], queryFn: () => getBytes(path), gcTime: 0 });
