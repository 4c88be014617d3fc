import { useQuery } from '@tanstack/react-query';
import type {
  AskWhatIf,
  ChangeAsked,
  RulesView,
  StorageView,
  WhatIfView,
} from '../../edges/http/contract/administration.ts';
import type { AlarmList } from '../../edges/http/contract/alarms.ts';
import type { Change, ChangeAnswer, WaitingChanges } from '../../edges/http/contract/changes.ts';
import type {
  HoldingList,
  InventoryView,
  MachineList,
  PasswordHashed,
  PersonList,
} from '../../edges/http/contract/registry.ts';
import type { ProposedPeople } from '../../edges/http/contract/scim.ts';
import type { AccountList, Invited } from '../../edges/http/contract/session.ts';
import { answerPasskey } from '../parts/passkey.ts';
import { getJson, sendJson } from './api.ts';
import { officeApi } from './office-paths.ts';

const useList = <T>(key: string, what: string, path: string) =>
  useQuery<T>({ queryKey: [key, { what }], queryFn: () => getJson(path) });

export const useMachines = () => useList<MachineList>('machines', 'all', officeApi.machines);
export const useInventory = () => useList<InventoryView>('machines', 'inventory', officeApi.inventory);
export const usePeople = () => useList<PersonList>('people', 'all', officeApi.people);
export const useProposed = () => useList<ProposedPeople>('people', 'proposed', officeApi.proposed);
export const useAccounts = () => useList<AccountList>('people', 'accounts', officeApi.accounts);
export const useWaitingChanges = () => useList<WaitingChanges>('changes', 'waiting', officeApi.changes);
export const useAlarms = () => useList<AlarmList>('alarms', 'all', officeApi.alarms);
export const useStorage = () => useList<StorageView>('storage', 'all', officeApi.storage);
export const useRules = () => useList<RulesView>('policy', 'rules', officeApi.policy);

export const useHoldings = (person: string) =>
  useQuery<HoldingList>({ queryKey: ['people', person], queryFn: () => getJson(officeApi.holdings(person)) });

export const hashMachinePassword = (password: string, actKey: string): Promise<PasswordHashed> =>
  sendJson('POST', officeApi.machinePassword, { password }, actKey);

/** A new change, or one that somebody else signed first. */
export type AskedChange = { change: Change; reason: string } | { changeId: string };

/** Signs the very statement that the gateway wrote, by the asker's own passkey. Only handing it in is the act. */
export async function signChange(asked: AskedChange, actKey: string): Promise<ChangeAnswer> {
  const { payload, publicKey } = await sendJson<ChangeAsked>('POST', officeApi.changeOptions, asked);
  const credential = await answerPasskey(publicKey);
  return sendJson('POST', officeApi.changePasskey, { payload, credential }, actKey);
}

export type AccountAct = { person: string; act: 'invite' | 'suspend' | 'restore' | 'sign-out'; reason?: string };

export const actOnAccount = ({ person, act, reason }: AccountAct, actKey: string): Promise<Invited> =>
  sendJson('POST', officeApi.account(person, act), reason === undefined ? undefined : { reason }, actKey);

/** Changes nothing, so that every try is made anew. */
export const askWhatIf = (asked: AskWhatIf): Promise<WhatIfView> => sendJson('POST', officeApi.whatIf, asked);
