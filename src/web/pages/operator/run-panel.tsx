import { Button, TextInput } from '@mantine/core';
import IconX from '@tabler/icons-react/icons/IconX';
import { useState } from 'react';
import type { FloorProgram } from '../../../edges/http/contract/floor.ts';
import type { RunReport } from '../../../edges/http/contract/runs.ts';
import { useSession } from '../../queries/session.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';
import { useRuns } from './run-outbox.tsx';
import { useWedge } from './scanner.ts';

type RunPanelParts = { machineId: string; job: FloorProgram; workOrder: string | undefined };

/** Which serials were made: scanned one after the other, kept in this browser until the gateway has them. */
export function RunPanel({ machineId, job, workOrder }: RunPanelParts) {
  const { draft, change, hand } = useDraft(machineId, job, workOrder);
  const [said, setSaid] = useState('');
  const add = (serial: string): void => {
    const text = serial.trim();
    if (text === '') return;
    const isTwice = draft.serials.includes(text);
    setSaid(isTwice ? words.twice(text) : '');
    if (!isTwice) change({ ...draft, serials: [...draft.serials, text] });
  };
  useWedge(add);
  const why = whyNot(draft, job);
  return (
    <section className={styles.run} aria-label={words.run}>
      <h2>{words.run}</h2>
      <div className={styles.line}>
        <TextInput
          size="lg"
          label={words.workOrder}
          value={draft.workOrder}
          onChange={(event) => change({ ...draft, workOrder: event.currentTarget.value })}
          autoComplete="off"
          maxLength={200}
        />
        <SerialField add={add} />
      </div>
      <Serials serials={draft.serials} remove={(serial) => change(without(draft, serial))} />
      <p role="status">{said}</p>
      <Button size="xl" variant="default" disabled={why !== undefined} onClick={hand} aria-describedby="why-no-run">
        {draft.serials.length === 0 ? words.recordNothing : words.record(draft.serials.length)}
      </Button>
      <p id="why-no-run" className={styles.quiet}>
        {why}
      </p>
    </section>
  );
}

type Draft = { workOrder: string; serials: string[]; startedAt: string };
const without = (draft: Draft, serial: string): Draft => ({
  ...draft,
  serials: draft.serials.filter((one) => one !== serial),
});

function useDraft(machineId: string, { releaseId }: FloorProgram, workOrder: string | undefined) {
  const { store, kept } = useRuns(machineId);
  const [openedAt] = useState(() => new Date().toISOString());
  const operator = useSession().data?.person.id;
  const known = kept.drafts[releaseId] ?? { workOrder: '', serials: [], startedAt: openedAt };
  const draft = known.workOrder === '' && workOrder !== undefined ? { ...known, workOrder } : known;
  const hand = (): void => {
    if (operator === undefined) return;
    const { serials, startedAt } = draft;
    const report = {
      ...{ releaseId, machineId, workOrder: draft.workOrder.trim(), serials, operator, startedAt },
      endedAt: new Date().toISOString(),
    } as RunReport;
    store.hand(report, crypto.randomUUID());
  };
  return { draft, change: (next: Draft) => store.setDraft(releaseId, next), hand };
}

function whyNot({ workOrder, serials }: Draft, { delivered }: FloorProgram): string | undefined {
  if (delivered?.state !== 'completed') return words.notDelivered;
  if (workOrder.trim() === '') return words.needsWorkOrder;
  return serials.length === 0 ? words.needsSerial : undefined;
}

function SerialField({ add }: { add(serial: string): void }) {
  const [text, setText] = useState('');
  return (
    <form
      className={styles.line}
      onSubmit={(event) => {
        event.preventDefault();
        add(text);
        setText('');
      }}
    >
      <TextInput
        size="lg"
        label={words.serial}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autoComplete="off"
        maxLength={200}
      />
      <Button type="submit" size="lg" variant="default">
        {words.addSerial}
      </Button>
    </form>
  );
}

function Serials({ serials, remove }: { serials: readonly string[]; remove(serial: string): void }) {
  if (serials.length === 0) return <p className={styles.quiet}>{words.noSerials}</p>;
  return (
    <ul className={styles.serials} aria-label={words.serials}>
      {serials.map((serial) => (
        <li key={serial}>
          <span>{serial}</span>
          <button type="button" aria-label={words.removeSerial(serial)} onClick={() => remove(serial)}>
            <IconX size={20} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
