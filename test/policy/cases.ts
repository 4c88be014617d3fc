import type { Classification } from '../../src/domain/classification.ts';
import type { Action, Decision } from '../../src/domain/decisions.ts';
import type { GroupId, MachineId, PersonId } from '../../src/domain/ids.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { Policy } from '../../src/policy/decide.ts';
import type { Facts, PrincipalFacts, ResourceFacts } from '../../src/policy/facts.ts';

export type ContextFacts = Facts['context'];

export const ask = (
  policy: Policy,
  action: Action,
  principal: PrincipalFacts,
  resource: ResourceFacts,
  context: ContextFacts,
): Decision => policy.decide({ action, principal, resource, context });

export const policyFolder = new URL('../../config/policy', import.meta.url).pathname;
export const routesFile = new URL('../../config/routes.yaml', import.meta.url).pathname;

export const personId = (id: string) => id as PersonId;
const group = 'HAAS-VF' as GroupId;

type UsPerson = 'us-person' | 'foreign' | 'unknown';
const usPersonFact: Record<UsPerson, boolean | undefined> = { 'us-person': true, foreign: false, unknown: undefined };

export function person(id: string, roles: PersonRole[], status: UsPerson = 'us-person'): PrincipalFacts {
  return { kind: 'person', id: personId(id), roles, usPerson: usPersonFact[status] };
}

type MachineFacts = Extract<PrincipalFacts, { kind: 'machine' }>;
export function machine(other: Partial<MachineFacts> = {}): MachineFacts {
  return {
    kind: 'machine',
    id: 'HAAS-VF-07' as MachineId,
    groups: [group],
    country: 'US',
    jurisdictions: ['ITAR', 'EAR', 'none'],
    ...other,
  };
}

export const itar: Classification = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
export const ear: Classification = { jurisdiction: 'EAR', eccn: '9E991' };
export const ear99: Classification = { jurisdiction: 'EAR', eccn: 'EAR99' };
export const uncontrolled: Classification = { jurisdiction: 'none' };
export const cui: Classification = { jurisdiction: 'none', cuiMarkings: ['SP-EXPT'] };

type PackageFacts = Extract<ResourceFacts, { kind: 'package' }>;
export function packageOf(
  classification: Classification,
  author = 'CAM-1',
  other: Partial<PackageFacts> = {},
): PackageFacts {
  return {
    kind: 'package',
    machineGroup: group,
    author: personId(author),
    classification,
    state: 'in-force',
    ...other,
  };
}

export const local: PrincipalFacts = { kind: 'local', account: 'keyway' };
export const gateway: PrincipalFacts = { kind: 'gateway' };
export const registry: ResourceFacts = { kind: 'registry' };
export const ledger: ResourceFacts = { kind: 'ledger' };

export const https: ContextFacts = { channel: 'https', encrypted: true, zonePath: 'no-zones' };
export const sftp: ContextFacts = { channel: 'sftp', encrypted: true, zonePath: 'no-zones' };
export const plain: ContextFacts = { channel: 'sftp', encrypted: false, zonePath: 'no-zones' };
export const as = (role: PersonRole): ContextFacts => ({ ...https, role });
