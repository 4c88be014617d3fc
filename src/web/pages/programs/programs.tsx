import { Button, TextInput } from '@mantine/core';
import { Link, useSearchParams } from 'wouter';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { type ProgramListed, usePrograms } from '../../queries/lists.ts';
import { useSession } from '../../queries/session.ts';
import { programWords } from '../../words/programs.ts';
import styles from './programs.module.css';

/** Every job: what is in force for it, and what waits to take its place. */
export function Programs() {
  const [search, setSearch] = useSearchParams();
  const q = search.get('q') ?? '';
  const deposits = useSession().data?.person.roles.includes('programmer') ?? false;
  const { rows, error, isPending, more } = usePrograms({ q: /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(q) ? q : undefined });
  const toDeposit = (
    <Button component={Link} href="/deposits">
      {programWords.deposit}
    </Button>
  );
  return (
    <Page
      title={programWords.programs}
      classified={[...new Set(rows.map(({ banner }) => banner))].filter((banner) => banner !== '')}
      acts={deposits && toDeposit}
    >
      <TextInput
        className={styles.filter}
        size="xs"
        aria-label={programWords.part}
        placeholder={programWords.part}
        value={q}
        onChange={(event) =>
          setSearch(event.currentTarget.value === '' ? {} : { q: event.currentTarget.value }, { replace: true })
        }
        maxLength={64}
      />
      {error && <ProblemCard error={error} />}
      {!error && !isPending && rows.length === 0 && <Empty title={programWords.none}>{programWords.noneWhy}</Empty>}
      {rows.length > 0 && (
        <RowList label={programWords.programs} rows={rows} columns={columns} idOf={idOf} more={more} />
      )}
    </Page>
  );
}

const idOf = ({ part, operation, machineGroup }: ProgramListed): string => `${part}/${operation}/${machineGroup}`;

const columns: readonly Column<ProgramListed>[] = [
  {
    head: programWords.job,
    width: 'minmax(12rem, 1.2fr)',
    cell: ({ part, operation }) => `${part} · op ${operation}`,
  },
  { head: programWords.group, width: 'minmax(8rem, 0.8fr)', cell: ({ machineGroup }) => machineGroup },
  {
    head: programWords.inForce,
    width: 'minmax(8rem, 0.8fr)',
    cell: ({ released }) =>
      released ? (
        <StateBadge tone="good">
          <Link href={`/packages/${released.packageId}`}>{programWords.revision(released.revision)}</Link>
        </StateBadge>
      ) : (
        <StateBadge tone="over">{programWords.notReleased}</StateBadge>
      ),
  },
  { head: programWords.since, width: '9rem', cell: ({ released }) => released && <Time at={released.time} /> },
  {
    head: programWords.open,
    width: 'minmax(9rem, 1fr)',
    cell: ({ open }) =>
      open.map(({ packageId, revision }) => (
        <StateBadge key={packageId} tone="waiting">
          <Link href={`/packages/${packageId}`}>{programWords.revision(revision)}</Link>
        </StateBadge>
      )),
  },
  { head: programWords.label, width: 'minmax(9rem, 1fr)', cell: ({ banner }) => banner },
];
