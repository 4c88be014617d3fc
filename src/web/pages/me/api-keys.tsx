import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKeyList, ApiKeyMade, ApiKeyView, NewApiKey } from '../../../edges/http/contract/api-keys.ts';
import type { SessionView } from '../../../edges/http/contract/session.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { useAct } from '../../queries/act.ts';
import { getJson, sendJson } from '../../queries/api.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { keyWords as words } from '../../words/keys.ts';
import styles from './me.module.css';

const listed = ['api-keys'] as const;
type Action = SessionView['actions'][number];

/** Keys of one's own for programs. */
export function ApiKeys({ actions }: { actions: readonly Action[] }) {
  const { data, error } = useQuery<ApiKeyList>({ queryKey: listed, queryFn: () => getJson(officeApi.apiKeys) });
  return (
    <section className={styles.panel}>
      <h2>{words.apiKeys}</h2>
      <p className={styles.quiet}>{words.apiLead}</p>
      {error && <ProblemCard error={error} />}
      {data?.keys.length === 0 && <p className={styles.quiet}>{words.noApiKeys}</p>}
      <ul className={styles.keys}>
        {data?.keys.map((key) => (
          <li key={key.id}>
            <strong>{key.name}</strong>
            <span>{key.actions.join(', ')}</span>
            <span className={styles.quiet}>
              {words.expires} {key.expires}
            </span>
            <Revoke apiKey={key} />
          </li>
        ))}
      </ul>
      <Make actions={actions.filter((action) => action !== 'approve-as')} />
    </section>
  );
}

function Make({ actions }: { actions: readonly Action[] }) {
  const [asked, setAsked] = useState<NewApiKey>({ name: '', actions: [], expires: '' });
  const { act, isPending, error, data } = useAct<NewApiKey, ApiKeyMade>({
    send: (input) => sendJson('POST', officeApi.apiKeys, input),
    touches: [listed],
    done: () => setAsked({ name: '', actions: [], expires: '' }),
  });
  const { needs } = words;
  const missing = [
    ...(asked.name.trim() === '' ? [needs.name] : []),
    ...(asked.actions.length === 0 ? [needs.actions] : []),
    ...(asked.expires === '' ? [needs.expires] : []),
  ];
  const toggle = (action: Action): void => {
    const { actions: chosen } = asked;
    const next = chosen.includes(action) ? chosen.filter((one) => one !== action) : [...chosen, action];
    setAsked({ ...asked, actions: next });
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (missing.length === 0) act({ ...asked, name: asked.name.trim() });
      }}
    >
      <div className={styles.fields}>
        <TextInput
          label={words.name}
          value={asked.name}
          onChange={(event) => setAsked({ ...asked, name: event.currentTarget.value })}
          maxLength={120}
        />
        <TextInput
          label={words.expires}
          type="date"
          value={asked.expires}
          onChange={(event) => setAsked({ ...asked, expires: event.currentTarget.value })}
        />
      </div>
      <fieldset className={styles.checks}>
        <legend>{words.actions}</legend>
        {actions.map((action) => (
          <Checkbox
            key={action}
            label={action}
            checked={asked.actions.includes(action)}
            onChange={() => toggle(action)}
          />
        ))}
      </fieldset>
      {error && <ProblemCard error={error} />}
      {data && (
        <p className={styles.secret} role="status">
          {words.secret}
          <br />
          <code>{data.secret}</code> <CopyButton text={data.secret} what={words.apiKeys} />
        </p>
      )}
      <div className={styles.acts}>
        <Button type="submit" size="compact-sm" variant="default" loading={isPending} disabled={missing.length > 0}>
          {words.makeApi}
        </Button>
        <p className={styles.quiet} role="status">
          {missing.length > 0 && `${words.missing}: ${missing.join(', ')}.`}
        </p>
      </div>
    </form>
  );
}

function Revoke({ apiKey: { id, name } }: { apiKey: ApiKeyView }) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<string, unknown>({
    send: (reason, actKey) => sendJson('POST', officeApi.revokeApiKey(id), { reason }, actKey),
    touches: [listed],
    done: () => setOpen(false),
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {words.revoke}
      </Button>
      {isOpen && (
        <ReasonDialog
          {...{ isPending, error, close, act }}
          title={words.revokeTitle(name)}
          lead={words.revokeLead}
          confirm={words.revoke.replace('…', '')}
        />
      )}
    </>
  );
}
