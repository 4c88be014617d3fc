import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import styles from './row-list.module.css';

export type Column<Row> = {
  head: string;
  /** A track of a CSS grid, such as `12rem` or `minmax(8rem, 1fr)`. */
  width: string;
  /** Left out where there is little room. */
  isMore?: true;
  cell(row: Row): ReactNode;
};

type RowListParts<Row> = {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  idOf(row: Row): string;
  /** Asked for when the last row comes into view. */
  more?: (() => void) | undefined;
};

/** As tall as the style sheet has it. */
const rowRem = 2.5;
const rowPixels = (): number => rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const ahead = 12;

/** A table of any length: only the rows in view are in the document. Links of a row stand in its cells. */
export function RowList<Row>({ label, rows, columns: all, idOf, more }: RowListParts<Row>) {
  const isNarrow = useMediaQuery('(max-width: 75rem)', false, { getInitialValueInEffect: false });
  const columns = isNarrow ? all.filter(({ isMore }) => !isMore) : all;
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(body.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: rowPixels,
    overscan: ahead,
    scrollMargin: top,
    getItemKey: (index) => idOf(rows[index] as Row),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 1) more?.();
  }, [last, rows.length, more]);
  const tracks = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a table element cannot be placed one by one.
    <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className={styles.table}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: a row is not focused, what is in its cells is. */}
      <div role="row" aria-rowindex={1} className={styles.head} style={tracks}>
        {columns.map(({ head }) => (
          // biome-ignore lint/a11y/useSemanticElements: as above.
          // biome-ignore lint/a11y/useFocusableInteractive: as above.
          <span role="columnheader" key={head}>
            {head}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      <div role="rowgroup" ref={body} className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => (
          // biome-ignore lint/a11y/useSemanticElements: as above.
          // biome-ignore lint/a11y/useFocusableInteractive: as above.
          <div
            role="row"
            aria-rowindex={index + 2}
            key={key}
            className={styles.row}
            style={{ ...tracks, transform: `translateY(${start - top}px)` }}
          >
            {columns.map(({ head, cell }) => (
              // biome-ignore lint/a11y/useSemanticElements: as above.
              <span role="cell" key={head} className={styles.cell}>
                {cell(rows[index] as Row)}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
