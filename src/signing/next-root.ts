import { X509Certificate } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import type { KeyId } from '../domain/people.ts';
import { rfc3339 } from '../platform/clock.ts';
import { keyIdOf } from './keys.ts';
import type { ReleaseKey, Span, TrustRoot } from './trust-root.ts';

type Entry<K extends keyof TrustRoot> = TrustRoot[K] extends (infer T)[] ? Omit<T, 'from' | 'until'> : never;

/** What is to be different in the next version of a root. */
export type RootChange = {
  addAdministrators?: readonly Entry<'administrators'>[];
  /** By name, or by the id of one of their keys. */
  removeAdministrators?: readonly (PersonId | KeyId)[];
  threshold?: number | undefined;
  /** In place of the one that signs. */
  releaseKey?: { certificate: string; chain?: string[] };
  revokeReleaseKey?: { keyId: KeyId; at: string; reason: string };
  /** In place of the pair that signs. */
  vkeys?: string[];
  addAuthorities?: readonly Entry<'authorities'>[];
  addTimestampAuthorities?: readonly Entry<'timestampAuthorities'>[];
  /** Of either kind, by name. */
  endAuthorities?: readonly string[];
};

/**
 * `handoverMs`: how long what ends stays in force beside what comes in its place, since the gateway goes on with it
 * until enough administrators have signed and it was started again.
 */
export type RootTimes = { nowMs: number; handoverMs: number; expiresMs: number };

/** The next version, unsigned. Everything that ever was in force stays listed. Throws `not-found`, `conflict`. */
export function nextRoot(before: TrustRoot, change: RootChange, times: RootTimes): TrustRoot {
  const from = rfc3339(times.nowMs);
  const until = rfc3339(Math.max(times.nowMs, times.nowMs + times.handoverMs));
  const beginning = <T extends object>(one: T) => ({ ...one, from });
  const ending = <T extends Span>(one: T): T => ({ ...one, until: one.until && one.until < until ? one.until : until });
  const { addAuthorities = [], addTimestampAuthorities = [], releaseKey, vkeys } = change;
  const ended = new Set(change.endAuthorities ?? []);
  requireNamed(ended, [...before.authorities, ...before.timestampAuthorities]);
  const kept = <T extends Span & { name: string }>(list: readonly T[]) =>
    list.map((one) => (ended.has(one.name) ? ending(one) : one));
  return {
    ...before,
    version: before.version + 1,
    created: from,
    expires: rfc3339(times.expiresMs),
    threshold: change.threshold ?? before.threshold,
    administrators: [...remaining(before, change, ending), ...(change.addAdministrators ?? []).map(beginning)],
    releaseKeys: [
      ...releaseKeysAfter(before, change).map((key) => (releaseKey && !key.until && !key.revoked ? ending(key) : key)),
      ...(releaseKey ? [beginning(releaseKey)] : []),
    ],
    ledgerKeys: [
      ...before.ledgerKeys.map((pair) => (vkeys && !pair.until ? ending(pair) : pair)),
      ...(vkeys ? [beginning({ vkeys })] : []),
    ],
    timestampAuthorities: [...kept(before.timestampAuthorities), ...addTimestampAuthorities.map(beginning)],
    authorities: [...kept(before.authorities), ...addAuthorities.map(beginning)],
  };
}

function remaining(before: TrustRoot, change: RootChange, ending: <T extends Span>(one: T) => T) {
  const leaving = change.removeAdministrators ?? [];
  const names = ({ person, keyId }: TrustRoot['administrators'][number]) => [person, keyId];
  const unknown = leaving.find((name) => !before.administrators.some((one) => names(one).includes(name)));
  if (unknown !== undefined) throw new DomainError('not-found', `The trust root names no administrator ${unknown}.`);
  return before.administrators.map((one) => (names(one).some((name) => leaving.includes(name)) ? ending(one) : one));
}

function releaseKeysAfter(before: TrustRoot, { revokeReleaseKey: revoke }: RootChange): ReleaseKey[] {
  if (!revoke) return before.releaseKeys;
  const { keyId, at, reason } = revoke;
  const known = before.releaseKeys.find((key) => releaseKeyId(key) === keyId);
  if (!known) throw new DomainError('not-found', `The trust root names no release key ${keyId}.`);
  if (known.revoked && known.revoked.at <= at)
    throw new DomainError('conflict', `This release key is revoked already, from ${known.revoked.at} on.`);
  return before.releaseKeys.map((key) => (key === known ? { ...key, revoked: { at, reason } } : key));
}

export const releaseKeyId = ({ certificate }: Pick<ReleaseKey, 'certificate'>): KeyId =>
  keyIdOf(new X509Certificate(certificate).publicKey);

function requireNamed(names: ReadonlySet<string>, list: readonly { name: string }[]): void {
  for (const name of names)
    if (!list.some((one) => one.name === name))
      throw new DomainError('not-found', `The trust root names no authority "${name}".`);
}
