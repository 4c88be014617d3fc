import { useQuery } from '@tanstack/react-query';
import type {
  CheckDeposit,
  DepositAnswer,
  DepositChecked,
  DepositView,
  KeptBack,
  KeptBackList,
  WaiverAnswer,
} from '../../edges/http/contract/deposits.ts';
import type { ApprovalAsked, AskWaiver } from '../../edges/http/contract/passkeys.ts';
import type { Vocabulary } from '../../edges/http/contract/vocabulary.ts';
import { answerPasskey } from '../parts/passkey.ts';
import { getJson, sendBytes, sendJson } from './api.ts';
import { api } from './paths.ts';

export const useDeposit = (id: string) =>
  useQuery<DepositView>({ queryKey: ['deposits', id], queryFn: () => getJson(api.deposit(id)) });

/** For those who sent it not: only while inspection keeps it back, and with who may waive what. */
export const useKeptBack = (id: string, enabled: boolean) =>
  useQuery<KeptBack>({ queryKey: ['deposits', id, 'kept-back'], queryFn: () => getJson(api.keptBack(id)), enabled });

export const useKeptBackList = () =>
  useQuery<KeptBackList>({
    queryKey: ['deposits', { view: 'kept-back' }],
    queryFn: () => getJson(api.keptBackList),
  });

/** Signs by one's own passkey that one finding may stand. */
export async function waive(id: string, asked: AskWaiver, actKey: string): Promise<WaiverAnswer> {
  const { payload, publicKey } = await sendJson<ApprovalAsked>('POST', api.askWaiver(id), asked);
  const credential = await answerPasskey(publicKey);
  return sendJson('POST', api.waiveByPasskey(id), { payload, credential }, actKey);
}

export type Sidecar = { fileName: string; bytes: Uint8Array };

/** What would be wrong with it, before its files are on their way. */
export function checkDeposit({ fileName, bytes }: Sidecar, files: readonly File[]): Promise<DepositChecked> {
  const asked = { fileName, sidecar: base64Of(bytes), files: files.map(({ name }) => name) };
  return sendJson('POST', api.checkDeposit, asked satisfies CheckDeposit);
}

export const useVocabulary = () =>
  useQuery<Vocabulary>({ queryKey: ['vocabulary'], queryFn: () => getJson(api.vocabulary), staleTime: Infinity });

/**
 * Sends a whole deposit. Each file is sent again if it has to be, and completing it twice gives one answer, so that whoever
 * lost an answer simply sends it again.
 */
export async function sendDeposit(
  sidecar: Sidecar,
  files: readonly File[],
  progress: (filesSent: number) => void,
  actKey: string,
): Promise<DepositAnswer> {
  const asked = { fileName: sidecar.fileName, sidecar: base64Of(sidecar.bytes) };
  const opened = await sendJson<{ depositId: string; expects: string[] }>('POST', api.openDeposit, asked, actKey);
  const { depositId, expects } = opened;
  for (const [at, name] of expects.entries()) {
    const file = files.find((one) => one.name === name);
    if (file) await sendBytes(api.depositFile(depositId, name), file);
    progress(at + 1);
  }
  return sendJson('POST', api.completeDeposit(depositId));
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
