import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Change } from '../../../edges/http/contract/changes.ts';
import type { AccountView, Invited } from '../../../edges/http/contract/session.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { ReasonDialog } from '../../parts/reason-dialog.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useAct } from '../../queries/act.ts';
import { type AccountAct, actOnAccount, useAccounts, useHoldings, useProposed } from '../../queries/office.ts';
import { personWords, officeWords as words } from '../../words/office.ts';
import { roleWords } from '../../words/roles.ts';
import { AddKey } from './add-key.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { SignChange } from './sign-change.tsx';

export function People() {
  const { data, error } = useAccounts();
  const [chosen, setChosen] = useState<string>();
  const account = data?.accounts.find(({ person }) => person === chosen);
  return (
    <OfficePage section="people" error={error}>
      <div className={styles.acts}>
        <Button component={Link} href="/people/new" size="compact-sm">
          {personWords.enrol}
        </Button>
      </div>
      <Proposed />
      {data?.accounts.length === 0 && <Empty title={words.noPeople}>{words.startPeopleHow}</Empty>}
      <div className={styles.two}>
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{words.person}</th>
                <th>{words.roles}</th>
                <th>{words.signsIn}</th>
                <th>{words.sessions}</th>
                <th>{words.state}</th>
              </tr>
            </thead>
            <tbody>
              {data?.accounts.map((one) => (
                <tr key={one.person} data-chosen={one.person === chosen}>
                  <td>
                    <button type="button" className={styles.link} onClick={() => setChosen(one.person)}>
                      {one.person}
                    </button>
                    <div className={styles.quiet}>{one.name}</div>
                  </td>
                  <td>{one.roles.map((role) => roleWords[role]).join(', ')}</td>
                  <td>{waysOf(one).join(', ') || words.nothing}</td>
                  <td>{one.sessions}</td>
                  <td>
                    <AccountState account={one} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <aside className={styles.side}>
          {account ? (
            <Account key={account.person} account={account} />
          ) : (
            <p className={styles.quiet}>{words.choose}</p>
          )}
        </aside>
      </div>
    </OfficePage>
  );
}

/** Whom the company's directory says that there is: nobody here before two administrators sign. */
function Proposed() {
  const people = useProposed().data?.people ?? [];
  if (people.length === 0) return null;
  return (
    <section className={styles.panel}>
      <h2>{personWords.proposed}</h2>
      <ul className={styles.plain}>
        {people.map(({ id, name }) => (
          <li key={id}>
            <Link href={`/people/new?${new URLSearchParams({ id, name })}`}>{personWords.enrolSign(id)}</Link>{' '}
            <span className={styles.quiet}>{name}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function waysOf({ hasPassword, hasBadge, passkeys, bound }: AccountView): string[] {
  return [
    ...(passkeys > 0 ? [words.passkeys(passkeys)] : []),
    ...(hasPassword ? [words.password] : []),
    ...(hasBadge ? [words.badge] : []),
    ...(bound ? [words.company] : []),
  ];
}

function AccountState({ account }: { account: AccountView }) {
  const { suspended, lockedUntil, invitedUntil } = account;
  if (suspended) return <StateBadge tone="bad">{words.suspended}</StateBadge>;
  if (lockedUntil)
    return (
      <StateBadge tone="warn">
        {words.locked} <Time at={lockedUntil} />
      </StateBadge>
    );
  if (invitedUntil)
    return (
      <StateBadge tone="waiting">
        {words.invited} <Time at={invitedUntil} />
      </StateBadge>
    );
  if (waysOf(account).length === 0) return <StateBadge tone="over">{words.enrolled}</StateBadge>;
  return <StateBadge tone="good">{words.inUse}</StateBadge>;
}

/** The one side panel: who they are, what they hold, and what can be done about them. */
function Account({ account }: { account: AccountView }) {
  const { person, name, suspended } = account;
  const holdings = useHoldings(person);
  const { act, isPending, error, data } = useAct<AccountAct, Invited>({ send: actOnAccount, touches: [['people']] });
  return (
    <>
      <h2>
        {person} · {name}
      </h2>
      {suspended && <p>{suspended.reason}</p>}
      <div className={styles.acts}>
        <Button variant="default" size="compact-sm" loading={isPending} onClick={() => act({ person, act: 'invite' })}>
          {words.invite}
        </Button>
        {suspended ? (
          <WithReason
            label={words.restore}
            title={words.restoreTitle(person)}
            lead={words.restoreLead}
            about={{ person, act: 'restore' }}
          />
        ) : (
          <WithReason
            label={words.suspend}
            title={words.suspendPersonTitle(person)}
            lead={words.suspendPersonLead}
            about={{ person, act: 'suspend' }}
          />
        )}
        <Button component={Link} href={`/people/${encodeURIComponent(person)}`} variant="default" size="compact-sm">
          {personWords.change}
        </Button>
        <AddKey person={person} />
        <SignChange
          label={words.offBoard}
          title={words.offBoardTitle(person)}
          lead={words.offBoardLead}
          change={(reason) => ({ change: { kind: 'person.off-board', person } as Change, reason })}
        />
      </div>
      {error && <ProblemCard error={error} />}
      {data && (
        <p className={styles.invite}>
          {words.inviteLink} <Time at={data.expires} />:<br />
          <code>{data.link}</code> <CopyButton text={data.link} what={words.invite} />
        </p>
      )}
      <h3>{words.holdings}</h3>
      {holdings.error && <ProblemCard error={holdings.error} />}
      {holdings.data?.holdings.length === 0 && <p className={styles.quiet}>{words.noHoldings}</p>}
      <ul className={styles.plain}>
        {holdings.data?.holdings.map(({ kind, id, detail }) => (
          <li key={`${kind} ${id}`}>
            <code>{id}</code> {detail}
          </li>
        ))}
      </ul>
    </>
  );
}

type WithReasonParts = { label: string; title: string; lead: string; about: Omit<AccountAct, 'reason'> };

function WithReason({ label, title, lead, about }: WithReasonParts) {
  const [isOpen, setOpen] = useState(false);
  const { act, isPending, error, reset } = useAct<AccountAct, unknown>({
    send: actOnAccount,
    touches: [['people']],
    done: () => setOpen(false),
  });
  const close = (): void => {
    setOpen(false);
    reset();
  };
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && (
        <ReasonDialog
          {...{ title, lead, isPending, error, close }}
          confirm={label.replace('…', '')}
          act={(reason) => act({ ...about, reason })}
        />
      )}
    </>
  );
}
