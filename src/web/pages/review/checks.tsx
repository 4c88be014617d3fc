import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { Shape, StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useSession } from '../../queries/session.ts';
import { checkWords, packageWords } from '../../words/review.ts';
import { roleWords, shortRole } from '../../words/roles.ts';
import styles from './review.module.css';

type CheckState = PackagePage['checks'][number]['state'];
const checkTone: Readonly<Record<CheckState, Tone>> = {
  passed: 'good',
  note: 'good',
  warn: 'warn',
  hold: 'warn',
  block: 'bad',
};

/** What inspection looked at. Its findings stand beside their lines in the program. */
export function CheckLine({ data }: { data: PackagePage }) {
  return (
    <section className={styles.line} aria-label={packageWords.checks}>
      <h2>{packageWords.checks}</h2>
      <ul>
        {data.checks.map(({ check, state, findings }) => (
          <li key={check}>
            <StateBadge tone={checkTone[state]}>
              {checkWords[check]}
              {findings > 0 && ` ${findings} ${state}`}
            </StateBadge>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Who signed, who is asked now, and who comes after. */
export function RouteLine({ data }: { data: PackagePage }) {
  const me = useSession().data?.person.id;
  return (
    <section className={styles.line} aria-label={packageWords.route}>
      <h2>
        {packageWords.route} {data.route.id}
      </h2>
      <ul>
        {data.approvals.map(({ index, person, role, verdict, time, notCounted }) => (
          <li key={index} title={notCounted?.message}>
            <Shape tone={notCounted ? 'over' : verdict === 'approve' ? 'good' : 'bad'} />
            <span>
              {nameOf(role)} {person === me ? packageWords.you : person}{' '}
              {verdict === 'approve' ? packageWords.signed : packageWords.refused} <Time at={time} />
              {notCounted && ` · ${packageWords.voided}: ${notCounted.message}`}
            </span>
          </li>
        ))}
        {data.missing.map(({ step, role, count, open, people }) => (
          <li key={`${step} ${role}`} title={roleWords[role]}>
            <Shape tone={open ? 'waiting' : 'over'} />
            <span>
              {shortRole[role]}
              {count > 1 && ` × ${count}`} {open ? packageWords.open : packageWords.later}:{' '}
              {packageWords.anyOf(people.map((person) => (person === me ? packageWords.you : person)))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const nameOf = (role: string): string => (role in shortRole ? shortRole[role as keyof typeof shortRole] : role);
