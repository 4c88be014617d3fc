import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FloorProgram, FloorScreen } from '../../../edges/http/contract/floor.ts';
import { Digest } from '../../parts/digest.tsx';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { Watermarked } from '../../parts/watermark.tsx';
import { useAct } from '../../queries/act.ts';
import { sendJson } from '../../queries/api.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';
import { Refusal } from './refusal.tsx';
import { RunPanel } from './run-panel.tsx';
import { SendPanel } from './send-panel.tsx';
import { Sheets } from './sheets.tsx';

type JobPanelParts = {
  screen: FloorScreen;
  job: FloorProgram;
  workOrder: string | undefined;
  leave?: (() => void) | undefined;
};

export function JobPanel({ screen, job, workOrder, leave }: JobPanelParts) {
  return (
    <>
      <Watermarked className={styles.job}>
        <JobHead job={job} />
        {job.stopped !== undefined ? (
          <Refusal what={words.stopped} why={job.stopped} help={words.goneHelp} code="policy-denied" />
        ) : (
          <SendPanel screen={screen} job={job} />
        )}
        <Sheets machineId={screen.machineId} job={job} />
      </Watermarked>
      <RunPanel machineId={screen.machineId} job={job} workOrder={workOrder} />
      <div className={styles.below}>
        {leave && (
          <Button variant="default" size="lg" onClick={leave}>
            {words.otherJob}
          </Button>
        )}
        {job.stopped === undefined && <Problem machineId={screen.machineId} job={job} />}
      </div>
    </>
  );
}

function JobHead({ job }: { job: FloorProgram }) {
  const { part, revision, operation, programNumber, as, words: fingerprint, digest, since, readback } = job;
  return (
    <header className={styles.jobHead}>
      <h2>
        {part}
        <span>
          {words.rev} <b>{revision}</b>
        </span>
        <span>
          {words.op} <b>{operation}</b>
        </span>
        <span>
          <b>{programNumber ?? as}</b>
        </span>
      </h2>
      <dl className={styles.facts}>
        <dt title={words.compare}>{words.fingerprint}</dt>
        <dd>
          <strong className={styles.words}>{fingerprint}</strong> <Digest value={digest} />
        </dd>
        <dt>{words.released}</dt>
        <dd>
          <Time at={since} />
        </dd>
      </dl>
      {readback && (
        <StateBadge tone={toneOf[readback.verdict]}>{words.atControl(words.verdict[readback.verdict])}</StateBadge>
      )}
    </header>
  );
}

const toneOf: Readonly<Record<NonNullable<FloorProgram['readback']>['verdict'], Tone>> = {
  identical: 'good',
  equivalent: 'good',
  different: 'bad',
  unmatched: 'warn',
};

/** A stop is easy: one button and a reason. */
function Problem({ machineId, job }: { machineId: string; job: FloorProgram }) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<string, unknown>({
    send: (reason, actKey) =>
      sendJson('POST', officeApi.problems, { machineId, releaseId: job.releaseId, reason }, actKey),
    touches: [['machines']],
    done: () => setOpen(false),
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button variant="outline" color="red" size="lg" onClick={() => setOpen(true)}>
        {words.problem}
      </Button>
      {isOpen && (
        <ReasonDialog
          title={words.problemTitle}
          lead={words.problemLead}
          confirm={words.problemDo}
          {...{ isPending, error, close, act }}
        />
      )}
    </>
  );
}
