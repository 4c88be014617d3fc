import { useState } from 'react';
import { Link } from 'wouter';
import type { ExposureView, TraceView } from '../../../edges/http/contract/trace.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useExposure } from '../../queries/trace.ts';
import { operatorWords } from '../../words/operator.ts';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

type Traced = TraceView['releases'][number];

/** Everything else that may have been cut with the same bytes. */
export function Exposed({ releases }: { releases: readonly Traced[] }) {
  return (
    <section className={styles.panel}>
      <h2>{words.exposed}</h2>
      {releases.map((release, at) => (
        <ExposedBy key={release.releaseId} release={release} isFirst={at === 0} />
      ))}
    </section>
  );
}

function ExposedBy({ release, isFirst }: { release: Traced; isFirst: boolean }) {
  const [isOpen, setOpen] = useState(isFirst);
  const { data, error } = useExposure(release.releaseId, isOpen);
  return (
    <details className={styles.exposed} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <strong>{words.exposedOf(release.part, release.revision)}</strong>{' '}
        {data && words.exposedText(data.serials.length, data.machines.length)}
      </summary>
      {error && <ProblemCard error={error} />}
      {data && (
        <>
          <Machines exposure={data} />
          <Problems problems={data.problems} />
          <div className={styles.serials}>
            {data.serials.map(({ serial, index }) => (
              <Link key={`${serial} ${index}`} href={`/trace?serial=${encodeURIComponent(serial)}`}>
                {serial}
              </Link>
            ))}
          </div>
        </>
      )}
    </details>
  );
}

function Machines({ exposure: { machines, readbacks } }: { exposure: ExposureView }) {
  const readOf = (machineId: string) =>
    readbacks.findLast((one) => one.machineId === machineId && one.verdict)?.verdict;
  if (machines.length === 0) return null;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>{words.machine}</th>
            <th>{words.deliveries}</th>
            <th>{words.firstLast}</th>
            <th>{words.readback}</th>
          </tr>
        </thead>
        <tbody>
          {machines.map(({ machineId, deliveries, first, last }) => (
            <tr key={machineId}>
              <td>
                <Link href={`/trace?machine=${encodeURIComponent(machineId)}`}>{machineId}</Link>
              </td>
              <td>{deliveries}</td>
              <td>
                <Time at={first} />
                {last !== first && (
                  <>
                    {' – '}
                    <Time at={last} />
                  </>
                )}
              </td>
              <td>
                <Readback verdict={readOf(machineId)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Verdict = ExposureView['readbacks'][number]['verdict'] | undefined;

function Readback({ verdict }: { verdict: Verdict }) {
  if (!verdict) return words.unread;
  const isGood = verdict === 'identical' || verdict === 'equivalent';
  return <StateBadge tone={isGood ? 'good' : 'bad'}>{operatorWords.verdict[verdict]}</StateBadge>;
}

function Problems({ problems }: { problems: ExposureView['problems'] }) {
  if (problems.length === 0) return null;
  return (
    <>
      <h3>{words.problems}</h3>
      <ul className={styles.runs}>
        {problems.map(({ problemId, machineId, by, since, reason }) => (
          <li key={problemId}>
            <Time at={since} /> · {machineId} · {by}: {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
