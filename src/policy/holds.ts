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
