import { useQuery } from '@tanstack/react-query';
import type { DifferenceView } from '../../edges/http/contract/differences.ts';
import type { AgainstView, PackagePage } from '../../edges/http/contract/package-page.ts';
import type { ApprovalAnswer } from '../../edges/http/contract/packages.ts';
import type { ApprovalAsked, AskApproval } from '../../edges/http/contract/passkeys.ts';
import { answerPasskey } from '../parts/passkey.ts';
import { parseToolpath, type Toolpath } from '../parts/toolpath/pack.ts';
import { getBytes, getJson, getText, sendJson } from './api.ts';
import { api } from './paths.ts';

export const packageKey = (id: string) => ['packages', id] as const;

export const usePackagePage = (id: string) =>
  useQuery<PackagePage>({ queryKey: packageKey(id), queryFn: () => getJson(api.packagePage(id)) });

/**
 * What follows from exact bytes never changes, so that no news has it asked for again: its key names the package only as a
 * part of an address. Whoever shows it stops when the page of the package does.
 */
const lasting = { staleTime: Number.POSITIVE_INFINITY, gcTime: 60_000, refetchOnWindowFocus: false } as const;

export const useLasting = <T>(path: string, read: (path: string) => Promise<T>, enabled: boolean) =>
  useQuery<T>({ queryKey: ['bytes', path], queryFn: () => read(path), enabled, ...lasting });

export const useFileText = (id: string, name: string, enabled = true) =>
  useLasting<string>(api.file(id, name), getText, enabled);

export const useFileBytes = (id: string, name: string, enabled = true) =>
  useLasting<ArrayBuffer>(api.file(id, name), getBytes, enabled);

/** What a program is compared with: the one before it, or `against`; asked for where there is one. */
export type Compared = { hasBefore: boolean; against: string | undefined };

export const useAgainst = (id: string, against: string | undefined) =>
  useLasting<AgainstView>(api.against(id, against), getJson, against !== undefined);

export const useFileTextBefore = (id: string, name: string, { hasBefore, against }: Compared) =>
  useLasting<string>(api.fileBefore(id, name, against), getText, hasBefore);

export const useDifference = (id: string, name: string, { hasBefore, against }: Compared) =>
  useLasting<DifferenceView>(api.difference(id, name, against), getJson, hasBefore);

export const useToolpath = (id: string, name: string) =>
  useLasting<Toolpath>(api.toolpath(id, name, 'after'), readPath, true);

export const useToolpathBefore = (id: string, name: string, { hasBefore, against }: Compared) =>
  useLasting<Toolpath>(api.toolpath(id, name, 'before', against), readPath, hasBefore);

/** Throws where what arrived is none. */
export const readPath = async (path: string): Promise<Toolpath> => parseToolpath(await getBytes(path));

/** The statement that would be signed, as the gateway wrote it. */
export const askStatement = (id: string, asked: AskApproval, actKey: string): Promise<ApprovalAsked> =>
  sendJson('POST', api.askApproval(id), asked, actKey);

/** Signs exactly these bytes: the challenge of the passkey is their digest. */
export async function signStatement(id: string, asked: ApprovalAsked, actKey: string): Promise<ApprovalAnswer> {
  const credential = await answerPasskey(asked.publicKey);
  return sendJson('POST', api.approveByPasskey(id), { payload: asked.payload, credential }, actKey);
}
