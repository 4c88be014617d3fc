import { Button } from '@mantine/core';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useAct } from '../../queries/act.ts';
import { type OfferedKey, registerPasskey } from '../../queries/keys.ts';
import { useSession } from '../../queries/session.ts';
import { keyWords as words } from '../../words/keys.ts';
import { ApiKeys } from './api-keys.tsx';
import styles from './me.module.css';

/** What somebody signs with, and what asks in their name. */
export function MyKeys() {
  const said = useSession().data;
  if (!said) return null;
  return (
    <Page title={words.mine}>
      <OwnPasskey person={said.person.id} hasPasskey={said.hasPasskey} />
      <ApiKeys actions={said.actions} />
    </Page>
  );
}

/** It is made here and enrolled by administrators: whoever sits at an open session gives themself no key. */
function OwnPasskey({ person, hasPasskey }: { person: string; hasPasskey: boolean }) {
  const { act, isPending, error, data } = useAct<string, OfferedKey>({ send: registerPasskey, touches: [] });
  return (
    <section className={styles.panel}>
      <h2>{words.passkey}</h2>
      {hasPasskey && <p className={styles.quiet}>{words.hasPasskey}</p>}
      <p className={styles.quiet}>{words.passkeyLead}</p>
      {error && <ProblemCard error={error} />}
      {data ? (
        <p role="status">
          {words.made}{' '}
          <Button size="compact-sm" onClick={() => saveFile(fileOf(data), `passkey-${person}.json`)}>
            {words.save}
          </Button>
        </p>
      ) : (
        <Button size="compact-sm" variant="default" loading={isPending} onClick={() => act(person)}>
          {words.make}
        </Button>
      )}
    </section>
  );
}

const fileOf = (key: OfferedKey): Blob => new Blob([JSON.stringify(key, null, 2)], { type: 'application/json' });
