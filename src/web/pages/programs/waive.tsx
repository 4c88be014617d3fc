import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DepositView, WaiverAnswer } from '../../../edges/http/contract/deposits.ts';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { useAct } from '../../queries/act.ts';
import { waive } from '../../queries/deposits.ts';
import { depositWords as words } from '../../words/programs.ts';

type WaiveParts = { depositId: string; finding: DepositView['findings'][number] };

/** One finding that may stand, by the passkey of whoever answers for it. */
export function Waive({ depositId, finding: { rule, file, line } }: WaiveParts) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<string, WaiverAnswer>({
    send: (reason, actKey) => waive(depositId, { file, rule, line, reason }, actKey),
    touches: [['deposits'], ['packages']],
    done: () => setOpen(false),
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
        {words.waive}
      </Button>
      {isOpen && (
        <ReasonDialog
          {...{ isPending, error, close, act }}
          title={words.waiveTitle(rule)}
          lead={words.waiveLead(line === undefined ? file : `${file}, ${words.line(line)}`)}
          confirm={words.waiveSign}
        />
      )}
    </>
  );
}
