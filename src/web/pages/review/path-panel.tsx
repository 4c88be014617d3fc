import { lazy, Suspense, useMemo } from 'react';
import type { ChangeClassName, DifferenceView } from '../../../edges/http/contract/differences.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import type { Toolpath } from '../../parts/toolpath/pack.ts';
import { type Compared, useToolpath, useToolpathBefore } from '../../queries/packages.ts';
import { packageWords } from '../../words/review.ts';
import { toolpathWords } from '../../words/toolpath.ts';
import styles from './review.module.css';

const ToolpathView = lazy(async () => ({
  default: (await import('../../parts/toolpath/toolpath-view.tsx')).ToolpathView,
}));

type FollowedParts = { difference: DifferenceView | undefined; line: number | undefined; onLine(line: number): void };
type PackagePathParts = FollowedParts & { id: string; name: string; compared: Compared };

/** The path of one program of a package, over that of what it is compared with. */
export function PackagePath({ id, name, compared, ...followed }: PackagePathParts) {
  const after = useToolpath(id, name);
  const before = useToolpathBefore(id, name, compared);
  const hasCome = !(compared.hasBefore && before.isPending);
  return (
    <PathPanel
      before={before.data}
      after={hasCome ? after.data : undefined}
      error={after.error}
      none={undefined}
      {...followed}
    />
  );
}

type PathPanelParts = FollowedParts & {
  before: Toolpath | undefined;
  /** Undefined until both have come. */
  after: Toolpath | undefined;
  error: Error | null;
  /** Why there is no path. */
  none: string | undefined;
};

export function PathPanel({ before, after, error, none, difference, line, onLine }: PathPanelParts) {
  const changed = useMemo(() => changedLines(difference), [difference]);
  return (
    <section className={styles.panel} aria-label={packageWords.toolpath}>
      <header className={styles.panelHead}>
        <h2>{packageWords.toolpath}</h2>
      </header>
      {none && <p className={styles.quiet}>{none}</p>}
      {error && <ProblemCard error={error} />}
      {!none && !error && (
        <Suspense fallback={toolpathWords.loading}>
          <ToolpathView {...{ before, after, changed, line, onLine }} />
        </Suspense>
      )}
    </section>
  );
}

const pathClasses: ReadonlySet<ChangeClassName> = new Set(['tool', 'offset', 'modal', 'geometry', 'flow', 'unknown']);

/** Lines whose change may move the tool elsewhere. */
function changedLines(difference: DifferenceView | undefined) {
  const hunks = (difference?.hunks ?? []).filter(({ classes }) => classes.some((one) => pathClasses.has(one)));
  return {
    before: hunks.filter(({ kind }) => kind !== 'added').map((hunk) => hunk.before),
    after: hunks.filter(({ kind }) => kind !== 'removed').map((hunk) => hunk.after),
  };
}
