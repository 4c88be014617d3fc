import { Link } from 'wouter';
import { Empty } from '../../parts/empty.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useFloor } from '../../queries/floor.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';

const lastName = 'keyway.machine';
export const rememberMachine = (machineId: string): void => localStorage.setItem(lastName, machineId);

/** Where a tablet begins that stands at no machine yet. */
export function ChooseMachine() {
  const { data, error, refetch } = useFloor();
  const last = localStorage.getItem(lastName);
  const machines = data?.machines ?? [];
  return (
    <Page title={words.choose}>
      <div className={styles.kiosk}>
        {error && <ProblemCard error={error} again={() => void refetch()} />}
        {data && machines.length === 0 && <Empty title={words.noMachines}>{words.noMachinesWhy}</Empty>}
        <ul className={styles.choices}>
          {machines.map(({ machineId, cell, control, suspended }) => (
            <li key={machineId}>
              <Link href={`/m/${encodeURIComponent(machineId)}`} className={styles.choice}>
                <strong>{machineId}</strong>
                <span className={styles.quiet}>
                  {cell} · {control}
                </span>
                {suspended && <StateBadge tone="bad">{words.suspended}</StateBadge>}
                {machineId === last && <StateBadge tone="waiting">{words.last}</StateBadge>}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </Page>
  );
}
