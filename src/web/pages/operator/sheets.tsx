import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { FloorProgram } from '../../../edges/http/contract/floor.ts';
import { Pdf } from '../../parts/pdf.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Watermarked } from '../../parts/watermark.tsx';
import { useFloorBytes, useFloorText } from '../../queries/floor.ts';
import { officeApi } from '../../queries/office-paths.ts';
import { operatorWords as words } from '../../words/operator.ts';
import styles from './operator.module.css';

/** Setup sheet and work instruction beside the machine. They go away with the release that they belong to. */
export function Sheets({ machineId, job }: { machineId: string; job: FloorProgram }) {
  const [open, setOpen] = useState<string>();
  if (job.documents.length === 0) return null;
  return (
    <div className={styles.sheets}>
      <span className={styles.quiet}>{words.sheets}</span>
      {job.documents.map(({ name }) => (
        <Button key={name} size="lg" variant="default" onClick={() => setOpen(name)}>
          {name}
        </Button>
      ))}
      {open !== undefined && (
        <Modal
          opened
          fullScreen
          title={open}
          lockScroll={false}
          onClose={() => setOpen(undefined)}
          closeButtonProps={{ 'aria-label': words.close, size: 'xl' }}
        >
          <Sheet path={officeApi.floorDocument(machineId, job.releaseId, open)} name={open} banner={job.banner} />
        </Modal>
      )}
    </div>
  );
}

function Sheet({ path, name, banner }: { path: string; name: string; banner: string }) {
  return (
    <Watermarked>
      <p className={styles.sheetBanner}>{banner}</p>
      {/\.pdf$/i.test(name) ? <PdfSheet {...{ path, name, banner }} /> : <SheetText path={path} />}
    </Watermarked>
  );
}

function SheetText({ path }: { path: string }) {
  const { data, error } = useFloorText(path);
  if (error) return <ProblemCard error={error} />;
  if (data?.includes('\0')) return <p>{words.unreadable}</p>;
  return <pre className={styles.sheet}>{data}</pre>;
}

function PdfSheet({ path, ...shown }: { path: string; name: string; banner: string }) {
  const { data, error } = useFloorBytes(path);
  if (error) return <ProblemCard error={error} />;
  return data ? <Pdf bytes={data} {...shown} /> : null;
}
