import { Button } from '@mantine/core';
import type { FloorProgram, FloorScreen } from '../../../edges/http/contract/floor.ts';
import type { SendingView } from '../../../edges/http/contract/sendings.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useAct } from '../../queries/act.ts';
import { sendJson } from '../../queries/api.ts';
import { isUnderWay, useSending } from '../../queries/floor.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';

/** The one primary act: send it, or, where the machine comes for it, how to pull it at the control. */
export function SendPanel({ screen, job }: { screen: FloorScreen; job: FloorProgram }) {
  const isSent = screen.channel === 'serial' || screen.channel === 'push';
  return (
    <section className={styles.send}>
      {isSent ? (
        <Send machineId={screen.machineId} job={job} />
      ) : (
        <div className={styles.pull}>
          <h3>{words.pull}</h3>
          <ol>
            <li>{words.pullFrom(words.channels[screen.channel])}</li>
            <li>
              {words.pullFile} <strong>{job.as}</strong>.
            </li>
          </ol>
        </div>
      )}
      {/* While it is sent, the progress above says so. */}
      {!(isSent && job.delivered?.state === 'started') && <Delivered job={job} />}
      <p className={styles.check}>{checkText(job)}</p>
    </section>
  );
}

function Send({ machineId, job }: { machineId: string; job: FloorProgram }) {
  const name = job.as;
  const sending = useSending(machineId, name, true).data;
  const { act, isPending, error } = useAct<null, SendingView>({
    send: (_nothing, actKey) => sendJson('POST', officeApi.sendings, { machineId, name }, actKey),
    touches: [['deliveries'], ['machines']],
  });
  const isBusy = isPending || (sending !== undefined && isUnderWay(sending));
  return (
    <>
      <Button className={styles.primary} loading={isPending} disabled={isBusy} onClick={() => act(null)} fullWidth>
        {sending?.state === 'completed' ? words.sendAgain : words.send}
      </Button>
      {sending && <Progress sending={sending} />}
      {error && <ProblemCard error={error} />}
    </>
  );
}

const toneOf: Readonly<Record<SendingView['state'], Tone>> = {
  waiting: 'waiting',
  sending: 'waiting',
  completed: 'good',
  failed: 'bad',
};

function Progress({ sending }: { sending: SendingView }) {
  const { state, bytes, size, reason } = sending;
  const text = words.bytesOf(count(bytes), count(size));
  return (
    <div className={styles.progress} role="status">
      <StateBadge tone={toneOf[state]}>{words[state]}</StateBadge>
      {state === 'sending' && <progress max={size} value={bytes} aria-label={words.sending} />}
      {(state === 'sending' || state === 'failed') && <span>{text}</span>}
      {reason && <span>{reason}</span>}
    </div>
  );
}

const deliveredWords = {
  started: { tone: 'waiting', word: words.deliveryStarted },
  completed: { tone: 'good', word: words.delivered },
  failed: { tone: 'bad', word: words.deliveryFailed },
} as const;

function Delivered({ job: { delivered } }: { job: FloorProgram }) {
  if (!delivered) return null;
  const { tone, word } = deliveredWords[delivered.state];
  return (
    <p className={styles.progress} role="status">
      <StateBadge tone={tone}>{word}</StateBadge> <Time at={delivered.time} />
    </p>
  );
}

function checkText({ as, programNumber, lines, size }: FloorProgram): string {
  const much = lines === undefined ? words.size(count(size)) : words.blocks(count(lines));
  return words.check(programNumber ?? as, much);
}

const count = (value: number): string => value.toLocaleString('en-US');
