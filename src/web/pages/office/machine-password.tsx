import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { PasswordHashed } from '../../../edges/http/contract/registry.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useAct } from '../../queries/act.ts';
import { hashMachinePassword } from '../../queries/office.ts';
import { machineWords as words } from '../../words/machines.ts';
import styles from './office.module.css';

type MachinePasswordParts = { isTaken: boolean; take(hash: string | undefined): void };

/** What a control logs in with: typed once, and from then on a hash that nobody logs in with. */
export function MachinePassword({ isTaken, take }: MachinePasswordParts) {
  const [typed, setTyped] = useState('');
  const { act, isPending, error } = useAct<string, PasswordHashed>({
    send: hashMachinePassword,
    touches: [],
    done: ({ hash }) => {
      setTyped('');
      take(hash);
    },
  });
  if (isTaken)
    return (
      <p className={styles.acts}>
        {words.passwordTaken}
        <Button size="compact-xs" variant="default" onClick={() => take(undefined)}>
          {words.passwordOther}
        </Button>
      </p>
    );
  return (
    <div>
      <div className={styles.fields}>
        <PasswordInput
          label={words.password}
          description={words.passwordHint}
          value={typed}
          autoComplete="off"
          required
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <div className={styles.acts}>
        <Button
          size="compact-sm"
          variant="default"
          loading={isPending}
          disabled={typed === ''}
          onClick={() => act(typed)}
        >
          {words.passwordTake}
        </Button>
      </div>
      {error && <ProblemCard error={error} />}
    </div>
  );
}
