import type { ReactNode } from 'react';
import styles from './parts.module.css';

/** A state is said three times: by a word, a shape and a colour, so that none of them is needed. */
export type Tone = 'good' | 'waiting' | 'warn' | 'bad' | 'over';

const shapes: Readonly<Record<Tone, ReactNode>> = {
  good: <path d="M2 6.5 5 9.5 10 3" fill="none" stroke="currentColor" strokeWidth="2" />,
  waiting: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />,
  warn: <path d="M6 1.5 11 10.5H1z" fill="currentColor" />,
  bad: <path d="M2.5 2.5l7 7m0-7-7 7" fill="none" stroke="currentColor" strokeWidth="2.2" />,
  over: <path d="M2 6h8" fill="none" stroke="currentColor" strokeWidth="2.2" />,
};

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg className={styles.shape} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" data-tone={tone}>
      {shapes[tone]}
    </svg>
  );
}

export function StateBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}
