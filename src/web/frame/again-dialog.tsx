import { Button, Modal, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { answerPasskey } from '../parts/passkey.ts';
import { ProblemCard } from '../parts/problem-card.tsx';
import { useTry } from '../parts/use-try.ts';
import { useQuestion } from '../queries/again.ts';
import { showAgain, showAgainByPasskey, useSession } from '../queries/session.ts';
import { partWords } from '../words/parts.ts';
import { againWords } from '../words/sign-in.ts';
import styles from './frame.module.css';

/** Before an act of weight: that it is still the person who signed in. */
export function AgainDialog() {
  const question = useQuestion();
  const said = useSession().data;
  const [password, setPassword] = useState('');
  const { isPending, error, run } = useTry();
  if (!question) return null;
  const show = (how: () => Promise<void>) =>
    run(async () => {
      await how();
      setPassword('');
      question.shown();
    });
  return (
    <Modal
      opened
      onClose={question.giveUp}
      title={againWords.title}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': partWords.close }}
    >
      <div className={styles.stack}>
        <p>{againWords.lead}</p>
        {said?.hasPasskey && (
          <Button loading={isPending} onClick={() => show(() => showAgainByPasskey(answerPasskey))} data-autofocus>
            {againWords.passkey}
          </Button>
        )}
        {said?.hasPassword && (
          <form
            className={styles.stack}
            onSubmit={(event) => {
              event.preventDefault();
              show(() => showAgain({ by: 'password', password }));
            }}
          >
            <PasswordInput
              label={againWords.password}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              maxLength={256}
              required
            />
            <Button type="submit" variant="default" loading={isPending}>
              {againWords.byPassword}
            </Button>
          </form>
        )}
        {error && <ProblemCard error={error} />}
      </div>
    </Modal>
  );
}
