import type { Standing } from '../catalog/standing.ts';
import type { TrustStanding } from '../catalog/standing-kinds.ts';
import { dutiesConflict } from '../domain/duties.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import { canonicalJson } from '../platform/hash.ts';
import type { Trust } from '../signing/trust.ts';
import { readTrustFile } from '../signing/trust-root.ts';
import { requireSuccessor, type Taking } from '../signing/trust-succession.ts';

type Known = Pick<Standing, 'register'> & { rules: Pick<Standing['rules'], 'trust'> };

/**
 * That the trust file goes on from the one that the ledger holds: the same, or the next version, properly signed, which
 * is then to be recorded. Throws `config-invalid` for an older one, for another of the same version and for one too far
 * ahead, saying how to go on; and whatever rule of succession it breaks.
 */
export function trustToRecord(trust: Trust, standing: Known, taking: Taking): Event[] {
  const { trust: known } = standing.rules;
  if (known?.root === trust.digest) return [];
  if (known) requireNext(trust, known, taking);
  requireDutiesApart(trust, standing, taking.timeMs);
  const file = canonicalJson(trust.file).toString('utf8');
  const { version, digest: root } = trust;
  return [makeEvent('trust.changed', { kind: 'gateway' }, { version, root, file })];
}

function requireNext(trust: Trust, known: TrustStanding, taking: Taking): void {
  const { version } = trust;
  const whole = `which ledger entry ${known.index} holds whole`;
  if (version < known.version)
    throw refused(
      `the trust file is version ${version}; in force is version ${known.version}, ${whole}. Put that one back.`,
    );
  if (version === known.version)
    throw refused(
      `the trust file is another version ${version} than the one in force, ${whole}. Put that one back, and sign what is to change as version ${version + 1}.`,
    );
  if (version > known.version + 1)
    throw refused(
      `the trust file is version ${version}; in force is version ${known.version}. Versions are taken in one after the other: start with version ${known.version + 1} first.`,
    );
  try {
    requireSuccessor(readTrustFile(known.file), trust.file, taking);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const goOn = `Version ${known.version} is in force, ${whole}: put that one back to go on.`;
    throw new DomainError(error.code, `${error.message} ${goOn}`, { cause: error });
  }
}

/** Whoever comes into office by the root may hold no duty that an administrator may not. */
function requireDutiesApart(trust: Trust, { register }: Known, timeMs: number): void {
  for (const { person } of trust.administratorsAt(timeMs)) {
    const roles = register.accountsOf(person).flatMap((account) => account.roles);
    const conflict = dutiesConflict([...roles, 'administrator']);
    if (conflict)
      throw new DomainError('duties-conflict', `The trust root names ${person} as administrator. ${conflict}`);
  }
}

const refused = (why: string) => new DomainError('config-invalid', `The gateway does not start: ${why}`);
