import { lazy, Suspense, useMemo } from 'react';
import type { ChangeClassName, DifferenceView } from '../../../edges/http/contract/differences.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Compared, useToolpath, useToolpathBefore } from '../../queries/packages.ts';
import { packageWords } from '../../words/review.ts';
import { toolpathWords } from '../../words/toolpath.ts';
import styles from './review.module.css';

const ToolpathView = lazy(async () => ({
  default: (await import('../../parts/toolpath/toolpath-view.tsx')).ToolpathView,
}));

type PathPanelParts = {
  id: string;
  name: string;
  compared: Compared;
  difference: DifferenceView | undefined;
  line: number | undefined;
  onLine(line: number): void;
};

const pathClasses: ReadonlySet<ChangeClassName> = new Set(['tool', 'offset', 'modal', 'geometry', 'flow', 'unknown']);

export function PathPanel({ id, name, compared, difference, line, onLine }: PathPanelParts) {
  const after = useToolpath(id, name);
  const before = useToolpathBefore(id, name, compared);
  const changed = useMemo(() => changedLines(difference), [difference]);
  const hasCome = !(compared.hasBefore && before.isPending);
  return (
    <section className={styles.panel} aria-label={packageWords.toolpath}>
      <header className={styles.panelHead}>
        <h2>{packageWords.toolpath}</h2>
      </header>
      {after.error ? (
        <ProblemCard error={after.error} />
      ) : (
        <Suspense fallback={toolpathWords.loading}>
          <ToolpathView before={before.data} after={hasCome ? after.data : undefined} {...{ changed, line, onLine }} />
        </Suspense>
      )}
    </section>
  );
}

/** Lines whose change may move the tool elsewhere. */
function changedLines(difference: DifferenceView | undefined) {
  const hunks = (difference?.hunks ?? []).filter(({ classes }) => classes.some((one) => pathClasses.has(one)));
  return {
    before: hunks.filter(({ kind }) => kind !== 'added').map((hunk) => hunk.before),
    after: hunks.filter(({ kind }) => kind !== 'removed').map((hunk) => hunk.after),
  };
}
