import { Link } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

export function Runs({ runs }: { runs: TraceView['runs'] }) {
  return (
    <section className={styles.panel}>
      <h2>{words.runs}</h2>
      {runs.length === 0 && <p className={styles.quiet}>{words.noRuns}</p>}
      <ul className={styles.runs}>
        {runs.map(({ runId, startedAt, machineId, operator, workOrder, serials, superseded }) => (
          <li key={runId}>
            <div>
              <Time at={startedAt} /> ·{' '}
              <Link href={`/trace?machine=${encodeURIComponent(machineId)}`}>{machineId}</Link> · {operator} ·{' '}
              <Link href={`/trace?workOrder=${encodeURIComponent(workOrder)}`}>{workOrder}</Link>{' '}
              {superseded && <StateBadge tone="warn">{words.afterwards}</StateBadge>}
            </div>
            <div className={styles.serials}>
              {serials.map((serial) => (
                <Link key={serial} href={`/trace?serial=${encodeURIComponent(serial)}`}>
                  {serial}
                </Link>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
