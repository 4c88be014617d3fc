import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { useAct } from '../../queries/act.ts';
import { sendJson } from '../../queries/api.ts';
import { packageKey } from '../../queries/packages.ts';
import { api } from '../../queries/paths.ts';
import { useSession } from '../../queries/session.ts';
import { packageWords } from '../../words/review.ts';
import { choicesOf } from './choices.ts';
import { onKey } from './keys.ts';
import styles from './review.module.css';
import { SignDialog } from './sign-dialog.tsx';

/** What can be done with it now; for what cannot, the sentence why stands under the button. */
export function Acts({ data }: { data: PackagePage }) {
  const [open, setOpen] = useState<'approve' | 'refuse' | 'withdraw'>();
  const hasPasskey = useSession().data?.hasPasskey ?? false;
  const approve = choicesOf(data.acts, 'approve');
  const refuse = choicesOf(data.acts, 'refuse');
  const withdraw = choicesOf(data.acts, 'withdraw');
  const noKey = hasPasskey ? undefined : packageWords.noPasskey;
  const canApprove = approve.choices.length > 0 && !noKey;
  const canRefuse = refuse.choices.length > 0 && !noKey;
  useEffect(
    () => onKey({ a: () => canApprove && setOpen('approve'), r: () => canRefuse && setOpen('refuse') }),
    [canApprove, canRefuse],
  );
  const close = () => setOpen(undefined);
  return (
    <>
      {withdraw.choices.length > 0 && (
        <Button variant="subtle" color="gray" onClick={() => setOpen('withdraw')}>
          {packageWords.withdraw}
        </Button>
      )}
      {data.state === 'submitted' && (
        <>
          <ActButton why={refuse.choices.length > 0 ? noKey : refuse.why} onClick={() => setOpen('refuse')} plain>
            {packageWords.refuse}
          </ActButton>
          <ActButton why={approve.choices.length > 0 ? noKey : approve.why} onClick={() => setOpen('approve')} isSaid>
            {packageWords.approve}
          </ActButton>
        </>
      )}
      {open === 'approve' && <SignDialog data={data} decision="approve" choices={approve.choices} close={close} />}
      {open === 'refuse' && <SignDialog data={data} decision="refuse" choices={refuse.choices} close={close} />}
      {open === 'withdraw' && <WithdrawDialog id={data.packageId} close={close} />}
    </>
  );
}

type ActButtonParts = { why: string | undefined; onClick(): void; plain?: true; isSaid?: true; children: ReactNode };

/** A button that is off can be reached all the same, so that whoever hears the page hears why. */
function ActButton({ why, onClick, plain, isSaid, children }: ActButtonParts) {
  const isOff = why !== undefined;
  return (
    <div className={styles.act}>
      <Button
        variant={plain ? 'default' : 'filled'}
        {...(isOff && { 'data-disabled': true })}
        aria-disabled={isOff}
        {...(isOff && { title: why })}
        {...(!isOff && { onClick })}
      >
        {children}
      </Button>
      {isOff && isSaid && <p className={styles.why}>{why}</p>}
    </div>
  );
}

function WithdrawDialog({ id, close }: { id: string; close(): void }) {
  const { act, isPending, error } = useAct({
    send: (reason: string, key) => sendJson('POST', api.withdraw(id), { reason }, key),
    touches: [packageKey(id), ['packages']],
    done: close,
  });
  return (
    <ReasonDialog
      title={packageWords.withdrawTitle}
      lead={packageWords.withdrawLead}
      confirm={packageWords.withdrawAct}
      {...{ isPending, error, close, act }}
    />
  );
}
