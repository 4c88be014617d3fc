import type { Act } from '../../../edges/http/contract/package-page.ts';

export type Allowed = Extract<Act, { allowed: true }>;

/** In which ways somebody may do it now; where in none, why. */
export function choicesOf(acts: readonly Act[], name: Act['act']): { choices: Allowed[]; why: string | undefined } {
  const own = acts.filter(({ act }) => act === name);
  const why = own.flatMap((act) => (act.allowed ? [] : [act.why]));
  return { choices: own.filter((act) => act.allowed), why: [...new Set(why)].join(' ') || undefined };
}
