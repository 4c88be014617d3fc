import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { Principal } from '../domain/people.ts';
import type { ContextFacts, PrincipalFacts } from '../policy/facts.ts';

/** Who asks, by which door. The door has authenticated them; what they may do is decided from the standing's facts. */
export type Asker = { principal: Principal; context: ContextFacts };

export const gatewayAsker: Asker = {
  principal: { kind: 'gateway' },
  context: { channel: 'internal', encrypted: true },
};

/** The facts that policy sees about a principal, from the ledger and never from the request. */
export function principalFacts(standing: Standing, principal: Principal, _timeMs: number): PrincipalFacts {
  switch (principal.kind) {
    case 'gateway':
    case 'local':
      return principal;
    case 'person': {
      const known = standing.person(principal.id)?.person;
      if (!known) throw new DomainError('unauthenticated', 'This person is not enrolled.');
      return { kind: 'person', id: known.id, roles: known.roles, usPerson: known.usPerson };
    }
    case 'machine': {
      const known = standing.machine(principal.id)?.machine;
      if (!known) throw new DomainError('unauthenticated', 'This machine is not registered.');
      const { id, groups, country, jurisdictions } = known;
      return { kind: 'machine', id, groups, country, jurisdictions };
    }
  }
}
