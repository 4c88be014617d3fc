import type { StorageView } from '../../../edges/http/contract/administration.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useLedgerState } from '../../queries/ledger.ts';
import { useStorage } from '../../queries/office.ts';
import { useWitnesses } from '../../queries/trace.ts';
import { officeWords as words } from '../../words/office.ts';
import styles from './office.module.css';
import { OfficePage } from './office-page.tsx';

/** How the ledger does: its size, who watches over it, and the disk that it stands on. */
export function LedgerPage() {
  const { data: state, error } = useLedgerState();
  const storage = useStorage();
  return (
    <OfficePage section="ledger" error={error}>
      {state && (
        <section className={styles.panel}>
          <dl className={styles.facts}>
            <dt>{words.origin}</dt>
            <dd>{state.origin}</dd>
            <dt>{words.size}</dt>
            <dd>{count(state.size)}</dd>
          </dl>
        </section>
      )}
      <WitnessPanel />
      {storage.error && <ProblemCard error={storage.error} />}
      {storage.data && <StoragePanel storage={storage.data} />}
    </OfficePage>
  );
}

function WitnessPanel() {
  const { data, error } = useWitnesses();
  return (
    <section className={styles.panel}>
      <h2>{words.witnesses}</h2>
      {error && <ProblemCard error={error} />}
      {data?.witnesses.length === 0 && <p className={styles.quiet}>{words.noWitnesses}</p>}
      {data && data.witnesses.length > 0 && (
        <>
          <p className={styles.quiet}>{words.quorum(data.quorum)}</p>
          <ul className={styles.plain}>
            {data.witnesses.map(({ name, size, failing }) => (
              <li key={name}>
                <StateBadge tone={failing ? 'warn' : 'good'}>{name}</StateBadge> {words.upTo} {count(size)}
                {failing ? `: ${failing}` : ''}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function StoragePanel({ storage }: { storage: StorageView }) {
  const { freeBytes, totalBytes, vaultFiles, writable } = storage;
  return (
    <section className={styles.panel}>
      <h2>
        {words.storage} {!writable && <StateBadge tone="bad">{words.readOnly}</StateBadge>}
      </h2>
      <meter
        min={0}
        max={totalBytes}
        value={totalBytes - freeBytes}
        low={totalBytes * 0.8}
        high={totalBytes * 0.9}
        optimum={0}
        aria-label={words.storage}
      />
      <dl className={styles.facts}>
        <dt>{words.free}</dt>
        <dd>
          {bytes(freeBytes)} {words.ofTotal(bytes(totalBytes))}
        </dd>
        {(['ledgerBytes', 'catalogBytes', 'vaultBytes'] as const).map((one) => (
          <div key={one} className={styles.pair}>
            <dt>{words.takes[one]}</dt>
            <dd>
              {bytes(storage[one])}
              {one === 'vaultBytes' ? `, ${words.files(count(vaultFiles))}` : ''}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const count = (value: number): string => value.toLocaleString('en-US');

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
function bytes(value: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const scaled = value / 1000 ** step;
  return `${scaled >= 100 || step === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${units[step]}`;
}
