import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { KeptBack } from '../../../edges/http/contract/deposits.ts';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useKeptBackList } from '../../queries/deposits.ts';
import { useSession } from '../../queries/session.ts';
import { packageWords, reviewWords as words } from '../../words/review.ts';
import { type Role, shortRole } from '../../words/roles.ts';
import styles from './queue.module.css';

/** What inspection keeps in quarantine until somebody signs that it may stand. */
export function KeptBackRows({ filters }: { filters: ReactNode }) {
  const { data, error } = useKeptBackList();
  const rows = data?.deposits ?? [];
  return (
    <Page title={words.queue} classified={[...new Set(rows.map(({ banner }) => banner))]}>
      {filters}
      {error && <ProblemCard error={error} />}
      {data && rows.length === 0 && <Empty title={words.noneKept}>{words.noneKeptWhy}</Empty>}
      {rows.length > 0 && (
        <RowList label={words.kept} rows={rows} columns={columns} idOf={({ depositId }) => depositId} />
      )}
      {data?.more && <p className={styles.quiet}>{words.moreKept}</p>}
    </Page>
  );
}

const columns: readonly Column<KeptBack>[] = [
  {
    head: words.job,
    width: 'minmax(15rem, 1.4fr)',
    cell: ({ depositId, part, revision, operation }) => (
      <Link href={`/deposits/${depositId}`}>{packageWords.title(part, revision, operation)}</Link>
    ),
  },
  { head: words.waits, width: 'minmax(9rem, 0.8fr)', cell: (row) => <WaitsFor row={row} /> },
  {
    head: words.keptBy,
    width: 'minmax(14rem, 2fr)',
    cell: ({ findings }) => findings.find(({ severity }) => severity === 'block')?.message,
  },
  { head: words.label, width: 'minmax(8rem, 0.9fr)', cell: ({ banner }) => banner },
  { head: words.since, isMore: true, width: '9rem', cell: ({ time }) => <Time at={time} /> },
];

function WaitsFor({ row: { waivable } }: { row: KeptBack }) {
  const roles = useSession().data?.person.roles ?? [];
  const needed = [...new Set(waivable.flatMap(({ role }): Role[] => (role ? [role] : [])))];
  return (
    <StateBadge tone="bad">
      {needed.map((role) => shortRole[role]).join(', ')} · {words.findingCount(waivable.length)}
      {needed.some((role) => roles.includes(role)) && <b className={styles.mine}>{packageWords.you}</b>}
    </StateBadge>
  );
}
