import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ChangeClassName, DifferenceView } from '../../../edges/http/contract/differences.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { classWords, packageWords } from '../../words/review.ts';
import styles from './changes.module.css';
import { onKey } from './keys.ts';
import page from './review.module.css';

type Hunk = DifferenceView['hunks'][number];
type ChangesParts = {
  title: string;
  /** Why there is nothing that it could be compared with. */
  alone: string | undefined;
  difference: DifferenceView | undefined;
  error: Error | null;
  line: number | undefined;
  onLine(line: number): void;
};

const harmless: readonly ChangeClassName[] = ['comment', 'numbering', 'format'];

/** The difference by consequence: what it does, then where; classes are filters, and harmless ones begin switched off. */
export function Changes({ title, alone, difference, error, line, onLine }: ChangesParts) {
  return (
    <section className={page.panel} aria-label={packageWords.changeList}>
      <header className={page.panelHead}>
        <h2>{title}</h2>
      </header>
      {alone && <p className={styles.quiet}>{alone}</p>}
      {error && <ProblemCard error={error} />}
      {!alone && !difference && !error && <p className={styles.quiet}>{packageWords.loading}</p>}
      {difference && <Sentences difference={difference} />}
      {difference && difference.hunks.length > 0 && <HunkList {...{ difference, line, onLine }} />}
    </section>
  );
}

function Sentences({ difference }: { difference: DifferenceView }) {
  const { verdict, sentences, path, cycleTime, blocks } = difference;
  const lines: ReactNode[] = [
    ...(verdict === 'identical' ? [packageWords.identical] : []),
    ...(verdict === 'harmless' ? [packageWords.onlyHarmless] : []),
    ...sentences,
    ...(path.state === 'not-known' ? [packageWords.notKnown('deviation', path.reason)] : []),
    ...(cycleTime.state === 'not-known' ? [packageWords.notKnown('cycle time', cycleTime.reason)] : []),
    ...(blocks.renumbered > 0 ? [packageWords.renumbered(blocks.renumbered)] : []),
  ];
  return (
    <ul className={styles.sentences}>
      {lines.map((sentence, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: sentences never move.
        <li key={at}>{sentence}</li>
      ))}
    </ul>
  );
}

type HunkListParts = { difference: DifferenceView; line: number | undefined; onLine(line: number): void };

function HunkList({ difference, line, onLine }: HunkListParts) {
  const { hunks, counts, hunksLeftOut } = difference;
  const present = useMemo(() => presentClasses(difference), [difference]);
  const [chosen, setChosen] = useState<ReadonlySet<ChangeClassName>>(() => startingWith(present));
  const shown = useMemo(() => hunks.filter(({ classes }) => classes.some((one) => chosen.has(one))), [hunks, chosen]);
  const at = line === undefined ? -1 : shown.findIndex((hunk) => lineIn(hunk) === line);
  const filters = useRef<HTMLFieldSetElement>(null);
  const go = useCallback(
    (step: number) => {
      const next = shown[Math.min(shown.length - 1, Math.max(0, at + step))];
      if (next) onLine(lineIn(next));
    },
    [shown, at, onLine],
  );
  useEffect(
    () => onKey({ j: () => go(1), k: () => go(-1), c: () => filters.current?.querySelector('input')?.focus() }),
    [go],
  );
  const toggle = (name: ChangeClassName): void => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    setChosen(next);
  };
  return (
    <>
      <fieldset className={styles.classes} ref={filters}>
        <legend>{packageWords.classFilter}</legend>
        {present.map((name) => (
          <label key={name}>
            <input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} />
            {classWords[name]} <span className={styles.quiet}>{counts[name]}</span>
          </label>
        ))}
      </fieldset>
      {shown.length === 0 && <p className={styles.quiet}>{packageWords.noChange}</p>}
      <ol className={styles.hunks}>
        {shown.map((hunk) => (
          <li key={`${hunk.kind} ${hunk.before.from} ${hunk.after.from}`}>
            <button type="button" aria-current={lineIn(hunk) === line} onClick={() => onLine(lineIn(hunk))}>
              <HunkRow hunk={hunk} />
            </button>
          </li>
        ))}
      </ol>
      {hunksLeftOut > 0 && <p className={styles.quiet}>{packageWords.leftOut(hunksLeftOut)}</p>}
    </>
  );
}

function HunkRow({ hunk }: { hunk: Hunk }) {
  const { kind, class: gravest, blocks, shown, tool } = hunk;
  const first = shown[0];
  return (
    <>
      <span className={styles.hunkHead}>
        <b>{lineIn(hunk).toLocaleString('en-US')}</b> {classWords[gravest]}
        <span className={styles.quiet}>
          {kind !== 'changed' && ` ${kind}`}
          {blocks > 1 && ` × ${blocks}`}
          {tool && ` · ${tool}`}
        </span>
      </span>
      {first?.before && <code className={styles.was}>{first.before.text}</code>}
      {first?.after && <code className={styles.is}>{first.after.text}</code>}
    </>
  );
}

/** The line of the newer program where it is seen. */
const lineIn = ({ after }: Hunk): number => Math.max(1, after.from);

/** The gravest first, as far as there are any. */
const presentClasses = ({ counts }: DifferenceView): ChangeClassName[] =>
  (Object.keys(classWords) as ChangeClassName[]).filter((name) => (counts[name] ?? 0) > 0).reverse();

function startingWith(present: readonly ChangeClassName[]): ReadonlySet<ChangeClassName> {
  const grave = present.filter((name) => !harmless.includes(name));
  return new Set(grave.length > 0 ? grave : present);
}
