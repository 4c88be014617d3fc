import { Time } from '../parts/time.tsx';
import { useConnection } from '../queries/events.ts';
import { frameWords } from '../words/frame.ts';
import styles from './frame.module.css';

export function ConnectionNotice() {
  const { state, since } = useConnection();
  return (
    <div role="status">
      {state === 'lost' && (
        <p className={styles.lost}>
          {frameWords.lost} {frameWords.lostSince} <Time at={new Date(since).toISOString()} seconds />.
        </p>
      )}
    </div>
  );
}
