import { Button, Modal, Radio, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import type { ApprovalAnswer } from '../../../edges/http/contract/packages.ts';
import type { ApprovalAsked, AskApproval } from '../../../edges/http/contract/passkeys.ts';
import { wasCancelled } from '../../parts/passkey.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useAct } from '../../queries/act.ts';
import { askStatement, packageKey, signStatement } from '../../queries/packages.ts';
import { useSession } from '../../queries/session.ts';
import { partWords } from '../../words/parts.ts';
import { signWords } from '../../words/review.ts';
import { roleWords } from '../../words/roles.ts';
import type { Allowed } from './choices.ts';
import { FirstArticleFields, type FirstArticleSaid } from './first-article-fields.tsx';
import styles from './sign.module.css';
import { Statement } from './statement.tsx';

type SignDialogParts = {
  data: PackagePage;
  decision: 'approve' | 'refuse';
  choices: readonly Allowed[];
  close(): void;
};

/** First what the signature says, then the very bytes, then the passkey, then what came of it. */
export function SignDialog({ data, decision, choices, close }: SignDialogParts) {
  const id = data.packageId;
  const person = useSession().data?.person.id ?? '';
  const ask = useAct({ send: (asked: AskApproval, key) => askStatement(id, asked, key), touches: [] });
  const sign = useAct({
    send: (asked: ApprovalAsked, key) => signStatement(id, asked, key),
    touches: [packageKey(id), ['packages']],
  });
  const asked = ask.data;
  const isCancelled = sign.error !== null && wasCancelled(sign.error);
  return (
    <Modal
      opened
      onClose={close}
      title={signWords[decision]}
      size="lg"
      lockScroll={false}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': partWords.close }}
    >
      {sign.data ? (
        <Outcome answer={sign.data} close={close} />
      ) : asked ? (
        <div className={styles.form}>
          <Statement payload={asked.payload} />
          {sign.error && !isCancelled && <ProblemCard error={sign.error} />}
          <div className={styles.formActs}>
            <Button
              variant="default"
              onClick={() => {
                sign.reset();
                ask.reset();
              }}
              disabled={sign.isPending}
            >
              {signWords.back}
            </Button>
            <Button
              color={decision === 'refuse' ? 'red' : 'blue'}
              loading={sign.isPending}
              onClick={() => sign.act(asked)}
            >
              {signWords.sign}
            </Button>
          </div>
        </div>
      ) : (
        <Meaning
          {...{ data, decision, choices, person }}
          isPending={ask.isPending}
          error={ask.error}
          next={(said) => ask.act({ person, ...said } as AskApproval)}
        />
      )}
    </Modal>
  );
}

type Said = Omit<AskApproval, 'person'>;
type MeaningParts = Omit<SignDialogParts, 'close'> & {
  isPending: boolean;
  error: Error | null;
  next(said: Said): void;
};

function Meaning({ data, decision, choices, isPending, error, next }: MeaningParts) {
  const [role, setRole] = useState(choices[0]?.role);
  const [reason, setReason] = useState('');
  const [firstArticle, setFirstArticle] = useState<FirstArticleSaid>({ needed: undefined, reason: '' });
  const choice = choices.find((one) => one.role === role);
  const needsArticle = decision === 'approve' && choice?.decidesFirstArticle === true;
  const isWhole = decision === 'refuse' ? reason.trim() !== '' : !needsArticle || isSaid(firstArticle);
  if (!role) return null;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole) return;
        next({
          ...{ role, decision },
          ...(decision === 'refuse' ? { reason: reason.trim() } : {}),
          ...(needsArticle && firstArticle.needed
            ? { firstArticle: { needed: firstArticle.needed, reason: firstArticle.reason.trim() } }
            : {}),
        });
      }}
    >
      <Radio.Group label={signWords.asRole} value={role} onChange={(value) => setRole(value as typeof role)}>
        <div className={styles.choices}>
          {choices.map(({ role: one, meaning }) =>
            one ? <Radio key={one} value={one} label={roleWords[one]} description={meaning} data-autofocus /> : null,
          )}
        </div>
      </Radio.Group>
      {needsArticle && <FirstArticleFields draft={data.firstArticle} said={firstArticle} change={setFirstArticle} />}
      {decision === 'refuse' && (
        <Textarea
          label={signWords.reason}
          description={signWords.reasonHint}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          minRows={3}
          autosize
          maxLength={1_000}
          data-autofocus
          required
        />
      )}
      {error && <ProblemCard error={error} />}
      <div className={styles.formActs}>
        {!isWhole && (
          <span className={styles.quiet}>{needsArticle ? signWords.decideFirst : signWords.reasonFirst}</span>
        )}
        <Button type="submit" loading={isPending} disabled={!isWhole}>
          {signWords.next}
        </Button>
      </div>
    </form>
  );
}

const isSaid = ({ needed, reason }: FirstArticleSaid): boolean => needed !== undefined && reason.trim() !== '';

function Outcome({ answer, close }: { answer: ApprovalAnswer; close(): void }) {
  const button = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone, and the focus with it.
  useEffect(() => button.current?.focus(), []);
  return (
    <div className={styles.form}>
      <p role="status">
        <strong>
          {signWords.done} · {answer.index.toLocaleString('en-US')}
        </strong>
        <br />
        {outcomeText(answer.release)}
      </p>
      <div className={styles.formActs}>
        <Button ref={button} onClick={close}>
          {signWords.close}
        </Button>
      </div>
    </div>
  );
}

function outcomeText(release: ApprovalAnswer['release']): string {
  if (release.state === 'released') return signWords.released(release.releaseId);
  if (release.state === 'refused') return signWords.refusedDone;
  if (release.state === 'waiting') return signWords.waiting(release.detail);
  return signWords.waitingFor(release.missing.map(({ role, count }) => `${count} × ${roleWords[role]}`).join(', '));
}
