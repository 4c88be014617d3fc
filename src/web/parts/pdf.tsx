import { useEffect, useState } from 'react';
import { useSession } from '../queries/session.ts';
import { frameWords } from '../words/frame.ts';
import { partWords } from '../words/parts.ts';
import styles from './parts.module.css';
import { timeText, usePlantZone } from './time.tsx';

/**
 * A paper in the browser's own reader, from bytes that stay in this page. Without the reader's bar: what is printed from there
 * would carry neither label nor person. Both stand above it, since nobody can write into the paper itself.
 */
export function Pdf({ bytes, name, banner }: { bytes: ArrayBuffer; name: string; banner: string }) {
  const [url, setUrl] = useState<string>();
  const [since] = useState(() => new Date().toISOString());
  const person = useSession().data?.person;
  const zone = usePlantZone();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  if (!navigator.pdfViewerEnabled) return <p>{partWords.noPdf}</p>;
  return (
    <figure className={styles.paper}>
      <figcaption>
        <b>{banner}</b> · {frameWords.uncontrolled}
        {person && ` · ${partWords.shownTo(`${person.name} (${person.id})`, `${timeText(since, zone)} ${zone}`)}`}
      </figcaption>
      {url && <iframe src={`${url}#toolbar=0&navpanes=0&view=FitH`} title={name} />}
    </figure>
  );
}
