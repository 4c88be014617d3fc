import { SegmentedControl, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { PackageListed } from '../../../edges/http/contract/packages.ts';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { span } from '../../parts/time.tsx';
import { usePackages } from '../../queries/lists.ts';
import { useSession } from '../../queries/session.ts';
import { changeWords, packageWords, reviewWords, stateWords } from '../../words/review.ts';
import { shortRole } from '../../words/roles.ts';
import { KeptBackRows } from './kept-back.tsx';
import styles from './queue.module.css';
import { packageTone } from './summary.tsx';

const signing = ['manufacturing-engineer', 'quality', 'export-compliance'] as const;

/** What waits, the most urgent first. The filters stand in the link. */
export function Queue() {
  const [search, setSearch] = useSearchParams();
  const roles = useSession().data?.person.roles ?? [];
  const signs = signing.some((role) => roles.includes(role));
  const view = search.get('view') ?? (signs ? 'mine' : 'waiting');
  const part = search.get('part') ?? '';
  const set = (name: string, value: string): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const filters = (
    <div className={styles.filters}>
      <SegmentedControl
        size="xs"
        aria-label={reviewWords.filter}
        value={view}
        onChange={(value) => set('view', value)}
        data={[
          ...(signs ? [{ value: 'mine', label: reviewWords.mine }] : []),
          { value: 'waiting', label: reviewWords.waiting },
          ...(signs ? [{ value: 'kept', label: reviewWords.kept }] : []),
          { value: 'all', label: reviewWords.all },
        ]}
      />
      {view !== 'kept' && (
        <TextInput
          size="xs"
          placeholder={reviewWords.part}
          aria-label={reviewWords.part}
          value={part}
          onChange={(event) => set('part', event.currentTarget.value)}
          maxLength={64}
        />
      )}
    </div>
  );
  return view === 'kept' ? (
    <KeptBackRows filters={filters} />
  ) : (
    <PackageRows view={view} part={partIn(part)} filters={filters} />
  );
}

type PackageRowsParts = { view: string; part: string | undefined; filters: ReactNode };

function PackageRows({ view, part, filters }: PackageRowsParts) {
  const { rows, error, isPending, more } = usePackages({ ...askedBy(view), part });
  return (
    <Page title={reviewWords.queue} classified={bannersOf(rows)}>
      {filters}
      {error && <ProblemCard error={error} />}
      {!error && !isPending && rows.length === 0 && <NothingThere view={view} />}
      {rows.length > 0 && (
        <RowList label={reviewWords.queue} rows={rows} columns={columns} idOf={(row) => row.packageId} more={more} />
      )}
    </Page>
  );
}

const askedBy = (view: string) =>
  view === 'mine'
    ? { turn: 'me', order: 'due' }
    : view === 'waiting'
      ? { state: 'submitted', order: 'due' }
      : { order: 'newest' };

/** What can be no part's name is no filter. */
const partIn = (text: string): string | undefined => (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text) ? text : undefined);

const bannersOf = (rows: readonly PackageListed[]): string[] => [...new Set(rows.map(({ banner }) => banner))];

function NothingThere({ view }: { view: string }) {
  return view === 'mine' ? (
    <Empty title={reviewWords.none}>{reviewWords.noneWhy}</Empty>
  ) : (
    <Empty title={reviewWords.noneAll}>{reviewWords.noneAllWhy}</Empty>
  );
}

const columns: readonly Column<PackageListed>[] = [
  {
    head: reviewWords.job,
    width: 'minmax(13rem, 1.2fr)',
    cell: ({ packageId, part, revision, operation }) => (
      <Link href={`/packages/${packageId}`}>{packageWords.title(part, revision, operation)}</Link>
    ),
  },
  { head: reviewWords.due, width: '7rem', cell: (row) => <Due row={row} /> },
  {
    head: reviewWords.state,
    width: 'minmax(12rem, 1.2fr)',
    cell: (row) =>
      row.waiting ? (
        <Missing row={row} />
      ) : (
        <StateBadge tone={packageTone[row.state]}>{stateWords[row.state]}</StateBadge>
      ),
  },
  { head: reviewWords.findings, width: '8rem', cell: (row) => <Findings row={row} /> },
  {
    head: reviewWords.change,
    isMore: true,
    width: '7rem',
    cell: ({ waiting }) => (waiting ? changeWords[waiting.change] : ''),
  },
  { head: reviewWords.group, isMore: true, width: 'minmax(7rem, 0.7fr)', cell: ({ machineGroup }) => machineGroup },
  { head: reviewWords.order, isMore: true, width: 'minmax(7rem, 0.8fr)', cell: ({ changeOrder }) => changeOrder },
  { head: reviewWords.author, isMore: true, width: '6rem', cell: ({ author }) => author },
  { head: reviewWords.label, width: 'minmax(8rem, 0.9fr)', cell: ({ banner }) => banner },
  { head: reviewWords.age, isMore: true, width: '4rem', cell: ({ time }) => span(Date.now() - Date.parse(time)) },
];

function Due({ row: { due, waiting } }: { row: PackageListed }) {
  if (!due) return <span className={styles.quiet}>{reviewWords.noDue}</span>;
  const isLate = waiting !== undefined && due < new Date().toISOString().slice(0, 10);
  return isLate ? <StateBadge tone="bad">{due}</StateBadge> : due;
}

function Missing({ row: { waiting } }: { row: PackageListed }) {
  const missing = waiting?.missing ?? [];
  const text = missing.map(({ role, count }) => `${shortRole[role]}${count > 1 ? ` × ${count}` : ''}`).join(', ');
  const isMine = (waiting?.yourRoles ?? []).length > 0;
  return (
    <StateBadge tone="waiting">
      {reviewWords.missing} {text}
      {isMine && <b className={styles.mine}>{packageWords.you}</b>}
    </StateBadge>
  );
}

function Findings({ row: { findings } }: { row: PackageListed }) {
  const said = (['hold', 'warn', 'note'] as const).filter((name) => findings[name] > 0);
  if (said.length === 0) return <StateBadge tone="good">{reviewWords.noFindings}</StateBadge>;
  const text = said.map((name) => `${findings[name]} ${name}`).join(', ');
  return <StateBadge tone={findings.hold + findings.warn > 0 ? 'warn' : 'over'}>{text}</StateBadge>;
}
