import type { Digest } from '../domain/digest.ts';
import type { FirstArticleDraft } from '../domain/first-article.ts';
import type { ChangeSize } from '../domain/manifest.ts';
import { assurances, type PersonRole } from '../domain/people.ts';
import type { Route } from './routes.ts';

/** What somebody puts their name to who is on the route only because inspection holds a finding for them. */
const meaning = 'I have looked at the findings that inspection holds for my role, and they may stand.';

/**
 * The route with every role on it for which inspection holds findings. Where the route asks for that role anyway, its
 * approval is the acknowledgement; where it does not, one more stands in its last step.
 */
export function withHolds(route: Route, holds: readonly PersonRole[]): Route {
  const asked = new Set(route.approvals.map(({ role }) => role));
  const step = Math.max(0, ...route.approvals.map((approval) => approval.step));
  const more = holds
    .filter((role) => !asked.has(role))
    .map((role) => ({ role, count: 1, assurance: [...assurances], meaning, step }));
  return more.length === 0 ? route : { ...route, approvals: [...route.approvals, ...more] };
}

/** What inspection and the release in force add to a route. */
export type RouteAdditions = {
  holds?: readonly PersonRole[] | undefined;
  firstArticle?: FirstArticleDraft | undefined;
};

/**
 * The route with all that this package asks for beyond it. Where it changes what a control executes of a release in
 * force, quality is on it and decides about the first article (AS9102), with or without a draft.
 */
export function withAdditions(
  route: Route,
  change: ChangeSize,
  { holds = [], firstArticle }: RouteAdditions,
): { route: Route; firstArticle: { draft: Digest | undefined } | undefined } {
  if (change !== 'program') return { route: withHolds(route, holds), firstArticle: undefined };
  return {
    route: withHolds(route, [...new Set<PersonRole>([...holds, 'quality'])]),
    firstArticle: { draft: firstArticle?.difference.digest },
  };
}
