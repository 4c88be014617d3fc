import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import styles from '../../frame/frame.module.css';
import { Empty } from '../../parts/empty.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useTry } from '../../parts/use-try.ts';
import { signIn, useSignInWays } from '../../queries/session.ts';
import { signInWords } from '../../words/sign-in.ts';

/** What stands behind `#` no server sees; it leaves the address bar and the history before anything else happens. */
const takeToken = (): string => {
  const token = window.location.hash.slice(1);
  window.history.replaceState(null, '', window.location.pathname);
  return token;
};

export function SetupPage() {
  const [token] = useState(takeToken);
  const least = useSignInWays().data?.passwordLeastChars ?? 15;
  const [password, setPassword] = useState('');
  const [, navigate] = useLocation();
  const { isPending, error, run } = useTry();
  if (token === '') return <Empty title={signInWords.noToken}>{signInWords.noTokenWhy}</Empty>;
  return (
    <form
      className={styles.card}
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          await signIn({ by: 'setup', token, password });
          navigate('/', { replace: true });
        });
      }}
    >
      <h1>{signInWords.setup}</h1>
      <p>{signInWords.setupLead(least)}</p>
      <div className={styles.stack}>
        <PasswordInput
          label={signInWords.newPassword}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          minLength={least}
          maxLength={256}
          required
        />
        <Button type="submit" loading={isPending}>
          {signInWords.setPassword}
        </Button>
        {error && <ProblemCard error={error} />}
      </div>
    </form>
  );
}
