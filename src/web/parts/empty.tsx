import type { ReactNode } from 'react';
import styles from './parts.module.css';

/** Nothing is there: says what that means, and what to do first. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={styles.empty}>
      <h2>{title}</h2>
      {children && <div className={styles.quiet}>{children}</div>}
    </section>
  );
}
