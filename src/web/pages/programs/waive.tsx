import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DepositView, WaiverAnswer } from '../../../edges/http/contract/deposits.ts';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { useAct } from '../../queries/act.ts';
import { waive } from '../../queries/deposits.ts';
import { useSession } from '../../queries/session.ts';
import { depositWords as words } from '../../words/programs.ts';
import { type Role, roleWords } from '../../words/roles.ts';

type WaiveParts = { depositId: string; finding: DepositView['findings'][number]; role: Role | undefined };

/** One finding that may stand, by the passkey of whoever answers for it. */
export function Waive({ depositId, finding: { rule, file, line }, role }: WaiveParts) {
  const roles = useSession().data?.person.roles ?? [];
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
  if (!role) return <span>{words.nobodyWaives}</span>;
  if (!roles.includes(role)) return <span>{words.waivedBy(roleWords[role])}</span>;
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
