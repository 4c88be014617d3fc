import { partWords } from '../words/parts.ts';
import { CopyButton } from './copy-button.tsx';
import styles from './parts.module.css';

/** `sha256:ab12…9f`, whole when it is copied or pointed at. */
export function Digest({ value }: { value: string }) {
  return (
    <span className={styles.digest}>
      <code title={value}>{shortDigest(value)}</code>
      <CopyButton text={value} what={partWords.digest} />
    </span>
  );
}

export function shortDigest(value: string): string {
  const [algorithm = '', hex = ''] = value.split(':');
  return hex.length <= 8 ? value : `${algorithm}:${hex.slice(0, 4)}…${hex.slice(-2)}`;
}
