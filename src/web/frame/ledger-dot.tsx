import { Drawer } from '@mantine/core';
import { useState } from 'react';
import { CopyButton } from '../parts/copy-button.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { Shape, StateBadge, type Tone } from '../parts/state-badge.tsx';
import { span, Time } from '../parts/time.tsx';
import type { Cosigner, Judged } from '../proof/verify-growth.ts';
import { type LedgerState, useLedgerSeen, useLedgerState } from '../queries/ledger.ts';
import { ledgerWords } from '../words/frame.ts';
import { partWords } from '../words/parts.ts';
import styles from './frame.module.css';

/** One dot for the state of the ledger; behind it the newest checkpoint. */
export function LedgerDot() {
  const [open, setOpen] = useState(false);
  const { data: state, error } = useLedgerState();
  const seen = useLedgerSeen().data ?? 0;
  const { tone, word } = standing(state);
  const isBroken = state?.judged?.state === 'bad';
  const size = state ? Math.max(state.size, seen).toLocaleString('en-US') : '–';
  return (
    <>
      <button
        type="button"
        className={styles.dot}
        aria-label={isBroken ? ledgerWords.labelBroken(size) : ledgerWords.label(word, size)}
        onClick={() => setOpen(true)}
      >
        <Shape tone={tone} /> {ledgerWords.short} {size}{' '}
        {isBroken && <b className={styles.notProven}>{ledgerWords.broken}</b>}
      </button>
      <Drawer
        opened={open}
        onClose={() => setOpen(false)}
        position="right"
        title={ledgerWords.title}
        lockScroll={false}
        closeButtonProps={{ 'aria-label': partWords.close }}
      >
        {error && <ProblemCard error={error} />}
        {state && <LedgerPanel state={state} />}
      </Drawer>
    </>
  );
}

function standing(state: LedgerState | undefined): { tone: Tone; word: string } {
  if (!state?.judged) return { tone: 'over', word: ledgerWords.unknown };
  if (state.judged.state === 'bad') return { tone: 'bad', word: ledgerWords.broken };
  if (!state.writable) return { tone: 'bad', word: ledgerWords.stopped };
  if (!state.witnessed) return { tone: 'good', word: ledgerWords.alone };
  if (state.judged.cosigners.length >= state.witnessed.quorum) return { tone: 'good', word: ledgerWords.witnessed };
  return { tone: 'warn', word: `${ledgerWords.unwitnessed} ${span((state.witnessed.ageSeconds ?? 0) * 1000)}` };
}

function LedgerPanel({ state }: { state: LedgerState }) {
  const { origin, size, root, checkpoint, witnessed, stamped, writable, judged } = state;
  const { tone, word } = standing(state);
  return (
    <>
      <p>
        <StateBadge tone={tone}>{word}</StateBadge>
      </p>
      {!writable && <p>{ledgerWords.stoppedWhy}</p>}
      {judged && <Finding judged={judged} state={state} />}
      <dl className={styles.facts}>
        <dt>{ledgerWords.origin}</dt>
        <dd>{origin}</dd>
        <dt>{ledgerWords.entries}</dt>
        <dd>{size.toLocaleString('en-US')}</dd>
        <dt>{ledgerWords.root}</dt>
        <dd>
          <code>{root}</code> <CopyButton text={root} what={ledgerWords.root} />
        </dd>
        {witnessed && (
          <>
            <dt>{ledgerWords.witnesses}</dt>
            <dd>
              {ledgerWords.ofQuorum(witnessed.quorum, witnessed.of)}
              {witnessed.at ? (
                <>
                  , <Time at={witnessed.at} />
                </>
              ) : (
                `, ${ledgerWords.never}`
              )}
            </dd>
          </>
        )}
        {stamped && (
          <>
            <dt>{ledgerWords.stamped}</dt>
            <dd>{stamped.at ? <Time at={stamped.at} /> : ledgerWords.never}</dd>
          </>
        )}
      </dl>
      {checkpoint && <Note title={ledgerWords.note} note={checkpoint.note} />}
      {judged?.state === 'bad' && judged.since && <Note title={ledgerWords.seenNote} note={judged.since.note} />}
    </>
  );
}

function Note({ title, note }: { title: string; note: string }) {
  return (
    <>
      <h3>
        {title} <CopyButton text={note} what={ledgerWords.checkpoint} />
      </h3>
      <pre className={styles.note}>{note}</pre>
    </>
  );
}

/** What this browser found by itself. */
function Finding({ judged, state }: { judged: Judged; state: LedgerState }) {
  const { since } = judged;
  if (judged.state === 'bad')
    return (
      <section className={styles.finding} data-broken="true" role="alert">
        <h3>
          <Shape tone="bad" /> {ledgerWords.brokenTitle}
        </h3>
        <p>{judged.why}</p>
        <p>{ledgerWords.brokenHelp}</p>
      </section>
    );
  return (
    <section className={styles.finding}>
      <h3>
        <Shape tone="good" /> {ledgerWords.proven}
      </h3>
      <p>{ledgerWords.signed(judged.keys.join(', '))}</p>
      <Cosigners state={state} cosigners={judged.cosigners} />
      {since ? (
        <p>
          {ledgerWords.extends(since.size.toLocaleString('en-US'))} <Time at={since.at} seconds />
        </p>
      ) : (
        <p>{ledgerWords.firstSight}</p>
      )}
    </section>
  );
}

/** Which witnesses saw this very checkpoint, by cosignatures that this browser verified. */
function Cosigners({ state: { witnessed }, cosigners }: { state: LedgerState; cosigners: readonly Cosigner[] }) {
  if (!witnessed) return <p>{ledgerWords.noWitness}</p>;
  const { quorum, of } = witnessed;
  return (
    <>
      <p>
        <Shape tone={cosigners.length >= quorum ? 'good' : 'warn'} />{' '}
        {ledgerWords.cosigned(cosigners.length, of, quorum)}
      </p>
      <ul className={styles.cosigners}>
        {cosigners.map(({ name, at }) => (
          <li key={name}>
            {name}, <Time at={at.toISOString()} seconds />
          </li>
        ))}
      </ul>
    </>
  );
}
