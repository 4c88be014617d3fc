import { useMemo } from 'react';
import { toolpathWords } from '../../words/toolpath.ts';
import { segmentKind, type Toolpath } from './pack.ts';
import styles from './toolpath.module.css';

/** Over a picture in which there is nothing: why, and what to do. */
export function WhyEmpty({ path }: { path: Toolpath | undefined }) {
  const unknown = useMemo(() => (path && !path.bounds && path.segments > 0 ? unknownAxes(path) : undefined), [path]);
  return unknown && <p className={styles.empty}>{toolpathWords.empty(unknown)}</p>;
}

/** The axes that no move has a known place of; undefined where nothing moves. */
function unknownAxes({ points, kind, segments }: Toolpath): string[] | undefined {
  const unknown = new Set([0, 1, 2]);
  let moves = false;
  for (let at = 0; at < segments && unknown.size > 0; at++) {
    if ((kind[at] ?? 0) > segmentKind.counterClockwise) continue;
    moves = true;
    for (const axis of unknown) if (!Number.isNaN(points[3 * (at + 1) + axis])) unknown.delete(axis);
  }
  return moves ? ['X', 'Y', 'Z'].filter((_, axis) => unknown.has(axis)) : undefined;
}
