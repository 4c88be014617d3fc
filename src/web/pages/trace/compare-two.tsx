import { useState } from 'react';
import { Link } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

type Traced = TraceView['releases'][number];

/** Any two revisions beside one another, on the page where programs are compared. */
export function CompareTwo({ releases }: { releases: readonly Traced[] }) {
  const [after = '', before = ''] = releases.map(({ packageId }) => packageId as string);
  const [pair, setPair] = useState({ before, after });
  if (releases.length < 2) return null;
  const isSame = pair.before === pair.after;
  return (
    <section className={styles.panel}>
      <h2>{words.difference}</h2>
      <p className={styles.quiet}>{words.differenceLead}</p>
      <div className={styles.question}>
        {(['before', 'after'] as const).map((end) => (
          <label key={end} className={styles.kind}>
            <span>{words[end]}</span>
            <select value={pair[end]} onChange={(event) => setPair({ ...pair, [end]: event.currentTarget.value })}>
              {releases.map(({ packageId, part, revision, releaseId }) => (
                <option key={releaseId} value={packageId}>
                  {words.exposedOf(part, revision)} · {releaseId}
                </option>
              ))}
            </select>
          </label>
        ))}
        {isSame ? (
          <span className={styles.quiet}>{words.sameTwice}</span>
        ) : (
          <Link href={`/packages/${encodeURIComponent(pair.after)}?against=${encodeURIComponent(pair.before)}`}>
            {words.compare}
          </Link>
        )}
      </div>
    </section>
  );
}
