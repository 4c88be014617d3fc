import { Button } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Shape } from '../../parts/state-badge.tsx';
import { Refusal, sendJson } from '../../queries/api.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { queryClient } from '../../queries/query-client.ts';
import { useSession } from '../../queries/session.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';
import { RunStore, type Waiting } from './run-store.ts';

const stores = new Map<string, RunStore>();

export function useRuns(machineId: string) {
  let store = stores.get(machineId);
  if (!store) {
    store = new RunStore(machineId, window.localStorage);
    stores.set(machineId, store);
  }
  return { store, kept: useSyncExternalStore(store.watch, store.kept) };
}

const againMs = 3_000;
/** Silence and these say nothing about the run itself: it is sent again. */
const passing: readonly number[] = [401, 408, 429, 500, 502, 503, 504, 507];

type Settled = { recorded: Waiting } | { refused: Waiting; error: Refusal };

/** Sends what was kept, one after the other, until each is acknowledged; whoever closes this page finds it here again. */
export function RunOutbox({ machineId }: { machineId: string }) {
  const { store, kept } = useRuns(machineId);
  const [settled, setSettled] = useState<Settled>();
  const me = useSession().data?.person.id;
  const next = kept.waiting.find(({ report }) => report.operator === me);
  const refusedKey = settled && 'refused' in settled ? settled.refused.key : undefined;
  useEffect(() => {
    if (!next || next.key === refusedKey) return;
    return keepSending(next, (answer) => {
      if ('recorded' in answer) store.acknowledged(next.key);
      setSettled(answer);
    });
  }, [next, refusedKey, store]);
  const others = kept.waiting.filter(({ report }) => report.operator !== me);
  return (
    <div role="status">
      {next && next.key !== refusedKey && (
        <p className={styles.kept}>
          <Shape tone="warn" /> {words.kept(kept.waiting.length)}. {words.keptWhy}
        </p>
      )}
      {others.map(({ key, report }) => (
        <p key={key} className={styles.kept}>
          <Shape tone="warn" /> {words.kept(1)}. {words.ofOther(report.operator)}
        </p>
      ))}
      {settled && 'recorded' in settled && kept.waiting.length === 0 && (
        <p className={styles.recorded}>
          <Shape tone="good" /> {words.recorded(settled.recorded.report.serials.length)}
        </p>
      )}
      {settled && 'refused' in settled && (
        <>
          <ProblemCard error={settled.error} />
          <Button
            size="lg"
            variant="default"
            onClick={() => {
              store.takeBack(settled.refused.key);
              setSettled(undefined);
            }}
          >
            {words.mend}
          </Button>
        </>
      )}
    </div>
  );
}

function keepSending(waiting: Waiting, settle: (answer: Settled) => void): () => void {
  let timer: number | undefined;
  let isOver = false;
  const send = async (): Promise<void> => {
    try {
      await sendJson('POST', officeApi.runs, waiting.report, waiting.key);
      settle({ recorded: waiting });
      await queryClient.invalidateQueries({ queryKey: ['machines'] });
    } catch (error) {
      if (error instanceof Refusal && !passing.includes(error.problem.status))
        return settle({ refused: waiting, error });
      if (!isOver) timer = window.setTimeout(() => void send(), againMs);
    }
  };
  void send();
  return () => {
    isOver = true;
    window.clearTimeout(timer);
  };
}
