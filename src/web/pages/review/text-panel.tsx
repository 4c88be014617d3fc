import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { DifferenceView } from '../../../edges/http/contract/differences.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import type { LineNote } from '../../parts/program-text/line-notes.ts';
import { Watermarked } from '../../parts/watermark.tsx';
import { packageWords } from '../../words/review.ts';
import styles from './review.module.css';

const ProgramText = lazy(async () => ({
  default: (await import('../../parts/program-text/program-text.tsx')).ProgramText,
}));

type TextPanelParts = {
  name: string;
  text: string | undefined;
  before: string | undefined;
  difference: DifferenceView | undefined;
  /** What it is compared with is still on its way. */
  isPending: boolean;
  error: Error | null;
  notes: readonly LineNote[];
  line: number | undefined;
  onLine(line: number): void;
};

/** A program with what was taken out of it in between, by consequence or byte for byte. */
export function TextPanel({ name, difference, isPending, error, text, notes, ...shown }: TextPanelParts) {
  const [isRaw, setRaw] = useState(false);
  return (
    <section className={styles.panel} aria-label={packageWords.program}>
      <header className={styles.panelHead}>
        <h2>
          {packageWords.program} {name}
        </h2>
        {notes.length > 0 && <span className={styles.warn}>{packageWords.findingsIn(notes.length)}</span>}
        {difference && (
          <Button size="compact-xs" variant="default" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
            {isRaw ? packageWords.byConsequence : packageWords.raw}
          </Button>
        )}
      </header>
      {error && <ProblemCard error={error} />}
      {text !== undefined && !isPending && (
        <Watermarked className={styles.text}>
          <Suspense fallback={packageWords.loading}>
            <ProgramText
              label={`${packageWords.program} ${name}`}
              difference={isRaw ? undefined : difference}
              {...{ text, notes, ...shown }}
            />
          </Suspense>
        </Watermarked>
      )}
    </section>
  );
}
