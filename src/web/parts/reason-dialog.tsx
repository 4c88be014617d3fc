import { Button, Modal, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { partWords } from '../words/parts.ts';
import styles from './parts.module.css';
import { ProblemCard } from './problem-card.tsx';

type ReasonDialogParts = {
  title: string;
  /** What will happen, in one sentence. */
  lead: ReactNode;
  confirm: string;
  /** Whether it stops or undoes nothing. */
  isHarmless?: boolean;
  isPending: boolean;
  error: Error | null;
  close(): void;
  act(reason: string): void;
};

/** As many as an event takes. */
const reasonChars = 500;

/** Before something is changed, stopped or undone: the reason that the ledger will hold. */
export function ReasonDialog(parts: ReasonDialogParts) {
  const { title, lead, confirm, isHarmless = false, isPending, error, close, act } = parts;
  const [reason, setReason] = useState('');
  const isMissing = reason.trim() === '';
  return (
    <Modal opened onClose={close} title={title} lockScroll={false} closeButtonProps={{ 'aria-label': partWords.close }}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isMissing) act(reason.trim());
        }}
      >
        <p>{lead}</p>
        <Textarea
          label={partWords.reason}
          description={partWords.reasonHint}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={reasonChars}
          minRows={3}
          autosize
          data-autofocus
          required
        />
        {error && <ProblemCard error={error} />}
        <div className={styles.formActs}>
          <Button variant="default" onClick={close}>
            {partWords.cancel}
          </Button>
          <Button
            type="submit"
            {...(isHarmless ? {} : { color: 'red' })}
            loading={isPending}
            disabled={isMissing}
            title={isMissing ? partWords.reasonMissing : undefined}
          >
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
