import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import type { HoldingKind } from '../domain/holdings.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

/** Something that is still somebody's, whether or not they are still here. */
export type Holding = {
  kind: HoldingKind;
  id: string;
  detail: string;
};

/** What one person holds, for whoever takes over from them. Names nothing of what is in a package. */
export class HoldingsService {
  readonly #parts: { standing: Standing; authority: Authority };

  constructor(parts: { standing: Standing; authority: Authority }) {
    this.#parts = parts;
  }

  /** Throws `not-found` for somebody who was never enrolled, and `policy-denied`. */
  of(asker: Asker, id: string): Holding[] {
    const { standing, authority } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    if (standing.register.index(id) === undefined) throw new DomainError('not-found', `${id} was never enrolled.`);
    return [
      ...packages(standing, id),
      ...keysAndIds(standing, id),
      ...changes(standing, id),
      ...answersFor(standing, id),
    ];
  }
}

function packages(standing: Standing, id: string): Holding[] {
  return [...standing.openPackages()].flatMap(({ packageId, manifest, approvals }) => [
    ...(manifest.author === id
      ? [
          {
            kind: 'open-package' as const,
            id: packageId,
            detail: 'they are its author; withdraw it or have it approved',
          },
        ]
      : []),
    ...approvals
      .filter(({ person }) => person === id)
      .map(({ role }) => ({
        kind: 'approval' as const,
        id: packageId,
        detail: `approved as ${role}, not released yet`,
      })),
  ]);
}

function keysAndIds(standing: Standing, id: string): Holding[] {
  const person = standing.person(id)?.person;
  const services = person?.keys.flatMap((key) =>
    key.assurance === 'service'
      ? [{ kind: 'service-key' as const, id: key.keyId, detail: `${key.name}, for ${key.actions.join(', ')}` }]
      : [],
  );
  const others = standing.register
    .people()
    .filter(
      (other) => other.id !== id && person && standing.register.human(other.id) === standing.register.human(person.id),
    )
    .map((other) => ({ kind: 'other-id' as const, id: other.id, detail: 'the same person under another id' }));
  return [...(services ?? []), ...others];
}

function changes(standing: Standing, id: string): Holding[] {
  return [...standing.proposals()]
    .filter(({ authorisation }) =>
      authorisation.signatures.some(({ keyid }) => standing.register.holder(keyid)?.person === id),
    )
    .map(({ changeId }) => ({
      kind: 'waiting-change' as const,
      id: changeId,
      detail: 'signed by them, waits for another',
    }));
}

/** What rests on their word: it stays in force without them until somebody else answers for it. */
function answersFor(standing: Standing, id: string): Holding[] {
  const isTheirs = (keyId: string) => standing.register.holder(keyId)?.person === id;
  const employer = standing.person(id)?.person.employer;
  const safeguards = [...standing.machines()].flatMap(({ machine, safeguard }): Holding[] =>
    safeguard?.approver === id
      ? [{ kind: 'safeguard', id: machine.id, detail: `approved by them, until ${safeguard.expires}` }]
      : [],
  );
  const { authorizations, nonconformances } = standing.exceptions;
  const signed = [...authorizations.values()].flatMap(({ authorization, signedBy }): Holding[] => {
    const { id: authorizationId, parties, expires } = authorization;
    const about = { kind: 'authorization' as const, id: authorizationId };
    if (signedBy.some(isTheirs)) return [{ ...about, detail: `signed by them, until ${expires}` }];
    if (employer === undefined || !parties.includes(employer)) return [];
    return [{ ...about, detail: `reaches them as one of ${employer}, until ${expires}` }];
  });
  const opened = [...nonconformances.values()].flatMap(({ nonconformanceId, openedBy }): Holding[] =>
    openedBy.some((person) => person === id)
      ? [{ kind: 'break-glass', id: nonconformanceId, detail: 'opened by them, without disposition' }]
      : [],
  );
  return [...safeguards, ...signed, ...opened];
}
