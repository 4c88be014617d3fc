import { Standing } from '../../src/catalog/standing.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, MachineId, PackageId, PersonId, ReleaseId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { personRoles } from '../../src/domain/people.ts';
import { digestOf } from '../../src/platform/hash.ts';
import type { Policy } from '../../src/policy/decide.ts';
import type { Facts, PrincipalFacts } from '../../src/policy/facts.ts';
import { ask, gateway, https, packageOf, sftp, uncontrolled } from '../policy/cases.ts';
import { unsigned } from './changes.ts';

export const loadLabels: readonly Classification[] = [
  uncontrolled,
  { jurisdiction: 'EAR', eccn: 'EAR99' },
  { jurisdiction: 'EAR', eccn: '9E991' },
  { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' },
  { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', also: [{ jurisdiction: 'EAR', eccn: '9A610.x' }] },
  { jurisdiction: 'none', cuiMarkings: ['SP-CTI', 'NOFORN'] },
  { jurisdiction: 'none', cuiMarkings: ['SP-CTI', 'REL TO USA, GBR'] },
  { jurisdiction: 'EAR', eccn: '9E991', distribution: 'D', reviewBy: '2020-01-01' },
];
const countries = ['US', 'US', 'US', 'DE', 'GB', 'CN'] as const;
const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Every one another asker, half people and half machines, each with a question that nobody asked before. */
export function questions(count: number): Facts[] {
  return Array.from({ length: count }, (_, n): Facts => {
    const isPerson = n % 2 === 0;
    const principal: PrincipalFacts = isPerson
      ? {
          kind: 'person',
          id: `P-${n}` as PersonId,
          roles: [at(personRoles, n >> 1)],
          usPerson: n % 3 === 0,
          training: [],
        }
      : {
          ...{ kind: 'machine', id: `M-${n}` as MachineId, groups: ['HAAS-VF' as GroupId], country: at(countries, n) },
          ...{ jurisdictions: ['ITAR', 'EAR', 'none'], suspended: false, safeguarded: n % 5 === 0 },
        };
    return {
      action: isPerson ? 'view' : 'deliver',
      principal,
      resource: packageOf(at(loadLabels, n)),
      context: isPerson ? https : sftp,
    };
  });
}

export const shelfMachine = 'MILL-1' as MachineId;

/** A standing with `count` releases of one machine group, whose authors and labels make a few dozen classes. */
export function shelfStanding(count: number, policy: Policy): Standing {
  const standing = new Standing();
  const actor = { kind: 'gateway' } as const;
  const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);
  let index = 0;
  const apply = (event: Event) => standing.apply({ index: index++, time: '2026-11-01T00:00:00.000Z', event });
  const machine: Machine = {
    ...{ id: shelfMachine, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
    ...{ country: 'DE', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'], jurisdictions: ['ITAR', 'EAR', 'none'] },
  };
  apply(makeEvent('machine.registered', actor, { machine, ...unsigned }));
  for (let n = 0; n < count; n++) {
    const name = String(n).padStart(10, '0');
    const files = [{ name: `O${n}.NC`, role: 'main-program' as const, digest: digestOf(name), size: 1 }];
    const manifest: Manifest = {
      ...{ v: 1, part: `PART-${n}`, revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId },
      ...{ changeOrder: 'ECO-1', author: `CAM-${n % 5}` as PersonId },
      // As from the ledger: every manifest has objects of its own.
      ...{ classification: structuredClone(at(loadLabels, n)), files },
    };
    const about = { packageId: `PKG-${name}` as PackageId, manifestDigest: digestOf(name), decision };
    apply(makeEvent('package.submitted', actor, { ...about, depositId: `DEP-${name}` as DepositId, manifest }));
    apply(
      makeEvent('release.issued', actor, {
        ...{ ...about, releaseId: `REL-${name}` as ReleaseId, signatures: [] },
        envelope: { payloadType: 'application/vnd.in-toto+json', payload: 'e30=', signatures: [] },
      }),
    );
  }
  return standing;
}
