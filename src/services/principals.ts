import type { MachineStanding } from '../catalog/machine-register.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Action } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { SessionId } from '../domain/ids.ts';
import { isCurrent, type Person, type Principal } from '../domain/people.ts';
import type { ContextFacts, PrincipalFacts } from '../policy/facts.ts';
import { personInOffice } from './office.ts';

/** Who asks, by which door. The door has authenticated them; what they may do is decided from the standing's facts. */
export type Asker = {
  principal: Principal;
  context: ContextFacts;
  /** Whoever asks with a service key or an API key may do these and no more. */
  limitedTo?: readonly Action[];
  /** The session that they ask in, where they signed in. */
  session?: SessionId;
};

export const gatewayAsker: Asker = {
  principal: { kind: 'gateway' },
  context: { channel: 'internal', encrypted: true },
};

/** The facts that policy sees about a principal, from the ledger and never from the request. */
export function principalFacts(standing: Standing, principal: Principal, timeMs: number): PrincipalFacts {
  switch (principal.kind) {
    case 'gateway':
    case 'local':
      return principal;
    case 'person':
      return personFacts(personInOffice(standing, principal.id, timeMs), timeMs);
    case 'machine': {
      const known = standing.machine(principal.id);
      if (!known) throw new DomainError('unauthenticated', 'This machine is not registered.');
      return machineFacts(known, timeMs);
    }
  }
}

function machineFacts({ machine, suspended, safeguard }: MachineStanding, timeMs: number): PrincipalFacts {
  const { id, groups, country, jurisdictions, site, zone, owner } = machine;
  return {
    ...{ kind: 'machine', id, groups, country, jurisdictions, suspended },
    safeguarded: safeguard !== undefined && isCurrent(safeguard.expires, timeMs),
    ...(site === undefined ? {} : { site }),
    ...(zone === undefined ? {} : { zone }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function personFacts(person: Person, timeMs: number): PrincipalFacts {
  const { id, roles, nationalities, employer, site, training = [] } = person;
  return {
    ...{ kind: 'person', id, roles, usPerson: currentStatus(person, timeMs) },
    ...(nationalities ? { nationalities } : {}),
    ...(employer === undefined ? {} : { employer }),
    ...(site === undefined ? {} : { site }),
    training: training.filter(({ expires }) => isCurrent(expires, timeMs)).map(({ course }) => course),
  };
}

/** Past the last day of its evidence a status is unknown, which every rule treats as no. */
const currentStatus = ({ usPerson }: Person, timeMs: number): boolean | undefined =>
  usPerson && isCurrent(usPerson.expires, timeMs) ? usPerson.status : undefined;
