import { Button } from '@mantine/core';
import type { Change, ChangeAnswer, WaitingChangeView } from '../../../edges/http/contract/changes.ts';
import { Empty } from '../../parts/empty.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Time } from '../../parts/time.tsx';
import { useAct } from '../../queries/act.ts';
import { type AskedChange, signChange, useWaitingChanges } from '../../queries/office.ts';
import { useSession } from '../../queries/session.ts';
import { changeWords, officeWords as words } from '../../words/office.ts';
import { roleWords } from '../../words/roles.ts';
import { FixedText } from './fixed-text.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { SignChange } from './sign-change.tsx';

export function Changes() {
  const { data, error } = useWaitingChanges();
  return (
    <OfficePage section="changes" error={error}>
      {data?.changes.length === 0 && <Empty title={words.noChanges}>{words.noChangesHow}</Empty>}
      <ul className={styles.cards}>
        {data?.changes.map((waiting) => (
          <li key={waiting.said.changeId}>
            <Waiting waiting={waiting} />
          </li>
        ))}
      </ul>
    </OfficePage>
  );
}

function Waiting({ waiting: { said, signers, awaits, time } }: { waiting: WaitingChangeView }) {
  const me = useSession().data?.person.id;
  const { changeId, change, reason, validUntil } = said;
  const { act, isPending, error } = useAct<AskedChange, ChangeAnswer>({
    send: signChange,
    touches: [['changes'], ['people'], ['machines'], ['policy']],
  });
  const isMine = signers.some((one) => one === me);
  return (
    <>
      <h2>{changeWords[change.kind]}</h2>
      <dl className={styles.facts}>
        <dt>{words.reason}</dt>
        <dd>{reason}</dd>
        <dt>{words.signers}</dt>
        <dd>
          {signers.join(', ')}, <Time at={time} />
        </dd>
        <dt>{words.until}</dt>
        <dd>
          <Time at={validUntil} />
        </dd>
      </dl>
      <details open>
        <summary>{words.whole}</summary>
        <FixedText>{JSON.stringify(change, null, 2)}</FixedText>
      </details>
      {error && <ProblemCard error={error} />}
      <div className={styles.acts}>
        <Button size="compact-sm" loading={isPending} disabled={isMine} onClick={() => act({ changeId })}>
          {words.confirm}
        </Button>
        <SignChange
          label={words.refuse}
          title={words.refuseTitle}
          lead={words.refuseLead}
          change={(why) => ({ change: { kind: 'change.refuse', refused: changeId } as Change, reason: why })}
        />
      </div>
      {isMine && <p className={styles.quiet}>{words.ownChange}</p>}
      {awaits && <p className={styles.quiet}>{words.awaits(roleWords[awaits])}</p>}
    </>
  );
}
