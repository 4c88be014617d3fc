import { type ReactNode, useId } from 'react';
import { useSession } from '../queries/session.ts';
import styles from './parts.module.css';
import { timeText, usePlantZone } from './time.tsx';

/** Technical data carry who looks at them, and when, so that a photograph of a screen leads to somebody. */
export function Watermarked({ children, className }: { children: ReactNode; className?: string | undefined }) {
  const id = useId();
  const person = useSession().data?.person;
  const zone = usePlantZone();
  const text = person ? `${person.id} · ${timeText(new Date().toISOString(), zone)}` : '';
  return (
    <div className={[styles.marked, className].filter(Boolean).join(' ')}>
      {children}
      <svg className={styles.watermark} aria-hidden="true">
        <defs>
          <pattern id={id} width="260" height="150" patternUnits="userSpaceOnUse" patternTransform="rotate(-24)">
            <text x="10" y="60">
              {text}
            </text>
          </pattern>
        </defs>
        <rect width="100%" height="100%" fill={`url(#${id})`} />
      </svg>
    </div>
  );
}
