import { type ReactNode, useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useSession } from '../queries/session.ts';
import { frameWords } from '../words/frame.ts';
import { useClassified } from './banner-store.ts';
import styles from './parts.module.css';
import { paperTime, usePlantZone } from './time.tsx';

type PageParts = {
  title: string;
  /** Banners of all that the page shows; none where it shows no technical data. */
  classified?: readonly string[];
  /** Beside the title: states, and at the right end what can be done. */
  acts?: ReactNode;
  children: ReactNode;
};

/** One page: its title in the tab too, its classification in the frame, and on paper who printed it and when. */
export function Page({ title, classified = [], acts, children }: PageParts) {
  useClassified(classified);
  useEffect(() => {
    document.title = `${title} · ${frameWords.product}`;
    // A locked screen names no part, not even in its tab.
    return () => {
      document.title = frameWords.product;
    };
  }, [title]);
  return (
    <main id="page" className={styles.page} tabIndex={-1}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {acts && <div className={styles.acts}>{acts}</div>}
      </header>
      {children}
      <PrintStamp />
    </main>
  );
}

/** On paper stands when it was printed, however long the page was open before. */
function PrintStamp() {
  const [printedAt, setPrintedAt] = useState(() => new Date());
  useEffect(() => {
    const note = (): void => flushSync(() => setPrintedAt(new Date()));
    window.addEventListener('beforeprint', note);
    return () => window.removeEventListener('beforeprint', note);
  }, []);
  const person = useSession().data?.person;
  const zone = usePlantZone();
  if (!person) return null;
  const now = paperTime(printedAt, zone);
  return (
    <p className={styles.stamp}>
      {frameWords.uncontrolled} · {frameWords.printed(`${person.name} (${person.id})`, `${now} ${zone}`)}
    </p>
  );
}
