import { useDeferredValue, useEffect } from 'react';
import { useParams, useSearchParams } from 'wouter';
import type { PackagePage as PackageData } from '../../../edges/http/contract/package-page.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { packageKey, usePackagePage } from '../../queries/packages.ts';
import { queryClient } from '../../queries/query-client.ts';
import { navigationWords } from '../../words/navigation.ts';
import { packageWords } from '../../words/review.ts';
import { Acts } from './acts.tsx';
import { CheckLine, RouteLine } from './checks.tsx';
import { ComparedWith } from './compared-with.tsx';
import { Files } from './files.tsx';
import { FirstArticle } from './first-article.tsx';
import { Programs } from './programs.tsx';
import styles from './review.module.css';
import { Summary } from './summary.tsx';
import { TimelineList } from './timeline.tsx';

/** Everything that somebody needs who puts their name under a package. */
export function PackagePage() {
  const { id = '' } = useParams<{ id: string }>();
  const { data, error, refetch } = usePackagePage(id);
  // A page of so many parts is made a few at a time.
  const shown = useDeferredValue(data);
  useEffect(() => {
    if (error) forget(id);
  }, [error, id]);
  if (error) {
    return (
      <Page title={navigationWords.review}>
        <ProblemCard error={error} again={() => void refetch()} />
      </Page>
    );
  }
  if (shown?.packageId !== id) return <Page title={id}>{packageWords.loading}</Page>;
  return <Shown data={shown} />;
}

/** What may not be seen any more is not kept either. */
function forget(id: string): void {
  queryClient.removeQueries({ queryKey: ['bytes'] });
  queryClient.removeQueries({ queryKey: packageKey(id), type: 'inactive' });
}

function Shown({ data }: { data: PackageData }) {
  const { part, revision, operation, banner } = data;
  const [search] = useSearchParams();
  const against = search.get('against') ?? undefined;
  return (
    <Page title={packageWords.title(part, revision, operation)} classified={[banner]} acts={<Acts data={data} />}>
      <Summary data={data} />
      <div className={styles.lines}>
        <CheckLine data={data} />
        <RouteLine data={data} />
      </div>
      <ComparedWith data={data} against={against} />
      <Programs data={data} against={against} />
      <div className={styles.pair}>
        <Files data={data} />
        <FirstArticle data={data} />
      </div>
      <TimelineList entries={data.timeline} />
      <p className={styles.keys}>{packageWords.keys}</p>
    </Page>
  );
}
