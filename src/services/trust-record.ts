import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import { canonicalJson } from '../platform/hash.ts';
import type { Trust } from '../signing/trust.ts';
import { readTrustFile } from '../signing/trust-root.ts';
import { requireSuccessor, type Taking } from '../signing/trust-succession.ts';

/**
 * That the trust file goes on from the one that the ledger holds: the same, or the next version, properly signed, which
 * is then to be recorded. Throws `config-invalid` for an older one, for another of the same version and for one too far
 * ahead, saying how to go on; and whatever rule of succession it breaks.
 */
export function trustToRecord(trust: Trust, { trust: known }: Pick<Standing, 'trust'>, taking: Taking): Event[] {
  if (known?.root === trust.digest) return [];
  if (known) {
    requireNewer(trust, known);
    requireSuccessor(readTrustFile(known.file), trust.file, taking);
  }
  const file = canonicalJson(trust.file).toString('utf8');
  const { version, digest: root } = trust;
  return [makeEvent('trust.changed', { kind: 'gateway' }, { version, root, file })];
}

function requireNewer({ version }: Trust, known: NonNullable<Standing['trust']>): void {
  const inForce = `version ${known.version}, which ledger entry ${known.index} holds whole`;
  if (version < known.version)
    throw refused(`the trust file is version ${version}; in force is ${inForce}. Put that one back`);
  if (version === known.version)
    throw refused(
      `the trust file is another version ${version} than the one in force, which ledger entry ${known.index} holds whole. Put that one back, and sign what is to change as version ${version + 1}`,
    );
  if (version > known.version + 1)
    throw refused(
      `the trust file is version ${version}; in force is ${inForce}. Versions are taken in one after the other: start with version ${known.version + 1} first`,
    );
}

const refused = (why: string) => new DomainError('config-invalid', `The gateway does not start: ${why}.`);
