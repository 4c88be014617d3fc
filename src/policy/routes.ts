import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { jurisdictions } from '../domain/classification.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { GroupId, type PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Manifest } from '../domain/manifest.ts';
import { PersonRole } from '../domain/people.ts';
import { PathWord, Text } from '../domain/text.ts';
import { digestOf } from '../platform/hash.ts';

const RequiredApproval = z.strictObject({
  role: PersonRole,
  count: z.int().min(1),
  /** The sentence that an approver puts their name to. */
  meaning: Text,
});
export type RequiredApproval = z.infer<typeof RequiredApproval>;

const RouteEntry = z.strictObject({
  id: PathWord,
  when: z
    .strictObject({
      jurisdictions: z.array(z.enum(jurisdictions)).min(1).optional(),
      machineGroups: z.array(GroupId).min(1).optional(),
    })
    .refine((when) => Object.keys(when).length > 0, 'names nothing; leave `when` out for a route that fits everything')
    .optional(),
  approvals: z
    .array(RequiredApproval)
    .min(1)
    .refine((list) => new Set(list.map((a) => a.role)).size === list.length, 'names one role twice')
    .refine((list) => total(list) <= limits.approvalsPerRelease, `asks for more than ${limits.approvalsPerRelease}`),
});
type RouteEntry = z.infer<typeof RouteEntry>;
const RoutesFile = z.strictObject({ routes: z.array(RouteEntry).min(1) });

const total = (list: readonly { count: number }[]): number => list.reduce((sum, a) => sum + a.count, 0);

/** The approvals that one package needs. `version` is that of the whole file: an approval names it. */
export type Route = { id: string; version: Digest; approvals: readonly RequiredApproval[] };

export type Routes = {
  /** Digest of the exact bytes of the file. */
  version: Digest;
  /** Those bytes as text. */
  text: string;
  /** The first route that fits. There always is one. */
  routeFor(manifest: Pick<Manifest, 'classification' | 'machineGroup'>): Route;
};

/** Reads a routes file. Throws `config-invalid`, one line naming the file and the problem. */
export function loadRoutes(file: string): Routes {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refused(file, `it cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseRoutes(bytes, file);
}

/** As `loadRoutes`, for bytes that are already here; `name` is for the message. */
export function parseRoutes(bytes: Uint8Array, name: string): Routes {
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw refused(name, 'it is not UTF-8');
  if (text.length > limits.routesChars) throw refused(name, `it is longer than ${limits.routesChars} characters`);
  const entries = readEntries(text, name);
  refuseUnreachable(entries, name);
  const version = digestOf(bytes);
  return {
    version,
    text,
    routeFor(manifest) {
      const entry = entries.find((candidate) => fits(candidate, manifest));
      if (!entry) throw new DomainError('internal', 'No approval route fits this package.');
      return { id: entry.id, version, approvals: entry.approvals };
    },
  };
}

function readEntries(text: string, name: string): RouteEntry[] {
  let raw: unknown;
  try {
    raw = parse(text, { strict: true, uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    throw refused(name, (error as Error).message.split('\n')[0] ?? 'it is not YAML');
  }
  const parsed = RoutesFile.safeParse(raw);
  if (parsed.success) return parsed.data.routes;
  const issue = parsed.error.issues[0];
  throw refused(name, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`);
}

/** Where nothing fits, nothing could be released; what stands after a catch-all only looks as if it were in force. */
function refuseUnreachable(entries: readonly RouteEntry[], name: string): void {
  const ids = entries.map((entry) => entry.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw refused(name, `two routes have the id ${twice}`);
  const catchAll = entries.findIndex((entry) => entry.when === undefined);
  if (catchAll === -1) throw refused(name, 'the last route must fit everything: give it no `when`');
  const behind = entries[catchAll + 1];
  if (behind) throw refused(name, `route ${behind.id} can never be reached: the one before it fits everything`);
}

function fits(entry: RouteEntry, manifest: Pick<Manifest, 'classification' | 'machineGroup'>): boolean {
  const { jurisdictions: which, machineGroups } = entry.when ?? {};
  return (
    (which === undefined || which.includes(manifest.classification.jurisdiction)) &&
    (machineGroups === undefined || machineGroups.includes(manifest.machineGroup))
  );
}

const refused = (file: string, problem: string): DomainError =>
  new DomainError('config-invalid', `Approval routes ${file}: ${problem}.`);

/** An approval as it was signed. Its signature has been verified before it comes here. */
export type RouteVote = { person: PersonId; role: PersonRole; manifestDigest: Digest; routeVersion: Digest };

export type RouteJudgement = {
  complete: boolean;
  /** Indices of the approvals that count, in their order. */
  counted: number[];
  missing: { role: PersonRole; count: number }[];
  notCounted: { index: number; code: ErrorCode; message: string }[];
};

/**
 * Which approvals count towards a route, in the order in which they were given. The author never counts; a person
 * counts once, whatever their roles; an approval of other bytes or under another version of the routes does not count;
 * nor does one more than a role needs. An approval that does not count uses nothing up.
 */
export function judgeRoute(
  route: Route,
  manifest: Pick<Manifest, 'author'>,
  approvals: readonly RouteVote[],
  manifestDigest: Digest,
): RouteJudgement {
  const open = new Map(route.approvals.map(({ role, count }) => [role, count]));
  const people = new Set<PersonId>();
  const judgement: RouteJudgement = { complete: false, counted: [], missing: [], notCounted: [] };
  for (const [index, vote] of approvals.entries()) {
    const refusal = whyNot(vote, { route, manifest, manifestDigest, people, open });
    if (refusal) {
      judgement.notCounted.push({ index, ...refusal });
      continue;
    }
    people.add(vote.person);
    open.set(vote.role, (open.get(vote.role) ?? 0) - 1);
    judgement.counted.push(index);
  }
  judgement.missing = [...open].filter(([, count]) => count > 0).map(([role, count]) => ({ role, count }));
  judgement.complete = judgement.missing.length === 0;
  return judgement;
}

type Tally = {
  route: Route;
  manifest: Pick<Manifest, 'author'>;
  manifestDigest: Digest;
  people: ReadonlySet<PersonId>;
  open: ReadonlyMap<PersonRole, number>;
};

function whyNot(vote: RouteVote, tally: Tally): { code: ErrorCode; message: string } | undefined {
  if (vote.manifestDigest !== tally.manifestDigest)
    return { code: 'statement-mismatch', message: 'The approval is for other bytes than this package.' };
  if (vote.routeVersion !== tally.route.version)
    return { code: 'statement-mismatch', message: 'The approval was given under another version of the routes.' };
  if (vote.person === tally.manifest.author)
    return { code: 'author-may-not-approve', message: `${vote.person} is the author and may not approve.` };
  if (tally.people.has(vote.person))
    return { code: 'already-counted', message: `${vote.person} has already approved; one person counts once.` };
  const open = tally.open.get(vote.role);
  if (open === undefined)
    return { code: 'role-not-on-route', message: `The route ${tally.route.id} asks for no approval as ${vote.role}.` };
  if (open === 0)
    return { code: 'already-counted', message: `The route already has every approval as ${vote.role} that it needs.` };
  return undefined;
}
