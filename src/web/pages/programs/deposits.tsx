import { SegmentedControl } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import type { DepositView } from '../../../edges/http/contract/deposits.ts';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useDeposits } from '../../queries/lists.ts';
import { depositStateWords, depositWords, doorWords } from '../../words/programs.ts';
import { NewDeposit } from './new-deposit.tsx';
import styles from './programs.module.css';

/** Where a job begins: files dropped here, and what became of those before, also of those from the drop folder. */
export function Deposits() {
  const [search, setSearch] = useSearchParams();
  const view = search.get('view') ?? 'mine';
  const { rows, error, isPending, more } = useDeposits(view === 'mine' ? { mine: 'yes' } : {});
  return (
    <Page title={depositWords.title} classified={[depositWords.unlabelled]}>
      <NewDeposit />
      <div className={styles.filters}>
        <SegmentedControl
          size="xs"
          aria-label={depositWords.filter}
          value={view}
          onChange={(value) => setSearch({ view: value }, { replace: true })}
          data={[
            { value: 'mine', label: depositWords.mine },
            { value: 'all', label: depositWords.all },
          ]}
        />
      </div>
      {error && <ProblemCard error={error} />}
      {!error && !isPending && rows.length === 0 && <Empty title={depositWords.none}>{depositWords.noneWhy}</Empty>}
      {rows.length > 0 && (
        <RowList label={depositWords.title} rows={rows} columns={columns} idOf={(row) => row.depositId} more={more} />
      )}
    </Page>
  );
}

export const depositTone: Readonly<Record<DepositView['state'], Tone>> = {
  received: 'waiting',
  inspected: 'warn',
  admitted: 'good',
  rejected: 'bad',
  proposed: 'warn',
};

const columns: readonly Column<DepositView>[] = [
  {
    head: depositWords.name,
    width: 'minmax(12rem, 1.4fr)',
    cell: ({ depositId, name }) => <Link href={`/deposits/${depositId}`}>{name}</Link>,
  },
  {
    head: depositWords.state,
    width: 'minmax(10rem, 1fr)',
    cell: ({ state }) => <StateBadge tone={depositTone[state]}>{depositStateWords[state]}</StateBadge>,
  },
  {
    head: depositWords.findings,
    width: '7rem',
    cell: ({ findings, moreFindings }) => (findings.length + moreFindings).toLocaleString('en-US'),
  },
  { head: depositWords.files, width: '5rem', cell: ({ files }) => files.length },
  { head: depositWords.door, width: '8rem', cell: ({ door }) => doorWords[door] },
  { head: depositWords.when, width: '9rem', cell: ({ time }) => <Time at={time} /> },
];
