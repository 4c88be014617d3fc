import { Link, useParams } from 'wouter';
import type { DepositView, KeptBack } from '../../../edges/http/contract/deposits.ts';
import { Digest } from '../../parts/digest.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useDeposit, useKeptBack } from '../../queries/deposits.ts';
import { depositStateWords, depositWords, doorWords } from '../../words/programs.ts';
import { depositTone } from './deposits.tsx';
import styles from './programs.module.css';
import { Waive } from './waive.tsx';

/** One deposit: what inspection saw, where, and what has to be mended. */
export function DepositPage() {
  const { id = '' } = useParams<{ id: string }>();
  const own = useDeposit(id);
  const kept = useKeptBack(id, own.error !== null);
  const { data = kept.data, refetch } = own;
  const error = kept.data ? null : (kept.error ?? own.error);
  if (error)
    return (
      <Page title={depositWords.title}>
        <ProblemCard error={error} again={() => void refetch()} />
      </Page>
    );
  if (!data) return <Page title={id}>…</Page>;
  const { name, state, door, time, packageId, reasons } = data;
  return (
    <Page title={name} classified={[kept.data?.banner ?? depositWords.unlabelled]}>
      <p>
        <StateBadge tone={depositTone[state]}>{depositStateWords[state]}</StateBadge> · {doorWords[door]} ·{' '}
        <Time at={time} /> · {id}
      </p>
      {packageId && (
        <p>
          <Link href={`/packages/${packageId}`}>{depositWords.open}</Link>
        </p>
      )}
      {state === 'rejected' && !kept.data && <p className={styles.quiet}>{depositWords.sendOn}</p>}
      {state === 'inspected' && <p className={styles.quiet}>{depositWords.quarantine}</p>}
      {reasons.length > 0 && <Reasons reasons={reasons} />}
      <Findings data={data} waivable={kept.data?.waivable ?? []} />
      <Facts data={data} />
    </Page>
  );
}

function Reasons({ reasons }: Pick<DepositView, 'reasons'>) {
  return (
    <section className={styles.panel}>
      <h2>{depositWords.reasons}</h2>
      {reasons.map(({ code, field, message }) => (
        <p key={`${code} ${field} ${message}`}>
          {message} <code className={styles.quiet}>{code}</code>
        </p>
      ))}
    </section>
  );
}

const severityTone: Readonly<Record<DepositView['findings'][number]['severity'], Tone>> = {
  block: 'bad',
  hold: 'warn',
  warn: 'warn',
  note: 'over',
};

type Place = { file: string; rule: string; line?: number | undefined };
const isSame = (one: Place, other: Place): boolean =>
  one.file === other.file && one.rule === other.rule && one.line === other.line;

type FindingsParts = { data: DepositView; waivable: KeptBack['waivable'] };

function Findings({ data, waivable }: FindingsParts) {
  const { depositId, findings, moreFindings, waived } = data;
  const all = [
    ...findings.map((finding) => ({ finding, isWaived: false })),
    ...waived.map(({ finding }) => ({ finding, isWaived: true })),
  ];
  return (
    <section className={styles.panel}>
      <h2>{depositWords.findings}</h2>
      {all.length === 0 && <p className={styles.quiet}>{depositWords.noFindings}</p>}
      {all.map(({ finding, isWaived }) => {
        const { severity, file, line, message, rule, more } = finding;
        const open = isWaived ? undefined : waivable.find((one) => isSame(one, finding));
        return (
          <div className={styles.finding} key={`${rule} ${file} ${line} ${message}`}>
            <StateBadge tone={isWaived ? 'over' : severityTone[severity]}>
              {isWaived ? depositWords.waived : severity}
            </StateBadge>
            <span>
              {file} · {line === undefined ? depositWords.wholeFile : depositWords.line(line)}
            </span>
            <span>
              {message} {more && depositWords.moreFindings(more)}
            </span>
            <code className={styles.quiet}>{rule}</code>
            {open && <Waive depositId={depositId} finding={finding} role={open.role} />}
          </div>
        );
      })}
      {moreFindings > 0 && <p className={styles.quiet}>{depositWords.moreFindings(moreFindings)}</p>}
    </section>
  );
}

function Facts({ data: { files, facts } }: { data: DepositView }) {
  return (
    <section className={styles.panel}>
      <h2>{depositWords.files}</h2>
      <ul className={styles.list}>
        {files.map(({ name, digest, size }) => {
          const fact = facts.find(({ file }) => file === name);
          return (
            <li key={name}>
              <span>{name}</span>
              <span className={styles.quiet}>
                {fact
                  ? `${fact.programNumber ?? ''} ${fact.dialect} · ${depositWords.facet(fact.lines, fact.units)}`
                  : `${size.toLocaleString('en-US')} B`}
              </span>
              <Digest value={digest} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
