import { Link } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useLegalHolds } from '../../queries/trace.ts';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

type Traced = TraceView['releases'][number];

/** What the question leads to, and who keeps it from being thrown away. */
export function Releases({ releases }: { releases: readonly Traced[] }) {
  return (
    <section className={styles.panel}>
      <h2>{words.releases}</h2>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>{words.release}</th>
              <th>{words.revision}</th>
              <th>{words.operation}</th>
              <th>{words.state}</th>
              <th>{words.when}</th>
            </tr>
          </thead>
          <tbody>
            {releases.map((release) => (
              <tr key={release.releaseId}>
                <td>
                  <Link href={`/packages/${encodeURIComponent(release.packageId)}`}>{release.part}</Link>{' '}
                  <Link className={styles.id} href={`/trace?release=${encodeURIComponent(release.releaseId)}`}>
                    {release.releaseId}
                  </Link>
                </td>
                <td>{release.revision}</td>
                <td>{release.operation}</td>
                <td>
                  <ReleaseState release={release} /> <Frozen releaseId={release.releaseId} />
                </td>
                <td>
                  <Time at={release.time} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const states: Readonly<Record<Traced['state'], { tone: Tone; word: string }>> = {
  'in-force': { tone: 'good', word: words.inForce },
  superseded: { tone: 'over', word: words.superseded },
  withdrawn: { tone: 'bad', word: words.withdrawn },
};

function ReleaseState({ release: { state } }: { release: Traced }) {
  const { tone, word } = states[state];
  return <StateBadge tone={tone}>{word}</StateBadge>;
}

function Frozen({ releaseId }: { releaseId: string }) {
  const holds = useLegalHolds().data?.legalHolds ?? [];
  const hold = holds.find(({ releases }) => releases.some((one) => one === releaseId));
  return hold ? (
    <span title={hold.reason}>
      <StateBadge tone="waiting">{words.frozen(hold.by)}</StateBadge>
    </span>
  ) : null;
}
