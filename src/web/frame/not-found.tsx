import { Link } from 'wouter';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { frameWords } from '../words/frame.ts';

export function NotFound() {
  return (
    <Page title={frameWords.notFound}>
      <Empty title={frameWords.notFoundWhy}>
        <Link href="/">{frameWords.home}</Link>
      </Empty>
    </Page>
  );
}
