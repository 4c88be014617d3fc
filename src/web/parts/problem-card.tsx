import { Button } from '@mantine/core';
import { Refusal, Unreachable } from '../queries/api.ts';
import { headlineOf, helperFor, problemWords } from '../words/problems.ts';
import styles from './parts.module.css';
import { Shape } from './state-badge.tsx';

type Said = { what: string; why: string; help?: string | undefined; code?: string; field?: string | undefined };

/** Why something did not work: what, why, who can help, and small below it the code that people search for. */
export function ProblemCard({ error, again }: { error: Error; again?: () => void }) {
  const { what, why, help, code, field } = saidOf(error);
  return (
    <section className={styles.problem} role="alert">
      <h2>
        <Shape tone="bad" /> {what}
      </h2>
      <p>{why}</p>
      {help && <p className={styles.quiet}>{help}</p>}
      {again && (
        <Button variant="default" size="xs" onClick={again}>
          {problemWords.again}
        </Button>
      )}
      {code && (
        <p className={styles.small}>
          <code>{code}</code>
          {field && ` · ${problemWords.field} ${field}`}
        </p>
      )}
    </section>
  );
}

function saidOf(error: Error): Said {
  if (error instanceof Refusal) {
    const { problem } = error;
    const { detail, code, field } = problem;
    return { what: headlineOf(problem), why: detail, help: helperFor(problem), code, field };
  }
  if (error instanceof Unreachable) {
    return {
      ...{ what: problemWords.unreachable, why: problemWords.unreachableWhy, help: problemWords.unreachableHelp },
      code: 'gateway-unreachable',
    };
  }
  return { what: problemWords.unforeseen, why: error.message, help: problemWords.unforeseenHelp };
}
