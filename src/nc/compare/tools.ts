import type { Difference, ToolSection } from '../../domain/nc-difference.ts';
import type { Descriptions } from './tool-sections.ts';

type Described = { descriptions: Descriptions };

/** Tools that came and went, whose description changed, and the order in which they cut. */
export function compareTools(
  [before, after]: readonly [Described, Described],
  sections: readonly ToolSection[],
): Omit<Difference['tools'], 'sections'> {
  const order = (side: 'before' | 'after') =>
    sections
      .filter((section) => section[side] !== undefined)
      .sort((a, b) => (a[side]?.from ?? 0) - (b[side]?.from ?? 0));
  // A section whose tool was exchanged carries the newer tool: the older order names the older one.
  const orderAfter = order('after').map(({ tool }) => tool);
  const orderBefore = order('before').map(({ tool, toolBefore }) => toolBefore ?? tool);
  return {
    added: distinct(orderAfter.filter((tool) => !orderBefore.includes(tool))),
    removed: distinct(orderBefore.filter((tool) => !orderAfter.includes(tool))),
    described: describedAnew(before.descriptions, after.descriptions),
    reordered: sections.some(({ moved }) => moved),
    orderBefore,
    orderAfter,
  };
}

const distinct = (tools: readonly string[]): string[] => [...new Set(tools)];

function describedAnew(before: Descriptions, after: Descriptions): Difference['tools']['described'] {
  return [...after]
    .filter(([tool, description]) => before.has(tool) && before.get(tool) !== description)
    .map(([tool, description]) => ({ tool, before: before.get(tool) as string, after: description }));
}
