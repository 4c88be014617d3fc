import type { Digest } from '../domain/digest.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { FirstArticleDecision } from '../domain/first-article.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Assurance, PersonRole } from '../domain/people.ts';
import type { RequiredApproval, Route } from './routes.ts';

/** An approval as it was signed. Its signature has been verified before it comes here. */
export type RouteVote = {
  person: PersonId;
  role: PersonRole;
  manifestDigest: Digest;
  routeVersion: Digest;
  /** How the key is held that signed it. */
  assurance: Assurance;
  /** Why it counts no more, where its key was revoked since. */
  fallen?: string | undefined;
  /** What quality decided about the first article with it. */
  firstArticle?: FirstArticleDecision | undefined;
};

export type RouteSubject = {
  author: PersonId;
  manifestDigest: Digest;
  /** The human being behind an id: whatever accounts they hold, they are one. */
  human(id: PersonId): PersonId;
  /** Present where quality has to decide about the first article: an approval as quality then says so, knowing this draft. */
  firstArticle?: { draft: Digest | undefined } | undefined;
};

export type Missing = { step: number; role: PersonRole; count: number };
export type RouteJudgement = {
  complete: boolean;
  /** Indices of the approvals that count, in their order. */
  counted: number[];
  missing: Missing[];
  notCounted: { index: number; code: ErrorCode; message: string }[];
};

/**
 * Which approvals count towards a route, in the order in which they were given. The author never counts; a human being
 * counts once, whatever their roles and accounts; an approval of other bytes, under another version of the routes, with
 * a key that was revoked since or that is held too loosely does not count; nor does one of a step that was not open yet,
 * or one more than a role needs. An approval that does not count uses nothing up.
 */
export function judgeRoute(route: Route, subject: RouteSubject, votes: readonly RouteVote[]): RouteJudgement {
  const tally: Tally = { route, subject, people: new Set(), open: route.approvals.map((line) => ({ ...line })) };
  const counted: number[] = [];
  const notCounted: RouteJudgement['notCounted'] = [];
  for (const [index, vote] of votes.entries()) {
    const refusal = whyNot(vote, tally);
    if (refusal) {
      notCounted.push({ index, ...refusal });
      continue;
    }
    tally.people.add(subject.human(vote.person));
    const line = openLine(vote, tally);
    if (line) line.count--;
    counted.push(index);
  }
  const missing = tally.open.flatMap(({ step, role, count }) => (count > 0 ? [{ step, role, count }] : []));
  return { complete: missing.length === 0, counted, missing, notCounted };
}

/** `open` counts down what each line of the route still needs. */
type Tally = { route: Route; subject: RouteSubject; people: Set<PersonId>; open: RequiredApproval[] };

const currentStep = ({ open }: Tally): number | undefined => open.find(({ count }) => count > 0)?.step;
const openLine = ({ role }: RouteVote, tally: Tally): RequiredApproval | undefined =>
  tally.open.find((line) => line.role === role && line.count > 0 && line.step === currentStep(tally));

function whyNot(vote: RouteVote, tally: Tally): { code: ErrorCode; message: string } | undefined {
  const { route, subject } = tally;
  if (vote.fallen !== undefined) return { code: 'key-revoked', message: vote.fallen };
  if (vote.manifestDigest !== subject.manifestDigest)
    return { code: 'statement-mismatch', message: 'The approval is for other bytes than this package.' };
  if (vote.routeVersion !== route.version)
    return { code: 'statement-mismatch', message: 'The approval was given under another version of the routes.' };
  if (subject.human(vote.person) === subject.human(subject.author))
    return { code: 'author-may-not-approve', message: `${vote.person} is the author and may not approve.` };
  if (tally.people.has(subject.human(vote.person)))
    return { code: 'already-counted', message: `${vote.person} has already approved; one person counts once.` };
  return whyNoLine(vote, tally) ?? whyUndecided(vote, subject);
}

/** The software never decides that no first article is needed: whoever approves as quality says what is. */
function whyUndecided(
  vote: RouteVote,
  { firstArticle }: RouteSubject,
): { code: ErrorCode; message: string } | undefined {
  if (vote.role !== 'quality')
    return (
      vote.firstArticle && { code: 'statement-mismatch', message: 'Only quality decides about the first article.' }
    );
  if (!firstArticle) return undefined;
  if (!vote.firstArticle)
    return {
      code: 'first-article-undecided',
      message: 'The program of a release changes: an approval as quality says which first article is needed, and why.',
    };
  if (vote.firstArticle.draft === firstArticle.draft) return undefined;
  return {
    code: 'first-article-undecided',
    message: 'The decision about the first article was made on another draft than the one of this package.',
  };
}

function whyNoLine(vote: RouteVote, tally: Tally): { code: ErrorCode; message: string } | undefined {
  const lines = tally.open.filter(({ role }) => role === vote.role);
  const line = openLine(vote, tally);
  if (lines.length === 0)
    return { code: 'role-not-on-route', message: `The route ${tally.route.id} asks for no approval as ${vote.role}.` };
  if (line && !line.assurance.includes(vote.assurance))
    return {
      code: 'assurance-too-low',
      message: `As ${vote.role} the route asks for a signature by ${line.assurance.join(' or ')}, not by ${vote.assurance}.`,
    };
  if (line) return undefined;
  if (lines.every(({ count }) => count === 0))
    return { code: 'already-counted', message: `The route already has every approval as ${vote.role} that it needs.` };
  const first = tally.open.filter(({ count, step }) => count > 0 && step === currentStep(tally));
  return {
    code: 'out-of-order',
    message: `The route asks first for approval as ${first.map(({ role }) => role).join(' and ')}.`,
  };
}
