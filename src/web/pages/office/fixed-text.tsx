import styles from './office.module.css';

/** Text as it stands in a file, in a frame that scrolls. */
export function FixedText({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard.
    <pre className={styles.json} tabIndex={0}>
      {children}
    </pre>
  );
}
