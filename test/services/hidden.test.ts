import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Classification } from '../../src/domain/classification.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DeliveryId, DepositId, GroupId, PackageId, PersonId } from '../../src/domain/ids.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { loadRoutes } from '../../src/policy/routes.ts';
import { Authority } from '../../src/services/authority.ts';
import { BrowseService } from '../../src/services/browse.ts';
import { EntrySight } from '../../src/services/entry-sight.ts';
import { ListService } from '../../src/services/lists.ts';
import type { Asker } from '../../src/services/principals.ts';
import { manifestDigest } from '../../src/signing/statements.ts';
import { madeChange } from '../helpers/changes.ts';
import { makePerson, makeTestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { openTestLedger } from '../helpers/test-ledger.ts';
import { ask, ear, https, itar, packageOf, person, policyFolder, routesFile } from '../policy/cases.ts';

const policy = Policy.load(policyFolder);
const gateway = { kind: 'gateway' } as const;
const hidden = 'PKG-00000000H1' as PackageId;
const open = 'PKG-00000000V1' as PackageId;
const unknown = 'PKG-00000000N1' as PackageId;
const quality: Asker = {
  principal: { kind: 'person', id: 'QA-9' as PersonId },
  context: { channel: 'https', encrypted: true },
};
const onHost: Asker = { principal: { kind: 'local', account: 'keyway' }, context: { ...quality.context } };
const decision = ask(policy, 'withdraw', person('QA-9', ['quality']), packageOf(itar), https);

const place = temporaryFolder();
const keys = makeTestKeys();
const at = openTestLedger({ keys, folder: place.folder });
const recorded: unknown[] = [];
const record = {
  refused: (...refusal: unknown[]) => void recorded.push(refusal),
  listed: (...list: unknown[]) => void recorded.push(list),
};
const authority = new Authority(policy, at.standing, () => 1_800_000_000_000, record);
const browse = new BrowseService({
  ...{ catalog: at.catalog, standing: at.standing, authority, routes: loadRoutes(routesFile), record },
});
const lists = new ListService({
  ...{ catalog: at.catalog, standing: at.standing, authority, routes: loadRoutes(routesFile), browse, record },
  waivers: { openTo: () => expect.fail('nothing is kept back here') },
});
const listed = async (asker: Asker) =>
  (await lists.packages(asker, { rows: 10 })).packages.map(({ row }) => row.packageId);
const sight = new EntrySight({ catalog: at.catalog, authority });

function submitted(packageId: PackageId, part: string, classification: Classification): Event {
  const manifest: Manifest = {
    ...{ v: 1, part, revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId, changeOrder: 'ECO-1' },
    ...{ author: 'CAM-1' as PersonId, classification },
    files: [{ name: `${part}.NC`, role: 'main-program', digest: digestOf(part), size: 1 }],
  };
  const depositId = packageId.replace('PKG', 'DEP') as DepositId;
  const data = { packageId, depositId, manifest, manifestDigest: manifestDigest(manifest), decision };
  return makeEvent('package.submitted', gateway, data);
}
const received = (packageId: PackageId, name: string) =>
  makeEvent('deposit.received', gateway, {
    ...{ depositId: packageId.replace('PKG', 'DEP') as DepositId, door: 'drop-folder' as const, name, files: [] },
  });
const admitted = (packageId: PackageId) =>
  makeEvent('deposit.admitted', gateway, { depositId: packageId.replace('PKG', 'DEP') as DepositId, packageId });

beforeAll(async () => {
  const enrol = async (id: string, roles: PersonRole[]) => {
    const change = { kind: 'person.enrol' as const, person: makePerson(id, roles).person };
    return (await madeChange(change, { keys, index: 0, time: new Date(1_800_000_000_000).toISOString() })).event;
  };
  const events = [
    await enrol('QA-9', ['quality']),
    ...[received(hidden, 'SECRET.keyway.yaml'), submitted(hidden, 'SECRET', itar), admitted(hidden)],
    ...[received(open, 'PLAIN.keyway.yaml'), submitted(open, 'PLAIN', ear), admitted(open)],
  ];
  for (const event of events) await at.ledger.commit(() => ({ events: [event], result: undefined }));
});
afterAll(() => {
  at.close();
  place.remove();
});

const refusal = (id: string) => browse.package(quality, id, 10).catch((error: Error) => error);

describe('a package that the asker may not see', () => {
  test('is answered like one that does not exist, while others are shown', async () => {
    expect(await refusal(hidden)).toEqual(await refusal(unknown));
    expect(await refusal('')).toEqual(await refusal(unknown));
    expect((await browse.package(quality, open, 10)).row.packageId).toBe(open);
    expect(await listed(quality)).toEqual([open]);
    expect((await listed(onHost)).sort()).toEqual([hidden, open]);
  });

  test('is answered in the same time, because the same is done', async () => {
    const times = { hidden: [] as number[], unknown: [] as number[] };
    const timed = async (id: string, into: number[]) => {
      const from = performance.now();
      await refusal(id);
      into.push(performance.now() - from);
    };
    for (let n = 0; n < 600; n++) {
      await timed(n % 2 ? hidden : unknown, n % 2 ? times.hidden : times.unknown);
      await timed(n % 2 ? unknown : hidden, n % 2 ? times.unknown : times.hidden);
    }
    const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
    const ratio = middle(times.hidden) / middle(times.unknown);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });

  test('leaves the same on record as one that does not exist, but for what was asked', async () => {
    recorded.length = 0;
    await refusal(hidden);
    await refusal(unknown);
    expect(recorded.map((entry) => (entry as unknown[]).slice(0, 3))).toEqual([
      [quality, 'view', [hidden]],
      [quality, 'view', [unknown]],
    ]);
  });
});

describe('whoever reads the ledger', () => {
  const about = (packageId: PackageId): Event[] => [
    submitted(packageId, packageId === hidden ? 'SECRET' : 'PLAIN', itar),
    received(packageId, 'NAME.keyway.yaml'),
    makeEvent('package.withdrawn', gateway, { packageId, reason: 'A slip.', decision }),
    makeEvent('access.refused', quality.principal, {
      ...{ action: 'view', channel: 'https', asked: [packageId], repeats: 0 },
    }),
  ];

  test('sees no body of an entry about a hidden package, and those about others', async () => {
    for (const event of about(hidden))
      expect([event.type, await sight.maySee(quality, event)]).toEqual([event.type, false]);
    for (const event of about(open))
      expect([event.type, await sight.maySee(quality, event)]).toEqual([event.type, true]);
    for (const event of about(hidden)) expect(await sight.maySee(onHost, event)).toBe(true);
  });

  test('cannot tell by a refusal on record what is hidden from what does not exist', async () => {
    const refused = (asked: string[]) =>
      makeEvent('access.refused', quality.principal, { action: 'view', channel: 'https', asked, repeats: 0 });
    for (const asked of [[hidden], [unknown], [open, hidden], [open, unknown], ['O4471.NC']])
      expect([asked, await sight.maySee(quality, refused(asked))]).toEqual([asked, false]);
  });

  test('sees no delivery and no deposit that leads to no package they may see', async () => {
    const deliveryId = 'DLV-0000000000' as DeliveryId;
    const failed = makeEvent('delivery.failed', gateway, { deliveryId, bytes: 0, reason: 'Cut off.' });
    // Nothing is known of it: no release, so nothing that could be shown of one.
    expect(await sight.maySee(quality, failed)).toBe(false);
    expect(await sight.maySee(quality, received(unknown, 'SECRET-2.keyway.yaml'))).toBe(false);
  });
});
