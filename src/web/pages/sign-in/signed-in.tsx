import { type ReactNode, Suspense, useDeferredValue } from 'react';
import { Redirect, useLocation } from 'wouter';
import { lazyPage } from '../../frame/family.ts';
import styles from '../../frame/frame.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useSession } from '../../queries/session.ts';

const SignInPage = lazyPage(() => import('./sign-in.tsx').then((m) => m.SignInPage));
const SetupPage = lazyPage(() => import('./setup.tsx').then((m) => m.SetupPage));

/** Only whoever is signed in sees more than the way in. The address stays, so that a link leads on from there. */
export function SignedIn({ children }: { children: ReactNode }) {
  const { data: session, error, isPending, refetch } = useSession();
  const [location] = useLocation();
  // The first page is made a few parts at a time; who is signed in no more sees none from that moment.
  const isBegun = useDeferredValue(session !== undefined && session !== null);
  if (location === '/setup') return <Alone page={<SetupPage />} />;
  if (session && location === '/sign-in') return <Redirect to="/" replace />;
  if (session) return isBegun ? children : null;
  if (isPending) return null;
  if (error) return <Alone page={<ProblemCard error={error} again={() => void refetch()} />} />;
  return <Alone page={<SignInPage />} />;
}

function Alone({ page }: { page: ReactNode }) {
  return (
    <main className={styles.signIn}>
      <Suspense>{page}</Suspense>
    </main>
  );
}
