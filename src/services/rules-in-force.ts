import type { RulesRegister } from '../catalog/rules-register.ts';
import type { RulesNamed } from '../catalog/standing-kinds.ts';
import { DomainError } from '../domain/errors.ts';

type Known = Pick<RulesRegister, 'configured' | 'authorised'>;

const same = (one: RulesNamed | undefined, other: RulesNamed): boolean =>
  one?.policySet === other.policySet && one.routes === other.routes;

export const rulesInForce = ({ configured }: Known): RulesNamed | undefined =>
  configured && { policySet: configured.policySet, routes: configured.routes.version };

/**
 * Rules and routes are changed by two administrators and not by whoever may write files: a start with others than those
 * in force, older ones included, takes only what was signed last (IEC 62443-4-2 CR 2.1 RE 4). The first start of all has
 * nothing before it. Throws `config-invalid` with what to do.
 */
export function requireSignedRules(onDisk: RulesNamed, known: Known): void {
  const inForce = rulesInForce(known);
  if (inForce === undefined || same(inForce, onDisk) || same(known.authorised, onDisk)) return;
  throw new DomainError(
    'config-invalid',
    'The rules or routes on disk are neither those in force nor signed by two administrators. Put the old files back and start, sign the new ones with "keyway policy set --policy FOLDER --routes FILE", and start with them.',
  );
}
