import type { RefObject } from 'react';
import type { SeenAxes } from './objects.ts';
import styles from './toolpath.module.css';

const length = 22;

/** Which way X, Y and Z run in the picture. Turned by hand, as it follows each frame. */
export const AxesPicture = ({ picture }: { picture: RefObject<SVGSVGElement | null> }) => (
  <svg ref={picture} className={styles.axes} viewBox="-34 -34 68 68" aria-hidden="true">
    {['X', 'Y', 'Z'].map((name) => (
      <g key={name}>
        <line />
        <text>{name}</text>
      </g>
    ))}
  </svg>
);

export function turnAxes(picture: SVGSVGElement | null, axes: SeenAxes): void {
  for (const [at, group] of [...(picture?.children ?? [])].entries()) {
    const [, right = 0, down = 0] = axes[at] ?? [];
    const [line, text] = group.children;
    line?.setAttribute('x2', String(right * length));
    line?.setAttribute('y2', String(down * length));
    text?.setAttribute('x', String(right * (length + 7)));
    text?.setAttribute('y', String(down * (length + 7)));
    // An axis that runs towards whoever looks is a point, and its letter would cover the other two.
    group.setAttribute('visibility', Math.hypot(right, down) < 0.15 ? 'hidden' : 'visible');
  }
}
