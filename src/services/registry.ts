import type { BreakGlassStanding, NonconformanceStanding } from '../catalog/exception-register.ts';
import type { Standing } from '../catalog/standing.ts';
import type { ExportAuthorization } from '../domain/authorizations.ts';
import type { Clock } from '../platform/clock.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

type RegistryParts = { standing: Standing; authority: Pick<Authority, 'require'>; clock: Clock };

/** What is on record beside people and machines: authorisations, and what was set aside. Ids only, no technical data. */
export class RegistryService {
  readonly #parts: RegistryParts;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** In order of id, those that have expired too. Throws `policy-denied` for whoever may not administer. */
  authorizations(asker: Asker): { authorization: ExportAuthorization; index: number }[] {
    const { standing, authority } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    return [...standing.exceptions.authorizations.values()]
      .map(({ authorization, index }) => ({ authorization, index }))
      .sort((a, b) => (a.authorization.id < b.authorization.id ? -1 : 1));
  }

  /** Open at this moment. Throws `policy-denied` for whoever may not read the ledger. */
  breakGlass(asker: Asker): BreakGlassStanding[] {
    const { standing, authority, clock } = this.#parts;
    authority.require('read-ledger', asker, { kind: 'ledger' });
    return standing.exceptions.breakGlass(clock());
  }

  /** That quality has not closed, the oldest first. Throws as `breakGlass`. */
  nonconformances(asker: Asker): NonconformanceStanding[] {
    const { standing, authority } = this.#parts;
    authority.require('read-ledger', asker, { kind: 'ledger' });
    return [...standing.exceptions.nonconformances.values()];
  }
}
