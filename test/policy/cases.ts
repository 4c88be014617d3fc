import type { Classification } from '../../src/domain/classification.ts';
import type { GroupId, MachineId, PackageId, PersonId } from '../../src/domain/ids.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { ContextFacts, PrincipalFacts, ResourceFacts } from '../../src/policy/facts.ts';

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

export function packageOf(classification: Classification, author = 'CAM-1'): ResourceFacts {
  return {
    kind: 'package',
    id: 'PKG-0123456789' as PackageId,
    machineGroup: group,
    author: personId(author),
    classification,
  };
}

export const local: PrincipalFacts = { kind: 'local', account: 'keyway' };
export const gateway: PrincipalFacts = { kind: 'gateway' };
export const registry: ResourceFacts = { kind: 'registry' };
export const ledger: ResourceFacts = { kind: 'ledger' };

export const https: ContextFacts = { channel: 'https', encrypted: true };
export const sftp: ContextFacts = { channel: 'sftp', encrypted: true };
export const plain: ContextFacts = { channel: 'sftp', encrypted: false };
export const as = (role: PersonRole): ContextFacts => ({ ...https, role });
