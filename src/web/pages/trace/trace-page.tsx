import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Watermarked } from '../../parts/watermark.tsx';
import { type TraceAsked, traceKinds, useTrace } from '../../queries/trace.ts';
import { traceKindWords, traceWords as words } from '../../words/trace.ts';
import { Acts } from './acts.tsx';
import { AtControl, OpenedDifference } from './at-control.tsx';
import { Compare } from './compare.tsx';
import { Exposed } from './exposed.tsx';
import { ProofPanel } from './proof-panel.tsx';
import { Question } from './question.tsx';
import { Releases } from './releases.tsx';
import { Runs } from './runs.tsx';
import { TraceTimeline } from './timeline.tsx';
import styles from './trace.module.css';

/** From a bad part to the bytes that cut it, whoever touched them, and everything else that they cut. */
export function TracePage() {
  const [search, setSearch] = useSearchParams();
  const asked = askedIn(search);
  const { data, error, isFetching } = useTrace(asked);
  const isAsked = Object.keys(asked).length > 0;
  const isFound = data !== undefined && data.releases.length + data.runs.length + data.timeline.length > 0;
  return (
    <Page
      title={titleOf(asked)}
      classified={[...new Set(data?.releases.map(({ banner }) => banner))]}
      acts={isFound && <Acts asked={asked} releases={data.releases} />}
    >
      <Question key={search.toString()} asked={asked} isBusy={isFetching} ask={(next) => setSearch(next)} />
      {!isAsked && <Empty title={words.first}>{words.firstWhy}</Empty>}
      {error && <ProblemCard error={error} />}
      {data && !isFound && <Empty title={words.nothing}>{words.nothingWhy}</Empty>}
      {isFound && <Found trace={data} />}
    </Page>
  );
}

function Found({ trace }: { trace: TraceView }) {
  const [entry, setEntry] = useState<TraceView['timeline'][number]>();
  return (
    <Watermarked className={styles.found}>
      {trace.more && <p className={styles.more}>{words.more}</p>}
      <Releases releases={trace.releases} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <TraceTimeline entries={trace.timeline} chosen={entry?.index} choose={setEntry} />
        </div>
        <div className={styles.column}>
          {entry && <ProofPanel key={entry.index} said={entry} close={() => setEntry(undefined)} />}
          <AtControl differences={trace.differences} />
          <Exposed releases={trace.releases} />
          <Runs runs={trace.runs} />
        </div>
      </div>
      <OpenedDifference differences={trace.differences} />
      <Compare releases={trace.releases} />
    </Watermarked>
  );
}

function askedIn(search: URLSearchParams): TraceAsked {
  const kind = traceKinds.find((one) => search.has(one));
  return kind ? { [kind]: search.get(kind) ?? '' } : {};
}

function titleOf(asked: TraceAsked): string {
  const kind = traceKinds.find((one) => asked[one] !== undefined);
  return kind ? words.titleOf(traceKindWords[kind], asked[kind] ?? '') : words.title;
}
