import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { WitnessList } from '../../../edges/http/contract/administration.ts';
import type { EntryView } from '../../../edges/http/contract/ledger.ts';
import type { TraceView } from '../../../edges/http/contract/trace.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Shape, StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { Time, timeText, usePlantZone } from '../../parts/time.tsx';
import { type Believed, believeGateway, readTrustFile } from '../../proof/believed-keys.ts';
import { type Check, type Report, verifyEntry } from '../../proof/verify-entry.ts';
import { useLedgerState } from '../../queries/ledger.ts';
import { useEntry, useTrust, useWitnesses } from '../../queries/trace.ts';
import { proofWords as words } from '../../words/trace.ts';
import styles from './proof.module.css';

type Said = Pick<TraceView['timeline'][number], 'index' | 'time' | 'type'>;

/** The proof of one entry, computed here: nothing of it is the gateway's word. */
export function ProofPanel({ said, close }: { said: Said; close(): void }) {
  const { data: entry, error } = useEntry(said.index);
  const { believed, error: keysError, choose } = useBelieved();
  const report = useReport(entry, believed);
  const problem = error ?? keysError;
  const panel = useRef<HTMLElement>(null);
  // On a tablet it stands below a timeline that may be long.
  useEffect(() => void panel.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <section ref={panel} className={styles.proof} aria-label={words.title(count(said.index))}>
      <header>
        <h2>{words.title(count(said.index))}</h2>
        <Button variant="subtle" size="compact-sm" color="gray" onClick={close}>
          {words.close}
        </Button>
      </header>
      <p className={styles.quiet}>{words.lead}</p>
      {problem && <ProblemCard error={problem} />}
      {!report && !problem && <p>{words.checking}</p>}
      {report && <Verdict report={report} said={said} />}
      {believed && <Keys believed={believed} choose={choose} />}
    </section>
  );
}

/** Those of a trust file that somebody chose, or what the gateway says of itself. */
function useBelieved() {
  const { data: trust, error } = useTrust();
  const witnesses = useWitnesses().data;
  const [file, setFile] = useState<string>();
  const believed = useMemo(() => {
    const text = file ?? trust?.file;
    const keys = text === undefined ? undefined : readTrustFile(text);
    if (!keys) return undefined;
    const cosigners = witnesses && witnesses.witnesses.length > 0 ? cosignersOf(witnesses) : undefined;
    const whole = { ...keys, witnesses: cosigners };
    return file === undefined
      ? believeGateway(whole, window.localStorage, new Date())
      : { keys: whole, why: 'file' as const };
  }, [file, trust, witnesses]);
  const choose = (text: string): boolean => {
    const isOne = readTrustFile(text) !== undefined;
    if (isOne) setFile(text);
    return isOne;
  };
  return { believed, error, choose };
}

const cosignersOf = ({ quorum, witnesses }: WitnessList) => ({ quorum, vkeys: witnesses.map(({ vkey }) => vkey) });

function useReport(entry: EntryView | undefined, believed: Believed | undefined): Report | undefined {
  const [report, setReport] = useState<Report>();
  useEffect(() => {
    if (!entry || !believed) return;
    let isOver = false;
    setReport(undefined);
    void verifyEntry(entry, believed.keys).then((made) => {
      if (!isOver) setReport(made);
    });
    return () => {
      isOver = true;
    };
  }, [entry, believed]);
  return report;
}

function Verdict({ report, said }: { report: Report; said: Said }) {
  const { checks, leaf, event } = report;
  const differs = leaf !== undefined && (leaf.time !== said.time || leaf.type !== said.type);
  const isBroken = differs || checks.some(({ state }) => state === 'bad');
  return (
    <>
      <div role="status" className={styles.verdict} data-broken={isBroken}>
        <StateBadge tone={isBroken ? 'bad' : 'good'}>{isBroken ? words.bad : words.good}</StateBadge>
        {isBroken && <p>{words.badWhy}</p>}
        {differs && <p>{words.differs}</p>}
      </div>
      <ul className={styles.checks}>
        {checks.map((check) => (
          <CheckRow key={check.name} check={check} />
        ))}
        <Timestamp />
      </ul>
      {leaf && (
        <p>
          <span className={styles.quiet}>{words.leaf}:</span> <Time at={leaf.time} seconds /> · <code>{leaf.type}</code>
        </p>
      )}
      {leaf && !event && <p className={styles.quiet}>{words.notShown}</p>}
      {event && (
        <details>
          <summary>{words.said}</summary>
          <pre className={styles.said}>{JSON.stringify({ actor: event.actor, data: event.data }, null, 2)}</pre>
        </details>
      )}
    </>
  );
}

const toneOf: Readonly<Record<Check['state'], Tone>> = { good: 'good', bad: 'bad', unchecked: 'over' };

function CheckRow({ check: { name, state, detail } }: { check: Check }) {
  return (
    <li data-state={state}>
      <Shape tone={toneOf[state]} />
      <span>
        {words[name]}
        <span className={styles.detail}>{detail}</span>
      </span>
    </li>
  );
}

function Timestamp() {
  const { stamped } = useLedgerState().data ?? {};
  const detail = !stamped
    ? words.timestampOff
    : stamped.at
      ? words.timestampGiven(count(stamped.size))
      : words.timestampNone;
  return (
    <li data-state="unchecked">
      <Shape tone="over" />
      <span>
        {words.timestamp}
        <span className={styles.detail}>{detail}</span>
      </span>
    </li>
  );
}

function Keys({ believed, choose }: { believed: Believed; choose(text: string): boolean }) {
  const [isWrong, setWrong] = useState(false);
  const zone = usePlantZone();
  const since = believed.since ? timeText(believed.since, zone) : '';
  const why = {
    file: words.keysFile,
    gateway: words.keysGateway,
    seen: words.keysSeen(since),
    changed: words.keysChanged(since),
  }[believed.why];
  return (
    <div className={styles.keys}>
      <p>
        {believed.why === 'changed' && <Shape tone="bad" />} {words.keys}: {why}
      </p>
      <label>
        {words.chooseFile}{' '}
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            void file?.text().then((text) => setWrong(!choose(text)));
          }}
        />
      </label>
      {isWrong && <p role="alert">{words.wrongFile}</p>}
    </div>
  );
}

const count = (value: number): string => value.toLocaleString('en-US');
