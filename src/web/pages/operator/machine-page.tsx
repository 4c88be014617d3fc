import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Link, useParams, useSearchParams } from 'wouter';
import type { FloorProgram, FloorScreen } from '../../../edges/http/contract/floor.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { useMachineScreen } from '../../queries/floor.ts';
import { operatorWords as words } from '../../words/operator.ts';
import { rememberMachine } from './choose-machine.tsx';
import { JobPanel } from './job-panel.tsx';
import styles from './operator.module.css';
import { Refusal, type RefusalText } from './refusal.tsx';
import { RunOutbox } from './run-outbox.tsx';
import { ScanCard } from './scan-card.tsx';
import { useWedge } from './scanner.ts';
import { readTraveller } from './traveller.ts';

/** The tablet at one machine: the one right program, and nothing else. */
export function MachinePage() {
  const { machine: machineId = '' } = useParams<{ machine: string }>();
  const { data: screen, error, refetch } = useMachineScreen(machineId);
  const { job, choose, chosen } = useChosenJob(screen);
  const { refusal, refuse, workOrder, take } = useTraveller(screen, choose);
  useEffect(() => rememberMachine(machineId), [machineId]);
  // A scan at a job is a part's serial, which the job hears itself.
  useWedge((code) => (job || refusal ? undefined : take(code)));
  const isGone = screen !== undefined && chosen !== undefined && job === undefined;
  return (
    <Page title={machineId} classified={job ? [job.banner] : []} acts={<Where screen={screen} />}>
      <div className={styles.kiosk}>
        {error && <ProblemCard error={error} again={() => void refetch()} />}
        {screen?.suspended && (
          <Refusal
            what={words.isSuspended}
            why={words.isSuspendedWhy}
            help={words.isSuspendedHelp}
            code="policy-denied"
          />
        )}
        <RunOutbox machineId={machineId} />
        {isGone && (
          <Refusal what={words.gone} why={words.goneWhy} help={words.goneHelp} dismiss={() => choose(undefined)} />
        )}
        {refusal && <Refusal {...refusal} dismiss={() => refuse(undefined)} />}
        {screen && !chosen && !refusal && !screen.suspended && (
          <ScanCard jobs={screen.programs} take={take} choose={choose} />
        )}
        {screen && job && !screen.suspended && (
          <JobPanel
            key={job.releaseId}
            screen={screen}
            job={job}
            workOrder={workOrder}
            leave={screen.programs.length > 1 ? () => choose(undefined) : undefined}
          />
        )}
      </div>
    </Page>
  );
}

/** The job of the link. With one alone there is nothing to choose; one that went away stays chosen until that was seen. */
function useChosenJob(screen: FloorScreen | undefined) {
  const [search, setSearch] = useSearchParams();
  const chosen = search.get('release') ?? undefined;
  const job = screen?.programs.find(({ releaseId }) => releaseId === chosen);
  const choose = (next: FloorProgram | undefined): void =>
    setSearch(next ? { release: next.releaseId } : {}, { replace: true });
  return { chosen, job, choose };
}

function useTraveller(screen: FloorScreen | undefined, choose: (job: FloorProgram) => void) {
  const [refusal, refuse] = useState<RefusalText>();
  const [workOrder, setWorkOrder] = useState<string>();
  const take = (code: string): void => {
    const scanned = readTraveller(code, screen?.programs ?? []);
    if (scanned.found === 'nothing') refuse(unknown(code));
    else if (scanned.found === 'other-revision') refuse(otherRevision(scanned.job));
    else {
      setWorkOrder(scanned.workOrder);
      choose(scanned.job);
    }
  };
  return { refusal, refuse, workOrder, take };
}

const unknown = (code: string): RefusalText => ({
  ...{ what: words.unknownScan, why: words.unknownScanWhy(code.slice(0, 80)), help: words.unknownScanHelp },
  code: 'not-found',
});
const otherRevision = ({ part, revision }: FloorProgram): RefusalText => ({
  ...{ what: words.otherRevision, why: words.otherRevisionWhy(part, revision), help: words.otherRevisionHelp },
  code: 'state-forbids',
});

function Where({ screen }: { screen: FloorScreen | undefined }) {
  return (
    <>
      {screen && (
        <span className={styles.where}>
          {screen.cell} · {screen.control}
        </span>
      )}
      <Button component={Link} href="/m" variant="subtle" color="gray" className={styles.touch}>
        {words.otherMachine}
      </Button>
    </>
  );
}
