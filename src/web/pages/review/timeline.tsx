import type { TimelineEntry } from '../../../edges/http/contract/package-page.ts';
import { Time } from '../../parts/time.tsx';
import { packageWords } from '../../words/review.ts';
import styles from './review.module.css';

/** What the ledger says, the oldest first; each row names its entry. */
export function TimelineList({ entries }: { entries: readonly TimelineEntry[] }) {
  return (
    <section className={styles.panel}>
      <h2>{packageWords.timeline}</h2>
      <ol className={styles.timeline}>
        {entries.map(({ index, time, who, sentence }) => (
          <li key={index}>
            <Time at={time} />
            <span className={styles.who}>{who}</span>
            <span>{sentence}</span>
            <span className={styles.entry} title={packageWords.entry}>
              {index.toLocaleString('en-US')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
