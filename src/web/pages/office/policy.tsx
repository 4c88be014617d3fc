import { useState } from 'react';
import type { RulesView } from '../../../edges/http/contract/administration.ts';
import { Digest } from '../../parts/digest.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useRules } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';
import { FixedText } from './fixed-text.tsx';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';
import { WhatIf } from './what-if.tsx';

/** The rules in force, word for word, and what they answer to the cases of this house. */
export function PolicyPage() {
  const { data, error } = useRules();
  return (
    <OfficePage section="policy" error={error}>
      {data && (
        <>
          <Cases cases={data.cases} />
          <WhatIf files={data.files} />
          <section className={styles.panel}>
            <h2>
              {words.rules} <Digest value={data.policySet} />
            </h2>
            {data.files.map(({ name, text }) => (
              <details key={name}>
                <summary>{name}</summary>
                <FixedText>{text}</FixedText>
              </details>
            ))}
          </section>
          <section className={styles.panel}>
            <h2>
              {words.routes} <Digest value={data.routes.version} />
            </h2>
            <FixedText>{data.routes.text}</FixedText>
          </section>
        </>
      )}
    </OfficePage>
  );
}

function Cases({ cases }: { cases: RulesView['cases'] }) {
  const [isBadOnly, setBadOnly] = useState(true);
  if (!cases) return <p className={styles.quiet}>{words.noCases}</p>;
  const good = cases.filter((one) => one.good).length;
  const shown = isBadOnly ? cases.filter((one) => !one.good) : cases;
  return (
    <section className={styles.panel}>
      <header className={styles.panelHead}>
        <h2>
          {words.cases}{' '}
          <StateBadge tone={good === cases.length ? 'good' : 'bad'}>{words.casesGood(good, cases.length)}</StateBadge>
        </h2>
        <label>
          <input type="checkbox" checked={isBadOnly} onChange={() => setBadOnly(!isBadOnly)} /> {words.onlyBad}
        </label>
      </header>
      {shown.length > 0 && (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{words.caseName}</th>
                <th>{words.expected}</th>
                <th>{words.answered}</th>
                <th>{words.by}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.case}>
                  <td>{one.case}</td>
                  <td>{one.expected}</td>
                  <td>
                    <StateBadge tone={one.good ? 'good' : 'bad'}>{one.verdict}</StateBadge>
                  </td>
                  <td className={styles.quiet}>{one.policies.join(', ') || words.noRule}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
