import { Button, TextInput } from '@mantine/core';
import IconBarcode from '@tabler/icons-react/icons/IconBarcode';
import { useState } from 'react';
import type { FloorProgram } from '../../../edges/http/contract/floor.ts';
import { Empty } from '../../parts/empty.tsx';
import { operatorWords as words } from '../../words/operator.ts';
import { CameraScanner } from './camera-scanner.tsx';
import styles from './operator.module.css';

type ScanCardParts = { jobs: readonly FloorProgram[]; take(code: string): void; choose(job: FloorProgram): void };

export function ScanCard({ jobs, take, choose }: ScanCardParts) {
  const [typed, setTyped] = useState('');
  if (jobs.length === 0) return <Empty title={words.nothingReleased}>{words.nothingReleasedWhy}</Empty>;
  return (
    <>
      <section className={styles.scan} aria-label={words.scan}>
        <IconBarcode size={56} stroke={1.5} aria-hidden="true" />
        <div>
          <h2>{words.scan}</h2>
          <p className={styles.quiet}>{words.scanHow}</p>
        </div>
        <form
          className={styles.line}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== '') take(typed.trim());
          }}
        >
          <TextInput
            size="lg"
            label={words.typed}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            maxLength={200}
          />
          <Button type="submit" size="lg" variant="default">
            {words.take}
          </Button>
        </form>
        <CameraScanner heard={take} />
      </section>
      <p className={styles.or}>{words.orChoose}</p>
      <ul className={styles.choices}>
        {jobs.map((job) => (
          <li key={job.releaseId}>
            <button type="button" className={styles.choice} onClick={() => choose(job)}>
              <strong>
                {job.part} {words.rev} {job.revision}
              </strong>
              <span className={styles.quiet}>
                {words.op} {job.operation} · {job.programNumber ?? job.as}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
