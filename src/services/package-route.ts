import type { Standing } from '../catalog/standing.ts';
import type { ApprovalStanding } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import type { PersonId } from '../domain/ids.ts';
import { type ChangeSize, changeSize, type Manifest } from '../domain/manifest.ts';
import type { PersonRole } from '../domain/people.ts';
import { withHolds } from '../policy/holds.ts';
import { judgeRoute, type RouteJudgement, type RouteVote } from '../policy/judge-route.ts';
import type { Route, Routes } from '../policy/routes.ts';

export type PackageRoute = { route: Route; change: ChangeSize; judged: RouteJudgement };

/** The route of a package as of now, and what its approvals, with `offered` after them, amount to. */
export function routeOf(
  subject: {
    manifest: Manifest;
    manifestDigest: Digest;
    holds: readonly PersonRole[];
    approvals: readonly ApprovalStanding[];
  },
  { standing, routes }: { standing: Standing; routes: Routes },
  offered: readonly RouteVote[] = [],
): PackageRoute {
  const { manifest, manifestDigest, holds, approvals } = subject;
  const change = changeSize(manifest, standing.releaseOfJob(manifest)?.manifest);
  const route = withHolds(routes.routeFor(manifest, change), holds);
  const about = { author: manifest.author, manifestDigest, human: (id: PersonId) => standing.register.human(id) };
  return { route, change, judged: judgeRoute(route, about, [...approvals, ...offered]) };
}
