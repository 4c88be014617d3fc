import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useAct } from '../../queries/act.ts';
import { sendForBytes, sendJson } from '../../queries/api.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { evidenceQuestion, type TraceAsked } from '../../queries/trace.ts';
import { traceWords as words } from '../../words/trace.ts';

/** What an investigator takes away. */
export function Acts({ asked, releases }: { asked: TraceAsked; releases: TraceView['releases'] }) {
  const question = evidenceQuestion(asked);
  const { act, isPending, error } = useAct<NonNullable<typeof question>, Blob>({
    send: (about, actKey) => sendForBytes(officeApi.evidence, { question: about, redact: false }, actKey),
    touches: [],
    done: (pack) => saveFile(pack, `evidence-${Object.values(asked).join('-')}.zip`),
  });
  return (
    <>
      {releases.length > 0 && <Freeze releases={releases} />}
      <Button
        variant="default"
        loading={isPending}
        disabled={!question}
        title={question ? undefined : words.evidenceWhy}
        onClick={() => question && act(question)}
      >
        {words.evidence}
      </Button>
      {error && <ProblemCard error={error} />}
    </>
  );
}

/** A legal hold: one person may place it, two let it go. */
function Freeze({ releases }: { releases: TraceView['releases'] }) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<string, unknown>({
    send: (reason, actKey) =>
      sendJson('POST', officeApi.legalHolds, { releases: releases.map(({ releaseId }) => releaseId), reason }, actKey),
    touches: [['trace']],
    done: () => setOpen(false),
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {words.freeze}
      </Button>
      {isOpen && (
        <ReasonDialog
          title={words.freezeTitle}
          lead={words.freezeLead}
          confirm={words.freezeDo}
          {...{ isPending, error, close, act }}
        />
      )}
    </>
  );
}
