import { useState } from 'react';
import type { PackagePage } from '../../../edges/http/contract/package-page.ts';
import { Digest } from '../../parts/digest.tsx';
import { Pdf } from '../../parts/pdf.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Watermarked } from '../../parts/watermark.tsx';
import { useFileBytes } from '../../queries/packages.ts';
import { packageWords } from '../../words/review.ts';
import styles from './review.module.css';

type File = PackagePage['manifest']['files'][number];

const isPaper = ({ role }: File): boolean => role !== 'main-program' && role !== 'subprogram' && role !== 'to-control';

/** Every file by digest; papers are read here, beside the program. */
export function Files({ data }: { data: PackagePage }) {
  const { files } = data.manifest;
  const roleOf = ({ name, role, made }: File) =>
    packageWords.role(role, made?.as, data.forms.find((form) => form.name === name)?.changes ?? []);
  const [shown, setShown] = useState(files.find(isPaper)?.name);
  return (
    <section className={styles.panel}>
      <h2>{packageWords.files}</h2>
      <ul className={styles.files}>
        {files.map((file) => (
          <li key={file.name} data-shown={file.name === shown}>
            {isPaper(file) ? (
              <button type="button" aria-pressed={file.name === shown} onClick={() => setShown(file.name)}>
                {file.name}
              </button>
            ) : (
              <span>{file.name}</span>
            )}
            <span className={styles.quiet}>{roleOf(file)}</span>
            <Digest value={file.digest} />
          </li>
        ))}
      </ul>
      {shown && <Paper key={shown} id={data.packageId} name={shown} banner={data.banner} />}
    </section>
  );
}

const pdfMark = '%PDF-';

function Paper({ id, name, banner }: { id: string; name: string; banner: string }) {
  const { data, error } = useFileBytes(id, name);
  const isPdf = data !== undefined && new TextDecoder('latin1').decode(data.slice(0, pdfMark.length)) === pdfMark;
  if (error) return <ProblemCard error={error} />;
  if (!data) return <p className={styles.quiet}>{packageWords.loading}</p>;
  return (
    <Watermarked>
      {isPdf ? (
        <Pdf bytes={data} name={name} banner={banner} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard.
        <pre className={styles.paper} tabIndex={0}>
          {new TextDecoder().decode(data)}
        </pre>
      )}
    </Watermarked>
  );
}
