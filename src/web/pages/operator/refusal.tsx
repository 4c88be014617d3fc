import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Shape } from '../../parts/state-badge.tsx';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './refusal.module.css';

export type RefusalText = { what: string; why: string; help?: string | undefined; code?: string | undefined };

/** A no, as large as the page: what, why, who can help; small below it the code that people search for. */
export function Refusal({ what, why, help, code, dismiss }: RefusalText & { dismiss?: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <section className={styles.refusal} role="alert">
      <h2>
        <Shape tone="bad" /> {what}
      </h2>
      <p>{why}</p>
      {help && <p className={styles.quiet}>{help}</p>}
      {dismiss && (
        <Button ref={button} variant="default" size="lg" onClick={dismiss}>
          {words.understood}
        </Button>
      )}
      {code && (
        <p className={styles.code}>
          <code>{code}</code>
        </p>
      )}
    </section>
  );
}
