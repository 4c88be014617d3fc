import { Page } from '../../parts/page.tsx';
import { reviewWords } from '../../words/review.ts';

export function Queue() {
  return <Page title={reviewWords.queue}>{null}</Page>;
}
