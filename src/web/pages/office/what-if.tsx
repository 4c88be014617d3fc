import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AskWhatIf, RulesView, WhatIfView } from '../../../edges/http/contract/administration.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useAct } from '../../queries/act.ts';
import { askWhatIf } from '../../queries/office.ts';
import { whatIfWords as words } from '../../words/office.ts';
import styles from './office.module.css';

/** A file that is in force, to be changed, or one of the house's own, to be added. */
const ownFile = {
  name: '90-house.cedar',
  text: `@id("house-rule")
@clause("house rule")
@sentence("Why, in words for a person on the floor.")
forbid (principal, action == Action::"deliver", resource)
when { context.channel == "ftp" };
`,
};
const monthMs = 30 * 24 * 60 * 60 * 1000;
const aMonthAgo = (): string => new Date(Date.now() - monthMs).toISOString().slice(0, 10);

/** Rules are tried on the past before anybody signs them: which decisions would have been others. */
export function WhatIf({ files }: { files: RulesView['files'] }) {
  const rules = files.filter(({ name }) => name.endsWith('.cedar'));
  const [asked, setAsked] = useState<AskWhatIf>(() => ({ ...ownFile, since: aMonthAgo() }));
  const { act, isPending, error, data, reset } = useAct<AskWhatIf, WhatIfView>({ send: askWhatIf, touches: [] });
  const change = (over: Partial<AskWhatIf>): void => {
    setAsked({ ...asked, ...over });
    reset();
  };
  const begin = (name: string) => change(rules.find((file) => file.name === name) ?? ownFile);
  return (
    <section className={styles.panel} aria-label={words.title}>
      <h2>{words.title}</h2>
      <p className={styles.quiet}>{words.lead}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          act(asked);
        }}
      >
        <div className={styles.fields}>
          <NativeSelect
            label={words.file}
            value={rules.some(({ name }) => name === asked.name) ? asked.name : ownFile.name}
            onChange={(event) => begin(event.currentTarget.value)}
            data={[{ value: ownFile.name, label: words.own }, ...rules.map(({ name }) => name)]}
          />
          <TextInput
            label={words.since}
            type="date"
            value={asked.since}
            onChange={(event) => change({ since: event.currentTarget.value })}
            required
          />
        </div>
        <Textarea
          label={words.text}
          classNames={{ input: styles.code ?? '' }}
          value={asked.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
          rows={10}
          maxLength={65_536}
          spellCheck={false}
          required
        />
        {error && <ProblemCard error={error} />}
        <div className={styles.acts}>
          <Button type="submit" loading={isPending}>
            {words.ask}
          </Button>
        </div>
      </form>
      {data && <Found found={data} />}
    </section>
  );
}

function Found({ found }: { found: WhatIfView }) {
  const { asked, notAsked, differing, differences, stoppedAt, cases } = found;
  return (
    <div role="status">
      <p>
        <StateBadge tone={differing === 0 ? 'good' : 'warn'}>{words.differing(differing, asked)}</StateBadge>
        {cases && (
          <>
            {' · '}
            <StateBadge tone={cases.wrong.length === 0 ? 'good' : 'bad'}>
              {words.cases(cases.wrong.length, cases.of)}
            </StateBadge>
          </>
        )}
      </p>
      {notAsked > 0 && <p className={styles.quiet}>{words.notAsked(notAsked)}</p>}
      {stoppedAt && (
        <p className={styles.quiet}>
          {words.stoppedAt} <Time at={stoppedAt.time} />
        </p>
      )}
      {differences.length > 0 && <Differences differences={differences} left={differing - differences.length} />}
      {cases && cases.wrong.length > 0 && <WrongCases wrong={cases.wrong} />}
    </div>
  );
}

function Differences({ differences, left }: { differences: WhatIfView['differences']; left: number }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            {[words.entry, words.when, words.who, words.action, words.was, words.now, words.because].map((head) => (
              <th key={head}>{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differences.map(({ index, time, who, action, was, now }) => (
            <tr key={index}>
              <td>{index.toLocaleString('en-US')}</td>
              <td>
                <Time at={time} />
              </td>
              <td>{who}</td>
              <td>{action}</td>
              <td>{words.verdict[was.verdict]}</td>
              <td>
                <StateBadge tone={now.verdict === 'permit' ? 'warn' : 'bad'}>{words.verdict[now.verdict]}</StateBadge>
              </td>
              <td className={styles.quiet}>{now.policies.join(', ') || now.reasons.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className={styles.quiet}>{words.left(left)}</p>}
    </div>
  );
}

function WrongCases({ wrong }: { wrong: NonNullable<WhatIfView['cases']>['wrong'] }) {
  return (
    <details>
      <summary>{words.wrongCases}</summary>
      <ul className={styles.plain}>
        {wrong.map(({ case: name, expected, verdict }) => (
          <li key={name}>
            {name}: {expected} → {words.verdict[verdict]}
          </li>
        ))}
      </ul>
    </details>
  );
}
