import type { CedarValueJson, Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import { type Classification, controlsOf, isControlled } from '../domain/classification.ts';
import { readCui } from '../domain/cui.ts';
import type { PersonId } from '../domain/ids.ts';
import type { Facts, PrincipalFacts, ResourceFacts } from './facts.ts';

/** The question as Cedar takes it. Names and types are those of config/policy/schema.cedarschema. */
export type CedarRequest = {
  principal: TypeAndId;
  action: TypeAndId;
  resource: TypeAndId;
  context: Context;
  entities: EntityJson[];
};

type Attributes = Record<string, CedarValueJson>;
type Entity = EntityJson & { uid: TypeAndId };
const entity = (uid: TypeAndId, attrs: Attributes): Entity => ({ uid, attrs, parents: [] });
const personUid = (id: PersonId): TypeAndId => ({ type: 'Person', id });

export function toCedar({ action, principal, resource, context }: Facts): CedarRequest {
  const who = principalEntity(principal);
  const what = resourceEntity(resource);
  return {
    principal: who.uid,
    action: { type: 'Action', id: action },
    resource: what.uid,
    context: said(context),
    entities: [who, what],
  };
}

function principalEntity(principal: PrincipalFacts): Entity {
  switch (principal.kind) {
    case 'person': {
      const { id, roles, usPerson, nationalities, employer, site, training = [] } = principal;
      return entity(personUid(id), said({ roles, usPerson, nationalities, employer, site, training }));
    }
    case 'machine': {
      const { id, groups, country, jurisdictions, site, zone, safeguarded = false, suspended = false } = principal;
      return entity(
        { type: 'Machine', id },
        said({ groups, country, jurisdictions, site, zone, safeguarded, suspended }),
      );
    }
    case 'local':
      return entity({ type: 'Local', id: principal.account }, {});
    case 'gateway':
      return entity({ type: 'Gateway', id: 'gateway' }, {});
  }
}

function resourceEntity(resource: ResourceFacts): Entity {
  switch (resource.kind) {
    case 'package': {
      const { machineGroup, author, classification, state, reviewOverdue = false } = resource;
      return entity(
        { type: 'Package', id: 'package' },
        {
          ...{ machineGroup, author: { __entity: personUid(author) }, state, reviewOverdue },
          ...labelAttributes(classification),
        },
      );
    }
    case 'stray':
      return entity({ type: 'Stray', id: 'stray' }, { controlled: isControlled(resource.classification) });
    case 'registry':
      return entity({ type: 'Registry', id: 'registry' }, {});
    case 'ledger':
      return entity({ type: 'Ledger', id: 'ledger' }, {});
  }
}

const attributesOfLabel = new WeakMap<Classification, Attributes>();

function labelAttributes(label: Classification): Attributes {
  const known = attributesOfLabel.get(label);
  if (known) return known;
  const controls = controlsOf(label);
  const jurisdictions = controls.map(({ jurisdiction }) => jurisdiction);
  const usmlCategories = controls.flatMap((control) => (control.jurisdiction === 'ITAR' ? control.usmlCategory : []));
  const eccns = controls.flatMap((control) => (control.jurisdiction === 'EAR' ? control.eccn : []));
  const { owner, alsoOwnedBy = [], cuiMarkings = [], distribution } = label;
  const { categories, controls: dissemination, foreign } = readCui(cuiMarkings);
  const countries = foreign && foreign.size > 0 ? [...foreign] : undefined;
  const attributes = said({
    jurisdiction: label.jurisdiction,
    usmlCategory: label.jurisdiction === 'ITAR' ? label.usmlCategory : undefined,
    eccn: label.jurisdiction === 'EAR' ? label.eccn : undefined,
    jurisdictions: jurisdictions.length === 0 ? ['none'] : jurisdictions,
    ...{ usmlCategories, eccns, controlled: isControlled(label), cuiMarkings, distribution },
    ...{ cuiCategories: categories, dissemination },
    shownTo: countries?.map(([country]) => country),
    releasedTo: countries?.filter(([, reach]) => reach === 'release').map(([country]) => country),
    owners: owner === undefined ? [] : [owner, ...alsoOwnedBy],
  });
  attributesOfLabel.set(label, attributes);
  return attributes;
}

/** Without what is undefined: Cedar has no such value, and a rule asks with `has`. */
function said(values: Record<string, string | boolean | readonly string[] | undefined>): Attributes {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as Attributes;
}
