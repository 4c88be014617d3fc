import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ChangeAnswer } from '../../../edges/http/contract/changes.ts';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { useAct } from '../../queries/act.ts';
import { type AskedChange, signChange } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';

type SignChangeParts = {
  label: string;
  title: string;
  lead: string;
  /** What stands against it; then it cannot be signed. */
  isOff?: boolean;
  /** Whether it gives something instead of taking it. */
  gives?: boolean;
  change(reason: string): AskedChange;
  done?(answer: ChangeAnswer): void;
};

const touched = [['people'], ['machines'], ['changes'], ['alarms']] as const;

/** A change that the administrator signs by their own passkey, with the reason that the ledger will hold. */
export function SignChange({ label, title, lead, isOff = false, gives = false, change, done }: SignChangeParts) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<AskedChange, ChangeAnswer>({
    send: signChange,
    touches: touched,
    done: (answer) => {
      setOpen(false);
      done?.(answer);
    },
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button variant="default" size="compact-sm" disabled={isOff} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && (
        <ReasonDialog
          title={title}
          lead={lead}
          confirm={words.signAs}
          isHarmless={gives}
          {...{ isPending, error, close }}
          act={(reason) => act(change(reason))}
        />
      )}
    </>
  );
}
