import type { Standing } from '../catalog/standing.ts';
import type { TrustStanding } from '../catalog/standing-kinds.ts';
import { DomainError } from '../domain/errors.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Person } from '../domain/people.ts';
import { inForce, type RootAdministrator, readTrustFile } from '../signing/trust-root.ts';

/**
 * Who asks for something, as the ledger has them: an enrolled person, or an administrator of the trust root, who is one
 * before anybody is enrolled. Undefined for anybody else.
 */
export function personKnown(standing: Standing, id: string, timeMs: number): Person | undefined {
  return standing.person(id)?.person ?? rootAdministrator(standing, id, timeMs);
}

/** As `personKnown`, but nobody whose account is suspended. Throws `unauthenticated`. */
export function personInOffice(standing: Standing, id: string, timeMs: number): Person {
  requireNotSuspended(standing, id);
  const person = personKnown(standing, id, timeMs);
  if (!person) throw new DomainError('unauthenticated', 'This person is not enrolled.');
  return person;
}

/** Throws `unauthenticated`. */
export function requireNotSuspended(standing: Standing, id: string): void {
  if (standing.accounts.suspension(id))
    throw new DomainError('unauthenticated', `The account of ${id} is suspended. Ask an administrator.`);
}

/** The trust root's administrators in office; the first sets up a gateway that nobody has signed in to. */
export function rootAdministrators(standing: Standing, timeMs: number): PersonId[] {
  const inOffice = administratorsOf(standing).filter((one) => inForce(one, timeMs));
  return [...new Set(inOffice.map(({ person }) => person))];
}

const parsed = new WeakMap<TrustStanding, readonly RootAdministrator[]>();

function administratorsOf({ rules: { trust } }: Standing): readonly RootAdministrator[] {
  if (!trust) return [];
  const known = parsed.get(trust) ?? readTrustFile(trust.file).root.administrators;
  parsed.set(trust, known);
  return known;
}

function rootAdministrator(standing: Standing, id: string, timeMs: number): Person | undefined {
  const own = administratorsOf(standing).filter((one) => one.person === id && inForce(one, timeMs));
  const [first] = own;
  if (!first) return undefined;
  const keys = own.map(({ keyId, publicKey }) => ({ assurance: 'file' as const, keyId, publicKey }));
  return { id: first.person, name: first.person, roles: ['administrator'], keys };
}
