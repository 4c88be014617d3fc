import { Button, PasswordInput, TextInput } from '@mantine/core';
import IconFingerprint from '@tabler/icons-react/icons/IconFingerprint';
import { useState } from 'react';
import { useSearch } from 'wouter';
import styles from '../../frame/frame.module.css';
import { answerPasskey } from '../../parts/passkey.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useTry } from '../../parts/use-try.ts';
import { api } from '../../queries/paths.ts';
import { signIn, signInByPasskey, useSessionEnd, useSignInWays } from '../../queries/session.ts';
import { signInWords } from '../../words/sign-in.ts';

/** The way in. A passkey is a second factor and the first thing that is offered. */
export function SignInPage() {
  const ways = useSignInWays().data;
  const ended = useSessionEnd().data;
  const cameBack = new URLSearchParams(useSearch()).get('problem');
  const { isPending, error, run } = useTry();
  const [person, setPerson] = useState('');
  const [password, setPassword] = useState('');
  return (
    <div className={styles.card}>
      <h1>{signInWords.title}</h1>
      <p>{signInWords.lead}</p>
      {ended && <p role="status">{ended}</p>}
      {cameBack && <p role="alert">{signInWords.cameBack(cameBack)}</p>}
      <div className={styles.stack}>
        <Button
          leftSection={<IconFingerprint size={18} />}
          loading={isPending}
          onClick={() => run(() => signInByPasskey(answerPasskey))}
        >
          {signInWords.passkey}
        </Button>
        {ways?.oidc && (
          <Button component="a" href={api.sessionOidc} variant="default">
            {ways.oidc}
          </Button>
        )}
        {ways?.certificate && (
          <Button variant="default" disabled={isPending} onClick={() => run(() => signIn({ by: 'certificate' }))}>
            {signInWords.certificate}
          </Button>
        )}
        <div className={styles.or}>{signInWords.or}</div>
        <form
          className={styles.stack}
          onSubmit={(event) => {
            event.preventDefault();
            run(() => signIn({ by: 'password', person: person.trim(), password }));
          }}
        >
          <TextInput
            label={signInWords.person}
            value={person}
            onChange={(event) => setPerson(event.currentTarget.value)}
            autoComplete="username"
            maxLength={64}
            required
          />
          <PasswordInput
            label={signInWords.password}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            maxLength={256}
            required
          />
          <Button type="submit" variant="default" loading={isPending}>
            {signInWords.byPassword}
          </Button>
        </form>
        {error && <ProblemCard error={error} />}
      </div>
    </div>
  );
}
