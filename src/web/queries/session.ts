import { useQuery } from '@tanstack/react-query';
import type { Asserted } from '../../edges/http/contract/passkeys.ts';
import type {
  PasskeySignInAsked,
  SessionView,
  SignIn,
  SignInAgain,
  SignInWays,
} from '../../edges/http/contract/session.ts';
import { getJson, isSignedOut, sendJson } from './api.ts';
import { api } from './paths.ts';
import { endShownSession, forgetShown, queryClient } from './query-client.ts';

const endedKey = ['session', 'ended'] as const;
/** Why a session that was open here is open no more, in the gateway's words. */
export const useSessionEnd = () => useQuery<string | null>({ queryKey: endedKey, queryFn: () => null, enabled: false });

/** `null`: nobody is signed in in this browser. */
export const useSession = () =>
  useQuery<SessionView | null>({
    queryKey: ['session'],
    queryFn: async () => {
      try {
        return await getJson<SessionView>(api.session);
      } catch (error) {
        if (!isSignedOut(error)) throw error;
        if (queryClient.getQueryData(['session'])) queryClient.setQueryData(endedKey, (error as Error).message);
        forgetShown();
        return null;
      }
    },
    staleTime: 60_000,
  });

export const useSignInWays = () =>
  useQuery<SignInWays>({ queryKey: ['session', 'ways'], queryFn: () => getJson(api.signInWays), staleTime: Infinity });

export async function signIn(asked: SignIn): Promise<void> {
  openShownSession(await sendJson<SessionView>('POST', api.session, asked));
}

export async function signInByPasskey(answer: (options: unknown) => Promise<unknown>): Promise<void> {
  const { publicKey } = await getJson<PasskeySignInAsked>(api.sessionPasskey);
  const credential = await answer(publicKey);
  openShownSession(await sendJson<SessionView>('POST', api.sessionPasskey, { credential }));
}

/** Shows that it is still the same person. */
export async function showAgain(asked: SignInAgain): Promise<void> {
  queryClient.setQueryData(['session'], await sendJson<SessionView>('POST', api.sessionAgain, asked));
}

export async function showAgainByPasskey(answer: (options: unknown) => Promise<unknown>): Promise<void> {
  const { publicKey } = await getJson<PasskeySignInAsked>(api.sessionPasskey);
  const credential = await answer(publicKey);
  await showAgain({ by: 'passkey', credential: credential as Asserted });
}

export async function signOut(): Promise<void> {
  await sendJson('DELETE', api.session);
  queryClient.setQueryData(['session'], null);
  await endShownSession();
}

const openShownSession = (session: SessionView): void => {
  forgetShown();
  queryClient.setQueryData(endedKey, null);
  queryClient.setQueryData(['session'], session);
};
