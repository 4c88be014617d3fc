import { Page } from '../../parts/page.tsx';
import { programWords } from '../../words/programs.ts';

export function Programs() {
  return <Page title={programWords.programs}>{null}</Page>;
}
