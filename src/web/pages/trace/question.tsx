import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type TraceAsked, type TraceKind, traceKinds } from '../../queries/trace.ts';
import { traceKindWords, traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

type QuestionParts = { asked: TraceAsked; isBusy: boolean; ask(next: Record<string, string>): void };

/** One search, whose answer has a link of its own. What a value is, its form says where only one thing has it. */
export function Question({ asked, isBusy, ask }: QuestionParts) {
  const [kind, setKind] = useState(kindOf(asked));
  const [text, setText] = useState(asked[kind] ?? '');
  const choose = (next: TraceKind): void => {
    // A day is typed otherwise than all else.
    if ((next === 'date') !== (kind === 'date')) setText('');
    setKind(next);
  };
  return (
    <form
      className={styles.question}
      onSubmit={(event) => {
        event.preventDefault();
        const value = text.trim();
        if (value === '') return;
        const said = guess(value) ?? kind;
        ask({ [said]: said === 'digest' ? digestText(value) : value });
      }}
    >
      <label className={styles.kind}>
        <span>{words.by}</span>
        <select value={kind} onChange={(event) => choose(event.currentTarget.value as TraceKind)}>
          {traceKinds.map((one) => (
            <option key={one} value={one}>
              {traceKindWords[one]}
            </option>
          ))}
        </select>
      </label>
      <TextInput
        className={styles.text}
        type={kind === 'date' ? 'date' : 'text'}
        label={words.what}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={200}
        autoComplete="off"
        required
      />
      <Button type="submit" loading={isBusy}>
        {words.find}
      </Button>
    </form>
  );
}

const kindOf = (asked: TraceAsked): TraceKind => traceKinds.find((one) => asked[one] !== undefined) ?? 'serial';

/** Forms that only one kind of thing has. */
function guess(text: string): TraceKind | undefined {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(text)) return 'digest';
  return /^REL-[0-9A-Z]{10}$/.test(text) ? 'release' : undefined;
}

const digestText = (text: string): string => (text.startsWith('sha256:') ? text : `sha256:${text}`);
