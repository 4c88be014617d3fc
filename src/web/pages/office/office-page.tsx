import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useAlarms, useWaitingChanges } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './office.module.css';

const sections = ['start', 'machines', 'people', 'changes', 'keys', 'policy', 'ledger', 'alarms'] as const;
type Section = (typeof sections)[number];

/** A page of the console: what waits and what is wrong is counted beside its name. */
export function OfficePage({
  section,
  error,
  children,
}: {
  section: Section;
  error: Error | null;
  children: ReactNode;
}) {
  const counts: Partial<Record<Section, number>> = {
    changes: useWaitingChanges().data?.changes.length ?? 0,
    alarms: useAlarms().data?.alarms.length ?? 0,
  };
  return (
    <Page title={words[section]}>
      <nav className={styles.sections} aria-label={words.section}>
        {sections.map((one) => (
          <Link key={one} href={`/${one}`} aria-current={section === one ? 'page' : undefined}>
            {words[one]}
            {counts[one] ? <span className={styles.count}>{counts[one]}</span> : null}
          </Link>
        ))}
      </nav>
      {error && <ProblemCard error={error} />}
      {children}
    </Page>
  );
}
