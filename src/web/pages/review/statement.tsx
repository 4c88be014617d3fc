import { useEffect, useMemo, useState } from 'react';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Digest } from '../../parts/digest.tsx';
import { signWords } from '../../words/review.ts';
import styles from './sign.module.css';

/** The statement as it will be signed. What is read here is read out of the bytes and comes from nowhere else. */
export function Statement({ payload }: { payload: string }) {
  const bytes = useMemo(() => Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0)), [payload]);
  const text = useMemo(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes), [bytes]);
  const meaning = useMemo(() => meaningIn(text), [text]);
  const digest = useDigest(bytes);
  return (
    <>
      <p>{signWords.lead}</p>
      {meaning && (
        <blockquote className={styles.meaning}>
          <span className={styles.quiet}>{signWords.means}</span>
          <br />
          {meaning}
        </blockquote>
      )}
      <div>
        <h3>
          {signWords.exact} <CopyButton text={text} what={signWords.exact} />
        </h3>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard. */}
        <pre className={styles.exact} tabIndex={0}>
          {JSON.stringify(JSON.parse(text), null, 2)}
        </pre>
      </div>
      {digest && (
        <p className={styles.quiet}>
          {signWords.digest}: <Digest value={digest} />
        </p>
      )}
    </>
  );
}

function meaningIn(text: string): string | undefined {
  const { predicate } = JSON.parse(text) as { predicate?: { meaning?: unknown } };
  return typeof predicate?.meaning === 'string' ? predicate.meaning : undefined;
}

const hexOf = (hash: ArrayBuffer): string =>
  Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');

function useDigest(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  const [digest, setDigest] = useState<string>();
  useEffect(() => {
    let isCurrent = true;
    void crypto.subtle.digest('SHA-256', bytes).then((hash) => {
      if (isCurrent) setDigest(`sha256:${hexOf(hash)}`);
    });
    return () => {
      isCurrent = false;
    };
  }, [bytes]);
  return digest;
}
