import { lazy, Suspense, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import type { LineNote } from '../../parts/program-text/line-notes.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useControlDifference, useControlText, useControlToolpath } from '../../queries/trace.ts';
import { packageWords } from '../../words/review.ts';
import { controlWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

const Changes = lazy(async () => ({ default: (await import('../review/changes.tsx')).Changes }));
const PathPanel = lazy(async () => ({ default: (await import('../review/path-panel.tsx')).PathPanel }));
const TextPanel = lazy(async () => ({ default: (await import('../review/text-panel.tsx')).TextPanel }));

type Difference = TraceView['differences'][number];
const opened = 'readback';

/** What controls changed of what they were sent: a line each, by consequence. Which one is open stands in the link. */
export function AtControl({ differences }: { differences: readonly Difference[] }) {
  const [search, setSearch] = useSearchParams();
  if (differences.length === 0) return null;
  const toggle = (id: string): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (before.get(opened) === id) next.delete(opened);
        else next.set(opened, id);
        return next;
      },
      { replace: true },
    );
  return (
    <section className={styles.panel} aria-label={words.title}>
      <h2>{words.title}</h2>
      <ul className={styles.runs}>
        {differences.map((one) => (
          <Line
            key={one.retrievalId}
            one={one}
            isOpen={search.get(opened) === one.retrievalId}
            toggle={() => toggle(one.retrievalId)}
          />
        ))}
      </ul>
    </section>
  );
}

function Line({ one, isOpen, toggle }: { one: Difference; isOpen: boolean; toggle(): void }) {
  const { machineId, file, time, counts, sentences, held, disposition } = one;
  return (
    <li>
      <div>
        <Time at={time} /> · <Link href={`/trace?machine=${encodeURIComponent(machineId)}`}>{machineId}</Link> · {file}{' '}
        {held && <StateBadge tone="bad">{words.held}</StateBadge>}
        {disposition && <StateBadge tone="over">{words.dispositions[disposition]}</StateBadge>}
      </div>
      <div>
        {counts ? words.counted(counts) : (sentences[0] ?? words.comparing)}{' '}
        <button type="button" className={styles.prove} aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? words.close : words.open}
        </button>
      </div>
    </li>
  );
}

/** The one that is open, in the view that approvers have. */
export function OpenedDifference({ differences }: { differences: readonly Difference[] }) {
  const [search] = useSearchParams();
  const one = differences.find(({ retrievalId }) => retrievalId === search.get(opened));
  return one ? (
    <Suspense fallback={packageWords.loading}>
      <Opened key={one.retrievalId} one={one} />
    </Suspense>
  ) : null;
}

const noNotes: readonly LineNote[] = [];

function Opened({ one: { retrievalId, machineId, file, counts, sentences } }: { one: Difference }) {
  const [line, setLine] = useState<number>();
  const [delivered, received] = [useControlText(retrievalId, 'delivered'), useControlText(retrievalId, 'received')];
  const difference = useControlDifference(retrievalId, counts !== null);
  const error = delivered.error ?? received.error;
  const why = counts ? undefined : (sentences[0] ?? words.comparing);
  return (
    <section className={styles.control} aria-label={words.view(machineId)}>
      <Changes
        title={words.changed(machineId)}
        alone={why}
        difference={difference.data}
        error={difference.error}
        {...{ line, onLine: setLine }}
      />
      {error && <ProblemCard error={error} />}
      <TextPanel
        name={file}
        text={received.data}
        before={delivered.data}
        difference={difference.data}
        isPending={delivered.isPending || (counts !== null && difference.isPending)}
        error={null}
        notes={noNotes}
        {...{ line, onLine: setLine }}
      />
      <div className={styles.path}>
        <ControlPath
          id={retrievalId}
          none={why && words.noPath(sentences.length > 0)}
          difference={difference.data}
          {...{ line, onLine: setLine }}
        />
      </div>
    </section>
  );
}

type ControlPathParts = Pick<Parameters<typeof PathPanel>[0], 'difference' | 'line' | 'onLine' | 'none'> & {
  id: string;
};

/** What came back over what was sent: neither alone says what was changed. */
function ControlPath({ id, none, ...followed }: ControlPathParts) {
  const isAsked = none === undefined;
  const [before, after] = [useControlToolpath(id, 'delivered', isAsked), useControlToolpath(id, 'received', isAsked)];
  const error = after.error ?? before.error;
  return <PathPanel before={before.data} after={before.data && after.data} {...{ error, none, ...followed }} />;
}
