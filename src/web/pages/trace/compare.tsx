import { NativeSelect } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'wouter';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { usePackages } from '../../queries/lists.ts';
import { usePackagePage } from '../../queries/packages.ts';
import { packageWords } from '../../words/review.ts';
import { traceWords as words } from '../../words/trace.ts';
import styles from './trace.module.css';

const Programs = lazy(async () => ({ default: (await import('../review/programs.tsx')).Programs }));

/** Any two packages of the parts in question, in the view that approvers have; which two stands in the link. */
export function Compare({ releases }: { releases: TraceView['releases'] }) {
  const parts = [...new Set(releases.map(({ part }) => part))];
  const [part = ''] = parts;
  const [search, setSearch] = useSearchParams();
  const of = search.get('of') ?? part;
  const [older, newer] = [search.get('older') ?? '', search.get('newer') ?? ''];
  const { rows } = usePackages({ part: of });
  if (parts.length === 0) return null;
  const choose = (next: Readonly<Record<string, string>>): void =>
    setSearch((before) => new URLSearchParams({ ...Object.fromEntries(before), ...next }), { replace: true });
  const offered = [
    { value: '', label: words.choose },
    ...rows.map(({ packageId, revision, operation }) => ({
      ...{ value: packageId, label: words.one(of, revision, operation, packageId) },
    })),
  ];
  return (
    <section className={styles.panel} aria-label={words.compare}>
      <h2>{words.compare}</h2>
      <p className={styles.quiet}>{words.compareWhy}</p>
      <div className={styles.pick}>
        {parts.length > 1 && (
          <NativeSelect
            size="xs"
            label={words.part}
            value={of}
            data={parts}
            onChange={(event) => choose({ of: event.currentTarget.value, older: '', newer: '' })}
          />
        )}
        {(['older', 'newer'] as const).map((which) => (
          <NativeSelect
            key={which}
            size="xs"
            label={words[which]}
            value={which === 'older' ? older : newer}
            data={offered}
            onChange={(event) => choose({ [which]: event.currentTarget.value })}
          />
        ))}
      </div>
      {older !== '' && newer !== '' && <Compared key={`${older} ${newer}`} older={older} newer={newer} />}
    </section>
  );
}

function Compared({ older, newer }: { older: string; newer: string }) {
  const { data, error } = usePackagePage(newer);
  if (error) return <ProblemCard error={error} />;
  if (!data) return <p className={styles.quiet}>{packageWords.loading}</p>;
  return (
    <Suspense fallback={packageWords.loading}>
      <Programs data={data} against={older} />
    </Suspense>
  );
}
