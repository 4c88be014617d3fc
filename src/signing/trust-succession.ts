import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { canonicalJson } from '../platform/hash.ts';
import type { Span, TrustFile, TrustRoot } from './trust-root.ts';
import { requireThreshold, trustSigners } from './trust-signatures.ts';

/** When a version is taken in, and when the last entry of the ledger was written, where there is one. */
export type Taking = { timeMs: number; lastEntryMs: number | undefined };

/**
 * Checks that `next` may follow `before`: signed by a threshold of both their administrators, one version later, for the
 * same ledger, and keeping every key that was ever trusted, whose time may end and is never lengthened, moved or given
 * back. What it ends must still have been in force for all that the ledger holds. Throws which rule it breaks.
 */
export function requireSuccessor(before: TrustFile, next: TrustFile, taking: Taking): void {
  const [old, young] = [before.root, next.root];
  if (young.version !== old.version + 1) throw notNext(`it is version ${young.version} and follows ${old.version}`);
  if (young.origin !== old.origin) throw notNext(`it is for ${young.origin}, not for ${old.origin}`);
  if (young.created < old.created) throw notNext('it was made before the version that it follows');
  if (Date.parse(young.created) > taking.timeMs + limits.changeClockMs)
    throw notNext('it was made in the time to come');
  requireThreshold(next);
  requireOldThreshold(old, next, taking.timeMs);
  for (const list of lists) requireKept(list, before.root, next.root, taking);
  for (const { certificate, revoked } of old.releaseKeys) {
    const now = young.releaseKeys.find((key) => key.certificate === certificate)?.revoked;
    if (revoked && (!now || now.at > revoked.at)) throw notNext('it takes back that a release key is revoked');
  }
}

/** In office when it was made and when it is taken in: whoever was put out of it cannot date a version back. */
function requireOldThreshold(old: TrustRoot, next: TrustFile, timeMs: number): void {
  const made = trustSigners(next, old, Date.parse(next.root.created));
  const signed = [...trustSigners(next, old, timeMs)].filter((person) => made.has(person)).length;
  if (signed >= old.threshold) return;
  throw new DomainError(
    'signatures-missing',
    `Version ${next.root.version} of the trust root is signed by ${signed} of the ${old.threshold} administrators of version ${old.version} that it needs.`,
  );
}

const lists = ['administrators', 'releaseKeys', 'ledgerKeys', 'timestampAuthorities', 'authorities'] as const;
type List = (typeof lists)[number];
const called: Record<List, string> = {
  administrators: 'an administrator',
  releaseKeys: 'a release key',
  ledgerKeys: 'a pair of ledger keys',
  timestampAuthorities: 'a timestamp authority',
  authorities: 'an authority',
};

function requireKept(list: List, old: TrustRoot, young: TrustRoot, { lastEntryMs }: Taking): void {
  const now = new Map<string, Span>(young[list].map((one) => [lasting(one), one]));
  for (const one of old[list]) {
    const kept = now.get(lasting(one));
    now.delete(lasting(one));
    if (!kept) throw notNext(`it forgets ${called[list]}, or says something else about it`);
    if (one.until !== undefined && (kept.until === undefined || kept.until > one.until))
      throw notNext(`it lengthens the time of ${called[list]}`);
    const ends = kept.until === one.until ? undefined : kept.until;
    if (ends !== undefined && lastEntryMs !== undefined && Date.parse(ends) <= lastEntryMs)
      throw notNext(
        `it ends ${called[list]} on ${ends}, and the ledger has entries from after that (the last of ${new Date(lastEntryMs).toISOString()}); make it again with a later end`,
      );
  }
  for (const { from } of now.values())
    if (from < young.created) throw notNext(`it lets ${called[list]} begin before it was made`);
}

/** All that is said of a key but its end, and of an authority what it is for. */
const lasting = (one: TrustRoot[List][number]): string =>
  canonicalJson({ ...one, until: undefined, revoked: undefined, for: undefined }).toString('utf8');

const notNext = (why: string) => new DomainError('conflict', `Not the next version of the trust root: ${why}.`);
