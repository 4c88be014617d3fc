import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { packageWords } from '../../words/review.ts';
import styles from './review.module.css';

/** What the change may mean for the first article: a draft, and what quality said. */
export function FirstArticle({ data }: { data: PackagePage }) {
  const { firstArticle, approvals, route } = data;
  const decided = approvals.filter((approval) => approval.firstArticle && !approval.notCounted);
  return (
    <section className={styles.panel}>
      <h2>{packageWords.firstArticle}</h2>
      {firstArticle ? (
        <>
          <p>
            <strong>{packageWords.draft[firstArticle.proposal]}</strong> · {firstArticle.statement}
          </p>
          <p className={styles.quiet}>{packageWords.draftNote}</p>
        </>
      ) : (
        <p className={styles.quiet}>
          {route.change === 'first-release' ? packageWords.firstArticleNone : packageWords.documentsOnly}
        </p>
      )}
      {decided.map(({ index, person, firstArticle: said }) => (
        <p key={index}>
          {packageWords.decided(packageWords.answers[said?.needed ?? 'full'], person)}: {said?.reason}
        </p>
      ))}
    </section>
  );
}
