import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import type { Hit } from '../../../edges/http/contract/search.ts';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { getJson } from '../../queries/api.ts';
import { api } from '../../queries/paths.ts';
import { hitWords, searchWords } from '../../words/search.ts';
import styles from './search.module.css';

/** Whatever somebody read off paper or a control, and where it leads. */
export function Search() {
  const [search] = useSearchParams();
  const q = (search.get('q') ?? '').trim();
  const { data, error } = useQuery<{ hits: Hit[] }>({
    queryKey: ['search', { q }],
    queryFn: () => getJson(api.search(q)),
    enabled: q !== '',
  });
  const hits = data?.hits ?? [];
  const banners = hits.flatMap(({ banner }) => (banner === undefined ? [] : [banner]));
  return (
    <Page title={q === '' ? searchWords.title : searchWords.for(q)} classified={[...new Set(banners)]}>
      {error && <ProblemCard error={error} />}
      {data && hits.length === 0 && <Empty title={searchWords.none(q)}>{searchWords.noneWhy}</Empty>}
      {q === '' && <Empty title={searchWords.title}>{searchWords.noneWhy}</Empty>}
      <ul className={styles.hits}>
        {hits.map((hit) => (
          <li key={`${hit.kind} ${hit.id} ${hit.title}`}>
            <span className={styles.kind}>{hitWords[hit.kind]}</span>
            <Link href={addressOf(hit)}>{hit.title}</Link>
            <span className={styles.detail}>{hit.detail}</span>
            <span className={styles.detail}>{hit.banner}</span>
          </li>
        ))}
      </ul>
    </Page>
  );
}

function addressOf({ kind, id }: Hit): string {
  const at = encodeURIComponent(id);
  if (kind === 'package' || kind === 'file') return `/packages/${at}`;
  if (kind === 'deposit') return `/deposits/${at}`;
  if (kind === 'machine') return `/trace?machine=${at}`;
  if (kind === 'work-order') return `/trace?workOrder=${at}`;
  return `/trace?${kind}=${at}`;
}
