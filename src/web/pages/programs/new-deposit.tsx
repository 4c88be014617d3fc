import { Button, NativeSelect } from '@mantine/core';
import { type DragEvent, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { DepositAnswer, DepositChecked } from '../../../edges/http/contract/deposits.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { useAct } from '../../queries/act.ts';
import { checkDeposit, type Sidecar, sendDeposit } from '../../queries/deposits.ts';
import { useSession } from '../../queries/session.ts';
import { depositFormWords, depositWords } from '../../words/programs.ts';
import { fileRoleWords } from '../../words/review.ts';
import { type DraftFile, emptyDraft, type FileRole, guessRoles, isSidecar, missingIn, sidecarOf } from './draft.ts';
import { DraftFields } from './draft-fields.tsx';
import styles from './new-deposit.module.css';

const fileRoles: readonly FileRole[] = [
  ...(['main-program', 'subprogram', 'setup-sheet', 'work-instruction', 'tool-list', 'drawing', 'other'] as const),
];

/** From files that were dropped to a deposit: what they are, what is still missing, and what became of it. */
export function NewDeposit() {
  const author = useSession().data?.person.id ?? '';
  const [files, setFiles] = useState<readonly DraftFile[]>([]);
  const [own, setOwn] = useState<File>();
  const [draft, setDraft] = useState(emptyDraft);
  const [sent, setSent] = useState(0);
  const { act, isPending, error, data, reset } = useAct<string, DepositAnswer | DepositChecked>({
    send: async (_named, key) => {
      const plain = files.map(({ file }) => file);
      const sidecar: Sidecar = own
        ? { fileName: own.name, bytes: new Uint8Array(await own.arrayBuffer()) }
        : await sidecarOf(draft, files, author);
      const checked = await checkDeposit(sidecar, plain);
      return checked.good ? sendDeposit(sidecar, plain, setSent, key) : checked;
    },
    touches: [['deposits'], ['packages'], ['programs']],
  });
  const take = (added: readonly File[]): void => {
    setOwn(added.find(isSidecar) ?? own);
    const others = added.filter((file) => !isSidecar(file));
    const kept = files.map(({ file }) => file).filter((file) => others.every(({ name }) => name !== file.name));
    setFiles(guessRoles([...kept, ...others]));
    reset();
  };
  const clear = (): void => {
    setFiles([]);
    setOwn(undefined);
    setDraft(emptyDraft);
    setSent(0);
    reset();
  };
  const missing = own ? [] : missingIn(draft, files);
  const isEmpty = files.length === 0 && !own;
  const refused = data && 'problems' in data ? data : undefined;
  const answer = data && 'depositId' in data ? data : undefined;
  return (
    <section className={styles.panel} aria-label={depositWords.drop}>
      <DropZone take={take} isSmall={!isEmpty} />
      {!isEmpty && !answer && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            // The same words and files are the same act: sent again after silence, it is done once.
            if (missing.length === 0) act(JSON.stringify([draft, files.map(nameOf), own?.name]));
          }}
        >
          <FileList files={files} setFiles={setFiles} hasOwn={own !== undefined} />
          {own ? <p>{depositFormWords.byFile(own.name)}</p> : <DraftFields draft={draft} change={setDraft} />}
          {error && <ProblemCard error={error} />}
          {refused && <Refused checked={refused} />}
          <div className={styles.acts}>
            <p role="status">
              {isPending
                ? sent < files.length
                  ? depositFormWords.sending(sent, files.length)
                  : depositFormWords.inspecting
                : missing.length > 0 && `${depositFormWords.missing}: ${missing.join(', ')}.`}
            </p>
            <Button variant="default" onClick={clear} disabled={isPending}>
              {depositFormWords.clear}
            </Button>
            <Button type="submit" loading={isPending} disabled={missing.length > 0}>
              {depositFormWords.send}
            </Button>
          </div>
        </form>
      )}
      {answer && <Outcome answer={answer} clear={clear} />}
    </section>
  );
}

const nameOf = ({ file, role }: DraftFile): string => `${file.name} ${file.size} ${file.lastModified} ${role}`;

function DropZone({ take, isSmall }: { take(files: readonly File[]): void; isSmall: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same.
    <div
      className={styles.drop}
      data-over={isOver}
      data-small={isSmall}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <strong>{depositWords.drop}</strong>
      {!isSmall && <span>{depositWords.dropHint}</span>}
      <Button size="xs" variant="default" onClick={() => input.current?.click()}>
        {depositWords.choose}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={depositWords.choose}
        onChange={(event) => {
          take([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
    </div>
  );
}

type FileListParts = { files: readonly DraftFile[]; setFiles(files: readonly DraftFile[]): void; hasOwn: boolean };

function FileList({ files, setFiles, hasOwn }: FileListParts) {
  const setRole = (at: number, role: FileRole) =>
    setFiles(files.map((one, place) => (place === at ? { ...one, role } : one)));
  return (
    <ul className={styles.files}>
      {files.map(({ file, role }, at) => (
        <li key={file.name}>
          <span>{file.name}</span>
          <span className={styles.quiet}>{file.size.toLocaleString('en-US')} B</span>
          {!hasOwn && (
            <NativeSelect
              size="xs"
              aria-label={`${depositFormWords.role}: ${file.name}`}
              value={role}
              onChange={(event) => setRole(at, event.currentTarget.value as FileRole)}
              data={fileRoles.map((value) => ({ value, label: fileRoleWords[value] }))}
            />
          )}
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            aria-label={depositFormWords.remove(file.name)}
            onClick={() => setFiles(files.filter((_, place) => place !== at))}
          >
            ✕
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** What is to be mended before anything is sent. */
function Refused({ checked: { problems, missing } }: { checked: DepositChecked }) {
  return (
    <div role="alert">
      <StateBadge tone="bad">{depositFormWords.notSent}</StateBadge>
      <ul className={styles.reasons}>
        {problems.map(({ code, field, message }) => (
          <li key={`${code} ${field} ${message}`}>{message}</li>
        ))}
        {missing.map((name) => (
          <li key={name}>{depositFormWords.notThere(name)}</li>
        ))}
      </ul>
    </div>
  );
}

function Outcome({ answer, clear }: { answer: DepositAnswer; clear(): void }) {
  const { state, packageId, depositId, reasons = [] } = answer;
  const words = { admitted: depositFormWords.admitted, rejected: depositFormWords.rejected };
  return (
    <div className={styles.form} role="status">
      <StateBadge tone={state === 'admitted' ? 'good' : state === 'rejected' ? 'bad' : 'waiting'}>
        {state === 'admitted' || state === 'rejected' ? words[state] : depositFormWords.kept}
      </StateBadge>
      {reasons.length > 0 && (
        <ul className={styles.reasons}>
          {reasons.map(({ code, field, message }) => (
            <li key={`${code} ${field} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      <div className={styles.acts}>
        <p>
          {packageId ? (
            <Link href={`/packages/${packageId}`}>{depositWords.open}</Link>
          ) : (
            <Link href={`/deposits/${depositId}`}>{depositId}</Link>
          )}
        </p>
        <Button variant="default" onClick={clear}>
          {depositFormWords.clear}
        </Button>
      </div>
    </div>
  );
}
