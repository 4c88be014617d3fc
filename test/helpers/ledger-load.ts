import { hash } from 'node:crypto';
import type { Decision } from '../../src/domain/decisions.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import { DeliveryId, DepositId, MachineId, PackageId, PersonId, ReleaseId, RunId } from '../../src/domain/ids.ts';
import { Manifest } from '../../src/domain/manifest.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** `PKG-0000000012`: ten digits of base 32, as generated ids have. */
function idOf(prefix: string, number: number): string {
  let digits = '';
  for (let rest = number, at = 0; at < 10; at++, rest = Math.floor(rest / 32)) digits = alphabet[rest % 32] + digits;
  return `${prefix}-${digits}`;
}
const digestFor = (text: string) => `sha256:${hash('sha256', text, 'hex')}` as Digest;

const decision: Decision = {
  verdict: 'permit',
  action: 'deliver',
  policies: ['deliver-in-force', 'deliver-classification'],
  reasons: [],
  policySet: digestFor('policy'),
  facts: digestFor('facts'),
};
const gateway = { kind: 'gateway' } as const;
const machines = 40;
const machineOf = (number: number) => MachineId.parse(`HAAS-VF-${number % machines}`);

/** A release comes once in so many events; then its machines pull, each with a start and an end; two runs end it. */
export const eventsPerRelease = 100;
export const releaseIdOf = (number: number) => ReleaseId.parse(idOf('REL', number));
export const serialOf = (release: number) => `SN-${release}`;
export const partOf = (number: number) => `BRKT-${number % 20_000}`;

/** Event `number` of a gateway's year, the same in every run: mostly deliveries, now and then a package and its release. */
export function loadEvent(number: number): Event {
  const release = Math.floor(number / eventsPerRelease);
  const step = number % eventsPerRelease;
  if (step === 0) return submitted(release);
  if (step === 1) return issued(release);
  if (step >= eventsPerRelease - 2) return recorded(number, release);
  return step % 2 === 0 ? started(number, release) : completed(number - 1);
}

const started = (number: number, release: number) =>
  makeEvent(
    'delivery.started',
    { kind: 'machine', id: machineOf(number) },
    {
      deliveryId: DeliveryId.parse(idOf('DLV', number)),
      releaseId: releaseIdOf(release),
      machineId: machineOf(number),
      file: 'O4471.NC',
      digest: digestFor(`file ${release}`),
      size: 200_000,
      channel: 'sftp',
      decision,
    },
  );

const completed = (number: number) =>
  makeEvent(
    'delivery.completed',
    { kind: 'machine', id: machineOf(number) },
    {
      deliveryId: DeliveryId.parse(idOf('DLV', number)),
      bytes: 200_000,
      digest: digestFor(`file ${Math.floor(number / eventsPerRelease)}`),
    },
  );

const recorded = (number: number, release: number) =>
  makeEvent('run.recorded', gateway, {
    runId: RunId.parse(idOf('RUN', number)),
    releaseId: releaseIdOf(release),
    machineId: machineOf(number),
    workOrder: `WO-${release}`,
    serials: [serialOf(release), `SN-${release}-${number}`],
    operator: PersonId.parse('OP-11'),
    startedAt: '2026-11-25T08:00:00.000Z',
    superseded: false,
    decision: { ...decision, action: 'record-run' },
  });

const manifestOf = (release: number) =>
  Manifest.parse({
    v: 1,
    part: partOf(release),
    revision: `R${release}`,
    operation: '20',
    machineGroup: 'HAAS-VF',
    author: 'CAM-1',
    changeOrder: `ECO-${release}`,
    classification: { jurisdiction: 'EAR', eccn: '9E991' },
    files: [{ name: 'O4471.NC', role: 'main-program', digest: digestFor(`file ${release}`), size: 200_000 }],
  });

const submitted = (release: number) =>
  makeEvent('package.submitted', gateway, {
    packageId: PackageId.parse(idOf('PKG', release)),
    depositId: DepositId.parse(idOf('DEP', release)),
    manifest: manifestOf(release),
    manifestDigest: digestFor(`manifest ${release}`),
    decision: { ...decision, action: 'submit' },
  });

const issued = (release: number) =>
  makeEvent('release.issued', gateway, {
    releaseId: releaseIdOf(release),
    packageId: PackageId.parse(idOf('PKG', release)),
    manifestDigest: digestFor(`manifest ${release}`),
    envelope: {
      payloadType: 'application/vnd.in-toto+json',
      payload: Buffer.alloc(900, 'statement').toString('base64'),
      signatures: [{ keyid: digestFor('key'), sig: Buffer.alloc(70, 'sig').toString('base64') }],
    },
    signatures: [{ name: 'O4471.NC', digest: digestFor(`cms ${release}`), size: 1_400 }],
    decision: { ...decision, action: 'release' },
  });
