import { limits } from '../domain/limits.ts';

/** `last`: of the rows that were looked at, where there may be more. */
export type VisiblePage<Row, Shown> = { shown: Shown[]; last: Row | undefined };

/**
 * Rows that the asker may see, as many as fit one page, out of a list that holds others as well. So many rows are looked at
 * and no more: whoever may see few of them goes on behind the last, and nobody's question takes for ever.
 */
export function visiblePage<Row, Shown>(
  next: (after: Row | undefined, rows: number) => Row[],
  show: (row: Row) => Shown | undefined,
  rows: number,
): VisiblePage<Row, Shown> {
  const shown: Shown[] = [];
  let last: Row | undefined;
  for (let looked = 0; looked < limits.listRowsLookedAt; ) {
    const some = next(last, rows);
    for (const row of some) {
      last = row;
      const view = show(row);
      if (view !== undefined) shown.push(view);
      if (shown.length === rows) return { shown, last };
    }
    if (some.length < rows) return { shown, last: undefined };
    looked += some.length;
  }
  return { shown, last };
}
