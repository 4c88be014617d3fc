import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExportAuthorization } from '../../src/domain/authorizations.ts';
import type { Change } from '../../src/domain/changes.ts';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type {
  DepositId,
  GroupId,
  MachineId,
  NonconformanceId,
  PackageId,
  PersonId,
  ReleaseId,
} from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { Proofs } from '../../src/ledger/proofs.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { breakGlassOpen, nonconformanceOpen } from '../../src/services/alarm-sources.ts';
import { Alarms } from '../../src/services/alarms.ts';
import { Authority, asPerson, packageFacts } from '../../src/services/authority.ts';
import { ChangeService } from '../../src/services/changes.ts';
import { DeliveryService } from '../../src/services/delivery.ts';
import { expiries } from '../../src/services/expiries.ts';
import { Grounds } from '../../src/services/grounds.ts';
import { HoldingsService } from '../../src/services/holdings.ts';
import { InventoryService } from '../../src/services/inventory.ts';
import type { Asker } from '../../src/services/principals.ts';
import { ProvenEntries } from '../../src/services/proven-entries.ts';
import { ShelfTree } from '../../src/services/shelf.ts';
import { pemSigningKey, type SigningKey } from '../../src/signing/signing-key.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { madeChange, nextChangeId, signChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { countingRandom, openTestLedger, silentLog } from '../helpers/test-ledger.ts';
import { ask, gateway, https, itar, packageOf, policyFolder, uncontrolled } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const keys = makeTestKeys();
const administrators = keys.administrators.map(({ key }) => key);
const actor = { kind: 'gateway' } as const;
const decision = ask(policy, 'release', gateway, packageOf(uncontrolled), https);
const local: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const [packageId, releaseId] = ['PKG-0000000001' as PackageId, 'REL-0000000001' as ReleaseId];
const ids = { packageId, releaseId, depositId: 'DEP-0000000001' as DepositId };
const mill = 'MILL-DE' as MachineId;
const machine: Machine = {
  ...{ id: mill, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC', cell: 'C3' },
  ...{ country: 'DE', owner: 'Werk GmbH', channel: 'sftp', sshKeys: ['ssh-ed25519 AAAA'] },
  jurisdictions: ['ITAR', 'EAR', 'none'],
};
const compliance = makePerson('EC-1', ['export-compliance']);
const quality = makePerson('QA-1', ['quality']);
const otherQuality = makePerson('QA-2', ['quality']);
const engineer = makePerson('ME-1', ['manufacturing-engineer']);
const programmer = makePerson('CAM-1', ['programmer']);
const keyOf = ({ key }: typeof quality): SigningKey => pemSigningKey(key);
const hour = 60 * 60 * 1000;

let now: number;
let place: ReturnType<typeof temporaryFolder>;
let at: ReturnType<typeof openTestLedger>;
let authority: Authority;
let changes: ChangeService;
let delivery: DeliveryService;
beforeEach(async () => {
  now = Date.parse('2027-01-15T12:00:00.000Z');
  place = temporaryFolder();
  at = openTestLedger({ keys, folder: place.folder, clock: () => now });
  const { ledger, standing } = at;
  const record = new AccessRecord({ ledger, clock: () => now, log: silentLog });
  authority = new Authority(policy, standing, () => now, record);
  changes = new ChangeService({ ledger, standing, authority, trust: keys.trust, clock: () => now });
  delivery = new DeliveryService(deliveryParts(record));
  await make({ kind: 'machine.register', machine });
  for (const { person } of [compliance, quality, otherQuality, engineer, programmer])
    await make({ kind: 'person.enrol', person });
});
afterEach(() => {
  at.close();
  place.remove();
});

function deliveryParts(record: AccessRecord): ConstructorParameters<typeof DeliveryService>[0] {
  const { ledger, catalog, standing, publisher, reader, hashes } = at;
  const entries = new ProvenEntries({ standing, publisher, proofs: new Proofs(reader, hashes) });
  const files = () => standing.release(releaseId)?.manifest.files.map((file) => ({ ...file, signature: p7s })) ?? [];
  return {
    ...{ ledger, catalog, standing, record, authority, shelf: new ShelfTree(standing, authority) },
    identity: { identify: async () => undefined },
    ...{ grounds: new Grounds({ standing, entries, trust: keys.trust }), signer: { requireReady: () => {} } },
    trust: keys.trust,
    verification: { release: () => ({ releaseId, files: files() }) },
    ...{ clock: () => now, random: countingRandom(), log: silentLog },
  };
}
const p7s = { digest: digestOf('p7s'), size: 3 };
async function commit(...events: Event[]) {
  await at.ledger.commit(() => ({ events, result: undefined }));
}
async function make(change: Change, signers: readonly SigningKey[] = administrators, reason = 'A test asks for it.') {
  const time = new Date(now).toISOString();
  const validUntil = new Date(now + 60_000).toISOString();
  return changes.submit(local, await signChange(change, signers, { time, validUntil, reason }));
}
async function release(classification: Classification, over: Partial<Manifest> = {}, as = ids) {
  const manifest: Manifest = {
    ...{ v: 1, part: 'BRKT', revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId },
    ...{ changeOrder: 'ECO-1', author: 'CAM-1' as PersonId, classification, ...over },
    files: [{ name: 'O4471.NC', role: 'main-program', digest: digestOf('G1'), size: 2 }],
  };
  const { depositId, ...named } = as;
  const about = { packageId: named.packageId, manifestDigest: manifestDigest(manifest), decision };
  const signatures = [{ keyid: digestOf('key'), sig: 'c2ln' }];
  const envelope = { payloadType: 'application/vnd.in-toto+json' as const, payload: 'e30=', signatures };
  await commit(
    makeEvent('package.submitted', actor, { ...about, depositId, manifest }),
    makeEvent('release.issued', actor, { ...about, ...named, envelope, signatures: [{ name: 'O4471.NC', ...p7s }] }),
  );
  return manifest;
}
const path = ['current', 'O4471.NC'];
async function open() {
  await at.publisher.covering(at.ledger.size, 5_000);
  return delivery.through('sftp').open(mill, path);
}
const listed = async () => ((await delivery.through('sftp').list(mill, ['current'])) ?? []).map(({ name }) => name);
const events = () => at.reader.size();

const agreement: ExportAuthorization = {
  ...{ id: 'TAA-17', kind: 'agreement', reference: 'TAA 1234-21', countries: ['DE'], parties: ['Werk GmbH'] },
  covers: [{ jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' }],
  ...{ expires: '2027-01-20', provisos: ['No transfer to other sites.'] },
};
const set: Change = { kind: 'authorization.set', authorization: agreement };
const bySigners = [keyOf(compliance), ...administrators.slice(0, 1)];
const gatewayZone = { id: 'DMZ', description: 'A zone.', holdsGateway: true };
const under: Classification = { ...itar, authorizations: ['TAA-17'] };

describe('ITAR data for a machine abroad', () => {
  test('goes only under an authorisation that export compliance and one more person signed', async () => {
    await release(under);
    expect(await listed()).toEqual([]);
    await expect(open()).rejects.toMatchObject({ code: 'not-found' });
    expect(await make(set, administrators)).toMatchObject({ state: 'waiting', awaits: 'export-compliance' });
    expect((await make(set, [keyOf(compliance)])).state).toBe('waiting');
    await expect(make(set, [keyOf(compliance), keyOf(quality)])).rejects.toMatchObject({ code: 'not-administrator' });
    expect(await listed()).toEqual([]);
    expect((await make(set, bySigners)).state).toBe('made');
    expect(await listed()).toEqual(['O4471.NC']);
    expect(await open()).toMatchObject({ size: 2 });
  });

  test('goes no more, and what is under way stops, when it is ended, when it is narrowed, and with its last day', async () => {
    await release(under);
    for (const end of [
      () => make({ kind: 'authorization.end', authorizationId: 'TAA-17' }, [keyOf(compliance)]),
      () => make({ ...set, authorization: { ...agreement, parties: ['Andere GmbH'] } }, bySigners),
      async () => {
        now = Date.parse('2027-01-21T00:00:00.000Z');
      },
    ]) {
      now = Date.parse('2027-01-15T12:00:00.000Z');
      await make(set, bySigners);
      const { deliveryId } = await open();
      const stopped = delivery.through('sftp').stopped(deliveryId);
      delivery.reviewOpen();
      await end();
      delivery.reviewOpen();
      expect(await stopped).toContain('under a current authorisation');
      await delivery.through('sftp').finish({ deliveryId, bytes: 0, complete: false, reason: 'stopped' });
      expect(await listed()).toEqual([]);
    }
  });

  test('goes under none that its label does not name', async () => {
    await release(itar);
    await make(set, bySigners);
    expect(await listed()).toEqual([]);
  });

  test('goes to no proscribed country, whatever is signed', async () => {
    await release(under);
    await make({ ...set, authorization: { ...agreement, countries: ['CN'] } }, bySigners);
    await make({ kind: 'machine.change', machine: { ...machine, country: 'CN' } });
    expect(await listed()).toEqual([]);
  });

  test('has its agreement announced before it ends, and in the inventory', async () => {
    await make(set, bySigners);
    expect(expiries(at.standing, now)).toContainEqual({
      ...{ what: 'authorization', subject: 'TAA-17', expires: '2027-01-20', daysLeft: 5 },
    });
    expect(new InventoryService(at.standing, authority).of(local).authorizations).toEqual([agreement]);
    await expect(
      make({ ...set, authorization: { ...agreement, expires: '2027-01-14' } }, bySigners),
    ).rejects.toMatchObject({ code: 'request-invalid' });
  });
});

describe('what is in the ledger without the signatures that it takes', () => {
  /** As whoever could write into the ledger would, past the rules of changes. */
  async function written(change: Change, signers: readonly SigningKey[]) {
    const time = new Date(now).toISOString();
    const { event } = await madeChange(change, { keys, index: 0, time });
    const changeId = nextChangeId();
    const authorisation = await signChange(change, signers, { time, changeId });
    await commit({ ...event, data: { ...event.data, changeId, authorisation } } as Event);
  }

  const one = administrators.slice(0, 1);
  test.each<[string, Change, readonly SigningKey[]]>([
    ['a machine that one administrator changed', { kind: 'machine.change', machine: { ...machine, cell: 'C9' } }, one],
    ['an agreement without export compliance', set, administrators],
    ['a zone that one administrator set', { kind: 'zone.set', zone: gatewayZone }, one],
  ])('%s lets nothing go', async (_, change, signers) => {
    await release(under);
    await make({ kind: 'machine.change', machine: { ...machine, zone: 'DMZ' } });
    await make({ kind: 'zone.set', zone: gatewayZone });
    await make(set, bySigners);
    await open();
    await written(change, signers);
    await make({ kind: 'machine.change', machine: { ...machine, zone: 'DMZ', cell: 'C8' } });
    await expect(open()).rejects.toMatchObject({ code: 'signatures-missing' });
  });

  test('a break-glass that one person opened lets nothing go', async () => {
    await release(uncontrolled, { machineGroup: 'OKUMA-LT' as GroupId });
    const opening: Change = {
      ...{ kind: 'break-glass.open', releaseId, machineId: mill, overrides: ['machine-group'], hours: 4 },
    };
    await written(opening, [keyOf(quality)]);
    await expect(open()).rejects.toMatchObject({ code: 'signatures-missing' });
  });
});

test('no log, refusal or event about a machine that may not have a release names a file of it', async () => {
  await release(under, { part: 'SECRET-1' });
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const record = new AccessRecord({ ledger: at.ledger, clock: () => now, log });
  const strict = new DeliveryService({ ...deliveryParts(record), log });
  const shelf = strict.through('sftp');
  const guessed = ['by-part', 'SECRET-1', 'A', '10'];
  const before = at.reader.size();
  const errors = [];
  for (const asked of [path, guessed]) {
    errors.push(await shelf.open(mill, asked).catch((error: Error) => error.message));
    expect(await shelf.stat(mill, asked)).toBeUndefined();
  }
  expect(await shelf.list(mill, ['current'])).toEqual([]);
  await record.close();
  const written = [...at.reader.entries(before, at.reader.size())].map(({ body }) => body.toString());
  expect(written.length).toBeGreaterThan(0);
  // What the machine itself asked for is on record in its own words, and nothing else of it.
  const said = [...lines, ...errors, ...written]
    .join()
    .replaceAll(path.join('/'), '')
    .replaceAll(guessed.join('/'), '');
  expect(said).not.toMatch(/O4471|SECRET|BRKT/);
});

test('a foreign person is shown ITAR data under an authorisation where they are, and nowhere else', async () => {
  const manifest = await release(under);
  const german = makePerson('QA-DE', ['quality'], false);
  const person = { ...german.person, employer: 'Werk GmbH', nationalities: ['DE'] };
  await make({ kind: 'person.enrol', person });
  await make(set, bySigners);
  const sees = (country?: string) => {
    const context = { channel: 'https' as const, encrypted: true, mfa: true, ...(country ? { country } : {}) };
    return authority.decide('view', asPerson('QA-DE', context), packageFacts(packageId, manifest)).verdict;
  };
  expect([sees('DE'), sees('US'), sees('FR'), sees()]).toEqual(['permit', 'permit', 'deny', 'deny']);
});

describe('break-glass', () => {
  const opening = (over: object = {}): Change => ({
    ...{ kind: 'break-glass.open', releaseId, machineId: mill, overrides: ['machine-group'], hours: 4, ...over },
  });
  const twoOnTheFloor = [keyOf(quality), keyOf(engineer)];
  beforeEach(() => release(uncontrolled, { machineGroup: 'OKUMA-LT' as GroupId }));

  test('lets one release to one machine for its hours, and no longer', async () => {
    expect(await listed()).toEqual([]);
    const { changeId } = await make(opening(), twoOnTheFloor, 'MILL-US is down.');
    expect(await listed()).toEqual(['O4471.NC']);
    const before = events();
    const { deliveryId } = await open();
    expect(at.reader.size()).toBeGreaterThan(before);
    const stopped = delivery.through('sftp').stopped(deliveryId);
    now += 4 * hour - 1;
    expect(await listed()).toEqual(['O4471.NC']);
    now += 1;
    delivery.reviewOpen();
    expect(await stopped).toContain('not in the machine group');
    expect(await listed()).toEqual([]);
    await expect(make({ kind: 'break-glass.end', opened: changeId }, twoOnTheFloor)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('is ended by one person at once', async () => {
    const { changeId } = await make(opening(), twoOnTheFloor);
    expect((await make({ kind: 'break-glass.end', opened: changeId }, [keyOf(engineer)])).state).toBe('made');
    expect(await listed()).toEqual([]);
  });

  test('takes two who answer for it, and one of them alone waits', async () => {
    expect((await make(opening(), [keyOf(quality)])).state).toBe('waiting');
    expect(await listed()).toEqual([]);
    await expect(make(opening(), [keyOf(quality), keyOf(programmer)])).rejects.toMatchObject({
      code: 'not-administrator',
    });
    await make(opening(), twoOnTheFloor);
    await expect(make(opening(), twoOnTheFloor)).rejects.toMatchObject({ code: 'conflict' });
    await expect(make(opening({ releaseId: 'REL-0000000009' }), twoOnTheFloor)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('is signed for at most eight hours', async () => {
    const beyond = signChange(opening({ hours: 9 }), twoOnTheFloor, { time: new Date(now).toISOString() });
    await expect(beyond.then((envelope) => changes.submit(local, envelope))).rejects.toMatchObject({
      code: 'statement-mismatch',
    });
  });

  test('is named in every delivery under it', async () => {
    const { changeId } = await make(opening(), twoOnTheFloor);
    await open();
    const started = at.standing.exceptions.breakGlass(now)[0];
    expect(started).toMatchObject({ changeId, overrides: ['machine-group'] });
    const [body] = [...at.reader.entries(at.reader.size() - 1, at.reader.size())];
    expect(body?.body.toString()).toContain(`"breakGlass":"${changeId}"`);
  });

  test('is an alarm while it is open, and a nonconformance until another of quality has closed it', async () => {
    const alarms = new Alarms({ authority, clock: () => now, log: silentLog });
    alarms.from(breakGlassOpen(at.standing));
    alarms.from(nonconformanceOpen(at.standing));
    const codes = () => alarms.list(local).map(({ code }) => code);
    const { changeId } = await make(opening(), twoOnTheFloor);
    expect(codes()).toEqual(['break-glass-open', 'nonconformance-open']);
    const nonconformanceId = changeId.replace('CHG', 'NCR') as NonconformanceId;
    const close: Change = { kind: 'nonconformance.close', nonconformanceId, disposition: 'use-as-is' };
    await expect(make(close, [keyOf(otherQuality)])).rejects.toMatchObject({ code: 'conflict' });
    await make({ kind: 'break-glass.end', opened: changeId }, [keyOf(quality)]);
    expect(codes()).toEqual(['nonconformance-open']);
    await expect(make(close, [keyOf(quality)])).rejects.toMatchObject({ code: 'own-rights' });
    expect((await make(close, administrators.slice(0, 1))).state).toBe('waiting');
    await expect(make(close, [keyOf(engineer)])).rejects.toMatchObject({ code: 'not-administrator' });
    expect((await make(close, [keyOf(otherQuality)])).state).toBe('made');
    expect(codes()).toEqual([]);
  });

  test('opens nothing that export control closes', async () => {
    await commit(makeEvent('release.withdrawn', actor, { releaseId, reason: 'NCR 1', decision }));
    const other = {
      ...{ packageId: 'PKG-0000000002' as PackageId, releaseId: 'REL-0000000002' as ReleaseId },
      depositId: 'DEP-0000000002' as DepositId,
    };
    await release(under, { machineGroup: 'OKUMA-LT' as GroupId, revision: 'B' }, other);
    const all = { overrides: ['zone', 'review-date', 'machine-group'], hours: 8, releaseId: other.releaseId };
    await make(opening(all), twoOnTheFloor);
    expect(await listed()).toEqual([]);
  });
});

test('what rests on the word of somebody is among what they hold', async () => {
  await make(set, bySigners);
  await make({
    kind: 'machine.safeguard',
    machineId: mill,
    safeguard: { protects: 'Steel pipe.', approver: 'EC-1' as PersonId, expires: '2027-06-30' },
  });
  const holdings = new HoldingsService({ standing: at.standing, authority });
  expect(holdings.of(local, 'EC-1').map(({ kind, id }) => [kind, id])).toEqual([
    ['safeguard', mill],
    ['authorization', 'TAA-17'],
  ]);
  expect(holdings.of(local, 'QA-1')).toEqual([]);
});
