import { useState } from 'react';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { Shape } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

type Row = TraceView['timeline'][number];
type TimelineParts = { entries: readonly Row[]; chosen: number | undefined; choose(row: Row): void };

/** What the ledger says, oldest first. Each row leads to the proof of its entry. */
export function TraceTimeline({ entries, chosen, choose }: TimelineParts) {
  const [isBadOnly, setBadOnly] = useState(false);
  const shown = isBadOnly ? entries.filter(isBad) : entries;
  return (
    <section className={styles.panel}>
      <header className={styles.panelHead}>
        <h2>{words.timeline}</h2>
        <label>
          <input type="checkbox" checked={isBadOnly} onChange={() => setBadOnly(!isBadOnly)} /> {words.onlyBad}
        </label>
      </header>
      {isBadOnly && shown.length === 0 && <p className={styles.quiet}>{words.nothingBad}</p>}
      <ol className={styles.timeline}>
        {shown.map((row) => (
          <li key={row.index} data-bad={isBad(row)} data-chosen={row.index === chosen}>
            <Time at={row.time} seconds />
            <span className={styles.who}>{row.who}</span>
            <span className={styles.sentence}>
              {isBad(row) && <Shape tone="bad" />} {row.sentence}
            </span>
            <button
              type="button"
              className={styles.prove}
              aria-pressed={row.index === chosen}
              title={words.prove(count(row.index))}
              aria-label={words.prove(count(row.index))}
              onClick={() => choose(row)}
            >
              {count(row.index)}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What somebody looks for who has a bad part in hand. */
const badTypes: ReadonlySet<string> = new Set([
  ...['delivery.failed', 'delivery.refused', 'release.held', 'release.withdrawn', 'release.recalled'],
  ...['retrieval.failed', 'readback.compared', 'problem.reported', 'approval.refused', 'nonconformance.opened'],
]);
const isBad = ({ type }: Row): boolean => badTypes.has(type);

const count = (value: number): string => value.toLocaleString('en-US');
