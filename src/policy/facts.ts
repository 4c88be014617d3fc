import type { CedarValueJson, Context, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import type { Classification, Jurisdiction } from '../domain/classification.ts';
import type { Action } from '../domain/decisions.ts';
import type { GroupId, MachineId, PackageId, PersonId } from '../domain/ids.ts';
import type { PersonRole } from '../domain/people.ts';

/** Everything that a decision may rest on. Facts are read from the catalogue, never from a request. */
export type PrincipalFacts =
  | {
      kind: 'person';
      id: PersonId;
      roles: readonly PersonRole[];
      /** 22 CFR 120.62. Undefined means unknown, which every rule treats as no. */
      usPerson: boolean | undefined;
    }
  | {
      kind: 'machine';
      id: MachineId;
      groups: readonly GroupId[];
      /** ISO 3166-1 alpha-2. */
      country: string;
      jurisdictions: readonly Jurisdiction[];
    }
  | { kind: 'local'; account: string }
  | { kind: 'gateway' };

export type ResourceFacts =
  | {
      kind: 'package';
      /** A package's id, or while there is none yet a name for what is asked about, such as the deposit's id. */
      id: PackageId | string;
      machineGroup: GroupId;
      author: PersonId;
      classification: Classification;
    }
  | { kind: 'registry' }
  | { kind: 'ledger' };

export type ContextFacts = {
  channel: 'sftp' | 'ftps' | 'ftp' | 'https' | 'local-socket' | 'drop-folder' | 'internal';
  encrypted: boolean;
  /** `approve-as`: the role that the person signs in. */
  role?: PersonRole;
};

export type Facts = { action: Action; principal: PrincipalFacts; resource: ResourceFacts; context: ContextFacts };

/** The question as Cedar takes it. Names and types are those of config/policy/schema.cedarschema. */
export type CedarRequest = {
  principal: TypeAndId;
  action: TypeAndId;
  resource: TypeAndId;
  context: Context;
  entities: EntityJson[];
};

type Attributes = Record<string, CedarValueJson>;
const entity = (uid: TypeAndId, attrs: Attributes): EntityJson & { uid: TypeAndId } => ({ uid, attrs, parents: [] });
const personUid = (id: PersonId): TypeAndId => ({ type: 'Person', id });

export function toCedar({ action, principal, resource, context }: Facts): CedarRequest {
  const who = principalEntity(principal);
  const what = resourceEntity(resource);
  return {
    principal: who.uid,
    action: { type: 'Action', id: action },
    resource: what.uid,
    context: {
      channel: context.channel,
      encrypted: context.encrypted,
      ...(context.role === undefined ? {} : { role: context.role }),
    },
    entities: [who, what],
  };
}

function principalEntity(principal: PrincipalFacts) {
  switch (principal.kind) {
    case 'person':
      return entity(personUid(principal.id), {
        roles: [...principal.roles],
        ...(principal.usPerson === undefined ? {} : { usPerson: principal.usPerson }),
      });
    case 'machine':
      return entity(
        { type: 'Machine', id: principal.id },
        {
          groups: [...principal.groups],
          country: principal.country,
          jurisdictions: [...principal.jurisdictions],
        },
      );
    case 'local':
      return entity({ type: 'Local', id: principal.account }, {});
    case 'gateway':
      return entity({ type: 'Gateway', id: 'gateway' }, {});
  }
}

function resourceEntity(resource: ResourceFacts) {
  switch (resource.kind) {
    case 'package':
      return entity(
        { type: 'Package', id: resource.id },
        {
          machineGroup: resource.machineGroup,
          author: { __entity: personUid(resource.author) },
          ...classificationAttributes(resource.classification),
        },
      );
    case 'registry':
      return entity({ type: 'Registry', id: 'registry' }, {});
    case 'ledger':
      return entity({ type: 'Ledger', id: 'ledger' }, {});
  }
}

function classificationAttributes(classification: Classification): Attributes {
  return {
    jurisdiction: classification.jurisdiction,
    ...(classification.jurisdiction === 'ITAR' ? { usmlCategory: classification.usmlCategory } : {}),
    ...(classification.jurisdiction === 'EAR' ? { eccn: classification.eccn } : {}),
    cuiMarkings: [...(classification.cuiMarkings ?? [])],
    ...(classification.distribution === undefined ? {} : { distribution: classification.distribution }),
  };
}
