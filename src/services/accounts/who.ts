import type { Standing } from '../../catalog/standing.ts';
import { type Action, actions } from '../../domain/decisions.ts';
import { DomainError } from '../../domain/errors.ts';
import type { GroupId, PersonId } from '../../domain/ids.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Person } from '../../domain/people.ts';
import type { Clock } from '../../platform/clock.ts';
import { digestOf } from '../../platform/hash.ts';
import type { Authority, Resource } from '../authority.ts';
import { personInOffice } from '../office.ts';
import type { Asker } from '../principals.ts';

type WhoParts = { standing: Standing; authority: Pick<Authority, 'decide'>; clock: Clock };
export type WhoAmI = { person: Person; actions: Action[]; hasPasskey: boolean };

/** Of nobody, without a label: what their roles alone let somebody do. */
const unrestricted: Manifest = {
  v: 1,
  ...{ part: 'ANY', revision: 'A', operation: '1', machineGroup: 'ANY' as GroupId, author: 'NOBODY' as PersonId },
  ...{ changeOrder: 'ANY', classification: { jurisdiction: 'none' } },
  files: [{ name: 'ANY.NC', role: 'main-program', size: 1, digest: digestOf('') }],
};
const aPackage: Resource = { kind: 'package', id: 'any', manifest: unrestricted };
const resourceOf: Partial<Record<Action, Resource>> = {
  administer: { kind: 'registry' },
  provision: { kind: 'registry' },
  'read-ledger': { kind: 'ledger' },
};
/** What people never do. */
const ofMachines: readonly Action[] = ['deliver', 'retrieve', 'release'];

/** Tells somebody who they are here, for their screens to show what they may do. Nothing is allowed by it. */
export class WhoService {
  readonly #parts: WhoParts;

  constructor(parts: WhoParts) {
    this.#parts = parts;
  }

  /** Throws `forbidden` for whoever is no person. */
  ask(asker: Asker): WhoAmI {
    const { standing, clock } = this.#parts;
    const { principal } = asker;
    if (principal.kind !== 'person') throw new DomainError('forbidden', 'Only a person signs in.');
    const person = personInOffice(standing, principal.id, clock());
    return {
      person,
      actions: actions.filter((action) => !ofMachines.includes(action) && this.#may(asker, person, action)),
      hasPasskey: person.keys.some(({ assurance }) => assurance === 'passkey'),
    };
  }

  #may(asker: Asker, { roles }: Person, action: Action): boolean {
    const { authority } = this.#parts;
    const permits = (as: Asker) => authority.decide(action, as, resourceOf[action] ?? aPackage).verdict === 'permit';
    if (action !== 'approve-as') return permits(asker);
    return roles.some((role) => permits({ ...asker, context: { ...asker.context, role } }));
  }
}
