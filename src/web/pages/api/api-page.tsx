import { TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { apiWords as words } from '../../words/api.ts';
import styles from './api.module.css';
import { groupsOf, type Operation, useDescription } from './description.ts';
import { type Schema, schemaText } from './schema-text.ts';

/** What programs may ask of this gateway, from the very description that it gives of itself. */
export function ApiPage() {
  const { data, error } = useDescription();
  const [search, setSearch] = useSearchParams();
  const text = search.get('q') ?? '';
  const groups = useMemo(() => (data ? groupsOf(data, text) : []), [data, text]);
  return (
    <Page title={words.title}>
      <p className={styles.quiet}>
        {words.lead} <a href="/openapi.json">{words.file}</a>
      </p>
      <TextInput
        className={styles.find ?? ''}
        label={words.find}
        value={text}
        onChange={(event) => {
          const q = event.currentTarget.value;
          setSearch(q === '' ? {} : { q }, { replace: true });
        }}
        maxLength={100}
      />
      {error && <ProblemCard error={error} />}
      {data && groups.length === 0 && <Empty title={words.none}>{words.noneWhy}</Empty>}
      {groups.map(([noun, operations]) => (
        <section key={noun} className={styles.group}>
          <h2>{noun}</h2>
          {operations.map((operation) => (
            <OperationRow key={operation.operationId} operation={operation} />
          ))}
        </section>
      ))}
    </Page>
  );
}

function OperationRow({ operation }: { operation: Operation }) {
  const [isOpen, setOpen] = useState(false);
  const { method, path, summary } = operation;
  return (
    <details className={styles.operation} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <b>{method}</b> <code>{path}</code> <span className={styles.quiet}>{summary}</span>
      </summary>
      {isOpen && <Details operation={operation} />}
    </details>
  );
}

function Details({ operation }: { operation: Operation }) {
  const { operationId, parameters, requestBody, responses } = operation;
  const access = operation['x-keyway-access'];
  return (
    <div className={styles.details}>
      <p className={styles.quiet}>
        {operationId} · {words.access(access)}
        {operation['x-keyway-fresh'] ? ` ${words.fresh}` : ''}
      </p>
      {parameters.length > 0 && (
        <ul>
          {parameters.map(({ name, in: place, required, schema }) => (
            <li key={`${place} ${name}`}>
              <code>{name}</code> · {words.place[place as keyof typeof words.place]}
              {required ? '' : `, ${words.optional}`} · <code>{schemaText(schema)}</code>
            </li>
          ))}
        </ul>
      )}
      {requestBody && <Body title={words.takes} content={requestBody.content} />}
      {Object.entries(responses).map(([status, { content }]) => (
        <Body key={status} title={status === 'default' ? words.refuses : words.answers(status)} content={content} />
      ))}
    </div>
  );
}

type BodyParts = { title: string; content: Readonly<Record<string, { schema?: Schema }>> };

function Body({ title, content }: BodyParts) {
  return Object.entries(content).map(([media, { schema }]) => (
    <div key={media}>
      <h3>
        {title} <span className={styles.quiet}>{media}</span>
      </h3>
      {schema && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard.
        <pre tabIndex={0}>{schemaText(schema)}</pre>
      )}
    </div>
  ));
}
