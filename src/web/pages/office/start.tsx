import { Link } from 'wouter';
import type { InventoryView } from '../../../edges/http/contract/registry.ts';
import type { AccountView } from '../../../edges/http/contract/session.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useAccounts, useInventory } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';

/** `isDone` is absent where an administrator, who sees no technical data, cannot tell. */
type Step = { title: string; how: string; href?: string; isDone?: boolean };

/** What leads from an empty gateway to the first delivered program. */
export function Start() {
  const { data: people, error } = useAccounts();
  const { data: inventory, error: inventoryError } = useInventory();
  return (
    <OfficePage section="start" error={error ?? inventoryError}>
      {people && inventory && <Steps accounts={people.accounts} inventory={inventory} />}
    </OfficePage>
  );
}

function Steps({ accounts, inventory }: { accounts: readonly AccountView[]; inventory: InventoryView }) {
  const holds = (role: string) => accounts.filter(({ roles }) => roles.some((one) => one === role));
  const approvers = [...holds('manufacturing-engineer'), ...holds('quality')];
  const signIn = accounts.filter(({ hasPassword, passkeys, bound }) => hasPassword || passkeys > 0 || bound);
  const steps: Step[] = [
    { title: words.startPeople, how: words.startPeopleHow, href: '/people', isDone: holds('programmer').length > 0 },
    {
      ...{ title: words.startApprovers, how: words.startApproversHow, href: '/people' },
      isDone: holds('manufacturing-engineer').length > 0 && holds('quality').length > 0,
    },
    {
      ...{ title: words.startPasskeys, how: words.startPasskeysHow, href: '/people' },
      isDone: approvers.length > 0 && approvers.every((one) => signIn.includes(one)),
    },
    { title: words.startMachine, how: words.startMachineHow, href: '/machines', isDone: inventory.machines.length > 0 },
    { title: words.startZones, how: words.startZonesHow, href: '/machines', isDone: inventory.zones.length > 0 },
    { title: words.startDeposit, how: words.startDepositHow },
    { title: words.startApprove, how: words.startApproveHow },
    { title: words.startDeliver, how: words.startDeliverHow },
  ];
  return (
    <>
      <p className={styles.quiet}>{words.startLead}</p>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <StepRow key={step.title} step={step} />
        ))}
      </ol>
    </>
  );
}

function StepRow({ step: { title, how, href, isDone } }: { step: Step }) {
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <p className={styles.quiet}>{how}</p>
      </div>
      {isDone !== undefined && (
        <StateBadge tone={isDone ? 'good' : 'waiting'}>{isDone ? words.done : words.toDo}</StateBadge>
      )}
      {href && !isDone && <Link href={href}>{words.next}</Link>}
    </li>
  );
}
