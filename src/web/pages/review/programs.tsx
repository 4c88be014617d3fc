import { useMemo, useState } from 'react';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import type { LineNote } from '../../parts/program-text/line-notes.ts';
import { useAgainst, useDifference, useFileText, useFileTextBefore } from '../../queries/packages.ts';
import { packageWords } from '../../words/review.ts';
import { Changes } from './changes.tsx';
import { PackagePath } from './path-panel.tsx';
import styles from './review.module.css';
import { TextPanel } from './text-panel.tsx';

type ProgramsParts = {
  data: PackagePage;
  /** Another package or release than the one before it. */
  against: string | undefined;
};

/** What changed, the program and its path: three views of one file that follow one another. */
export function Programs({ data, against }: ProgramsParts) {
  const programs = data.manifest.files.filter(({ role }) => role === 'main-program' || role === 'subprogram');
  const [chosen, setChosen] = useState(programs[0]?.name ?? '');
  const other = useAgainst(data.packageId, against);
  const revision = against === undefined ? data.previous?.revision : other.data?.revision;
  return (
    <>
      {other.error && <ProblemCard error={other.error} />}
      {programs.length > 1 && (
        <div className={styles.tabs} role="tablist" aria-label={packageWords.program}>
          {programs.map(({ name }) => (
            <button key={name} type="button" role="tab" aria-selected={name === chosen} onClick={() => setChosen(name)}>
              {name}
            </button>
          ))}
        </div>
      )}
      <Program key={`${chosen} ${against}`} data={data} name={chosen} against={against} revision={revision} />
    </>
  );
}

type ProgramParts = {
  data: PackagePage;
  name: string;
  against: string | undefined;
  /** Of what it is compared with; undefined where that is nothing, or not to be seen. */
  revision: string | undefined;
};

function Program({ data, name, against, revision }: ProgramParts) {
  const id = data.packageId;
  const hasBefore = revision !== undefined;
  const compared = { hasBefore, against };
  const [line, setLine] = useState<number>();
  const text = useFileText(id, name);
  const before = useFileTextBefore(id, name, compared);
  const difference = useDifference(id, name, compared);
  const notes = useMemo(() => notesOf(data, name), [data, name]);
  return (
    <div className={styles.three}>
      <Changes
        title={hasBefore ? packageWords.changed(revision) : packageWords.firstRelease}
        alone={hasBefore ? undefined : packageWords.firstReleaseWhy}
        difference={difference.data}
        error={hasBefore ? difference.error : null}
        line={line}
        onLine={setLine}
      />
      <TextPanel
        name={name}
        text={text.data}
        before={before.data}
        difference={difference.data}
        isPending={hasBefore && (before.isPending || difference.isPending)}
        error={text.error}
        {...{ notes, line, onLine: setLine }}
      />
      <PackagePath
        id={id}
        name={name}
        compared={{ hasBefore: before.data !== undefined, against }}
        difference={difference.data}
        line={line}
        onLine={setLine}
      />
    </div>
  );
}

const toneOf = { block: 'bad', hold: 'bad', warn: 'warn', note: 'over' } as const;

/** Findings beside the line that they are about; what is about the whole file stands under the first. */
function notesOf({ deposit }: PackagePage, name: string): LineNote[] {
  const open = deposit.findings.filter(({ file }) => file === name);
  const waived = deposit.waived.map(({ finding }) => finding).filter(({ file }) => file === name);
  const noteOf = (words: string) => (finding: (typeof open)[number]) => ({
    line: finding.line ?? 1,
    tone: toneOf[finding.severity],
    text: `${words || finding.severity}: ${finding.message}${finding.more ? ` (+${finding.more})` : ''}`,
  });
  return [...open.map(noteOf('')), ...waived.map(noteOf(packageWords.waiver))];
}
