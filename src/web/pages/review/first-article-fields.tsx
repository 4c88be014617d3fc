import { Radio, Textarea } from '@mantine/core';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import type { AskApproval } from '../../../edges/http/contract/passkeys.ts';
import { packageWords, signWords } from '../../words/review.ts';
import styles from './sign.module.css';

type Needed = NonNullable<AskApproval['firstArticle']>['needed'];
export type FirstArticleSaid = { needed: Needed | undefined; reason: string };

type Parts = {
  draft: PackagePage['firstArticle'];
  said: FirstArticleSaid;
  change(said: FirstArticleSaid): void;
};

/** Nothing is chosen beforehand: accepting a draft is a decision like overruling it. */
export function FirstArticleFields({ draft, said, change }: Parts) {
  return (
    <>
      <Radio.Group
        label={signWords.needed}
        description={draft && `${signWords.proposed(packageWords.draft[draft.proposal])} ${draft.statement}`}
        value={said.needed ?? ''}
        onChange={(value) => change({ ...said, needed: value as Needed })}
        required
      >
        <div className={styles.choices}>
          {(['full', 'partial', 'none'] as const).map((answer) => (
            <Radio key={answer} value={answer} label={packageWords.answers[answer]} />
          ))}
        </div>
      </Radio.Group>
      <Textarea
        label={signWords.neededReason}
        value={said.reason}
        onChange={(event) => change({ ...said, reason: event.currentTarget.value })}
        minRows={2}
        autosize
        maxLength={1_000}
        required
      />
    </>
  );
}
