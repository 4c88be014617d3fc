import type { ProgramDetails, ProgramFacts } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';

/** The facts of a package with their lists cut until they fit into `bytes` of an event together. */
export function fitting(all: readonly ProgramFacts[], bytes: number): ProgramFacts[] {
  for (const most of [limits.factsPerProgram, 100, 40, 15, 5]) {
    const cut = all.map((facts) => shortened(facts, most));
    if (JSON.stringify(cut).length <= bytes) return cut;
  }
  return all.map(({ details: _details, ...facts }) => ({
    ...facts,
    tools: facts.tools.slice(0, 5),
    calls: facts.calls.slice(0, 5),
  }));
}

function shortened(facts: ProgramFacts, most: number): ProgramFacts {
  const { details } = facts;
  if (!details) return facts;
  let cut = details.cut;
  const kept = Object.fromEntries(
    Object.entries(details).map(([key, value]) => {
      if (!Array.isArray(value) || value.length <= most) return [key, value];
      cut = true;
      return [key, value.slice(0, most)];
    }),
  ) as ProgramDetails;
  const { estimate } = kept;
  if (!estimate || estimate.tools.length <= most) return { ...facts, details: { ...kept, cut } };
  const shorter = { ...estimate, tools: estimate.tools.slice(0, most) };
  return { ...facts, details: { ...kept, estimate: shorter, cut: true } };
}
