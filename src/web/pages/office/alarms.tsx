import { Empty } from '../../parts/empty.tsx';
import { Shape } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { useAlarms } from '../../queries/office.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';

/** What is not as it should be, the oldest first, each with how to go on. */
export function AlarmsPage() {
  const { data, error } = useAlarms();
  return (
    <OfficePage section="alarms" error={error}>
      {data?.alarms.length === 0 && <Empty title={words.noAlarms}>{words.noAlarmsHow}</Empty>}
      <ul className={styles.cards}>
        {data?.alarms.map(({ code, subject, since, sentence, goOn }) => (
          <li key={`${code} ${subject}`}>
            <h2>
              <Shape tone={code === 'expires-soon' ? 'warn' : 'bad'} /> {sentence}
            </h2>
            <p>{goOn}</p>
            <p className={styles.quiet}>
              {words.since} <Time at={since} /> · <code>{code}</code> · {subject}
            </p>
          </li>
        ))}
      </ul>
    </OfficePage>
  );
}
