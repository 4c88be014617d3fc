import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage } from '../catalog/standing-kinds.ts';
import type { Digest } from '../domain/digest.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import { type Assurance, assurances, type Person, type PersonRole } from '../domain/people.ts';
import type { ContextFacts } from '../policy/facts.ts';
import type { RouteVote } from '../policy/judge-route.ts';
import type { RequiredApproval, Routes } from '../policy/routes.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import { type PackageRoute, routeOf } from './package-route.ts';
import type { Asker } from './principals.ts';

export type ApproverParts = { standing: Standing; authority: Authority; routes: Routes };
export type WhyNot = { code: ErrorCode; why: string };
export type ActOfPackage =
  | { act: ActName; allowed: true; role?: PersonRole; meaning?: string; decidesFirstArticle?: boolean }
  | ({ act: ActName; allowed: false; role?: PersonRole } & WhyNot);
type ActName = 'approve' | 'refuse' | 'withdraw' | 'download' | 'compare';

/**
 * Approving and refusing an open package as the asker could do it now, a row for each of their roles that is on its route. It
 * foretells what the review would say of their signature and decides nothing.
 */
export function approvalActs(
  asker: Asker,
  waiting: OpenPackage,
  parts: ApproverParts,
  { route, change } = routeOf(waiting, parts),
): ActOfPackage[] {
  const person = asker.principal.kind === 'person' ? parts.standing.person(asker.principal.id)?.person : undefined;
  if (!person) return bothOff({ code: 'forbidden', why: 'Only a person signs, with a key of their own.' });
  if (asker.limitedTo)
    return bothOff({ code: 'assurance-too-low', why: 'A service key approves nothing: sign in yourself.' });
  const lines = route.approvals.filter(({ role }) => person.roles.includes(role));
  if (lines.length === 0) {
    const asked = [...new Set(route.approvals.map(({ role }) => role))].join(', ');
    return bothOff({ code: 'role-not-on-route', why: `This package needs ${asked}; you hold none of these roles.` });
  }
  return lines.flatMap((line): ActOfPackage[] => {
    const { role, meaning } = line;
    const decides = change === 'program' && role === 'quality';
    const refuse = whyNotInRole(asker.context, person, role, waiting, parts);
    const approve = refuse ?? whyNoVote(person, line, { waiting, version: route.version, decides }, parts);
    return [
      approve
        ? { act: 'approve', allowed: false, role, ...approve }
        : { act: 'approve', allowed: true, role, meaning, decidesFirstArticle: decides },
      refuse ? { act: 'refuse', allowed: false, role, ...refuse } : { act: 'refuse', allowed: true, role },
    ];
  });
}

const bothOff = (why: WhyNot): ActOfPackage[] =>
  (['approve', 'refuse'] as const).map((act) => ({ act, allowed: false, ...why }));

/** The signature under an approval is a factor of its own, however the request came. */
function whyNotInRole(
  context: ContextFacts,
  { id }: Person,
  role: PersonRole,
  { packageId, manifest }: OpenPackage,
  { standing, authority }: ApproverParts,
): WhyNot | undefined {
  if (standing.register.human(id) === standing.register.human(manifest.author))
    return { code: 'author-may-not-approve', why: 'You are the author of this package and may not approve it.' };
  const as = asPerson(id, { ...context, mfa: true, role });
  const { verdict, reasons } = authority.decide('approve-as', as, packageFacts(packageId, manifest));
  return verdict === 'permit' ? undefined : { code: 'policy-denied', why: reasons.join(' ') };
}

function whyNoVote(
  { id, keys }: Person,
  { role, assurance }: RequiredApproval,
  { waiting, version, decides }: { waiting: OpenPackage; version: Digest; decides: boolean },
  parts: ApproverParts,
): WhyNot | undefined {
  const held = keys.map((key) => key.assurance).filter((one): one is Assurance => assurances.some((a) => a === one));
  const { manifestDigest, firstArticle, approvals } = waiting;
  const draft = firstArticle?.difference.digest;
  const vote: RouteVote = {
    ...{ person: id, role, manifestDigest, routeVersion: version },
    assurance: held.find((one) => assurance.includes(one)) ?? held[0] ?? 'file',
    ...(decides ? { firstArticle: { needed: 'full', reason: 'To be said.', ...(draft ? { draft } : {}) } } : {}),
  };
  const { judged } = routeOf(waiting, parts, [vote]);
  const why = judged.notCounted.find(({ index }) => index === approvals.length);
  return why && { code: why.code, why: why.message };
}

export type MissingApproval = { step: number; role: PersonRole; count: number; open: boolean; people: PersonId[] };

/**
 * What the route still asks for, and who could give it: people of the role whom policy lets see the package, neither its author
 * nor anyone whose approval counts already.
 */
export function missingApprovals(
  waiting: OpenPackage,
  { judged }: PackageRoute,
  parts: ApproverParts,
): MissingApproval[] {
  const { register } = parts.standing;
  const counted = new Set(
    judged.counted.map((at) => register.human(waiting.approvals[at]?.person ?? ('' as PersonId))),
  );
  const step = Math.min(...judged.missing.map((line) => line.step));
  const people = [...parts.standing.people()].map(({ person }) => person);
  const context: ContextFacts = { channel: 'https', encrypted: true };
  return judged.missing.map((line) => ({
    ...line,
    open: line.step === step,
    people: people
      .filter(({ id, roles }) => roles.includes(line.role) && !counted.has(register.human(id)))
      .filter((person) => whyNotInRole(context, person, line.role, waiting, parts) === undefined)
      .map(({ id }) => id),
  }));
}

/** The roles in which the asker could approve it now. */
export const rolesToApprove = (
  asker: Asker,
  waiting: OpenPackage,
  parts: ApproverParts,
  route: PackageRoute,
): PersonRole[] =>
  approvalActs(asker, waiting, parts, route).flatMap(({ act, allowed, role }) =>
    act === 'approve' && allowed && role ? [role] : [],
  );
