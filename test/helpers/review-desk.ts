import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { type EventData, type EventType, makeEvent } from '../../src/domain/events.ts';
import type { FirstArticleDecision } from '../../src/domain/first-article.ts';
import type { DepositId, GroupId, MachineId, PackageId } from '../../src/domain/ids.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { Envelope } from '../../src/domain/statements.ts';
import { Proofs } from '../../src/ledger/proofs.ts';
import { SignerFeed } from '../../src/ledger/signer-feed.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { Policy } from '../../src/policy/decide.ts';
import { parseRoutes } from '../../src/policy/routes.ts';
import { Authority } from '../../src/services/authority.ts';
import { BrowseService } from '../../src/services/browse.ts';
import { type InspectionTask, runInspection } from '../../src/services/inspection-task.ts';
import { IntakeService } from '../../src/services/intake.ts';
import { MachineProfiles } from '../../src/services/machine-profiles.ts';
import type { Asker } from '../../src/services/principals.ts';
import { ProvenEntries } from '../../src/services/proven-entries.ts';
import { ReleaseService } from '../../src/services/release.ts';
import { ReviewService } from '../../src/services/review.ts';
import { Verification } from '../../src/services/verification.ts';
import { WaiverService } from '../../src/services/waivers.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { signStatement } from '../../src/signing/dsse.ts';
import { SignerCore } from '../../src/signing/signer-core.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { approvalStatement } from '../../src/signing/statements.ts';
import { waiverStatement } from '../../src/signing/waiver.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { policyFolder } from '../policy/cases.ts';
import { madeChange } from './changes.ts';
import { makePerson, makeTestKeys, temporaryFolder, testOrigin } from './test-keys.ts';
import { countingRandom, openTestLedger, silentLog } from './test-ledger.ts';

export const atTheHost: Asker = {
  principal: { kind: 'local', account: 'keyway' },
  context: { channel: 'local-socket', encrypted: true },
};
const routesText = `routes: [{ id: all, approvals: [{ role: manufacturing-engineer, count: 1, meaning: I ran it. }, { role: quality, count: 1, meaning: I checked it. }] }]`;
export type Known = ReturnType<typeof makePerson>;

/** From a deposit to a release in one process: ledger, vault, services and the signer's core, and people with keys. */
export async function openReviewDesk() {
  const clock = () => 1_800_000_000_000;
  const keys = makeTestKeys(clock());
  const place = temporaryFolder();
  const releaseKey = pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem));
  const routes = parseRoutes(Buffer.from(routesText), 'routes');
  const { trust, ledgerSigners } = keys;
  const cms = await CmsSigner.create(releaseKey, [keys.releaseCertificate]);
  const stateFile = join(place.folder, 'signer.state');
  const core = new SignerCore({ trust, routes, releaseKey, cms, ledgerSigners, stateFile, clock });
  const signed = {
    lastSigned: async () => core.lastSigned(),
    signCheckpoint: async (head: Parameters<typeof core.signCheckpoint>[0]) => core.signCheckpoint(head),
  };
  const at = openTestLedger({ keys, folder: place.folder, clock, signer: signed });
  const { ledger, standing, catalog, publisher, hashes, reader } = at;
  const vault = new BlobStore(join(place.folder, 'vault'));
  const record = { refused: () => {}, listed: () => {} };
  const authority = new Authority(Policy.load(policyFolder), standing, clock, record);
  const profiles = MachineProfiles.load(new URL('../../config/machines', import.meta.url).pathname);
  const inspection = { inspect: async (task: InspectionTask) => runInspection(task) };
  const random = countingRandom();
  const all = { ledger, catalog, standing, vault, authority, profiles, inspection, random, log: silentLog };
  const intake = new IntakeService({ ...all, onLongProgram: () => {} });
  const waivers = new WaiverService({ ...all, intake, origin: testOrigin });
  const proofs = new Proofs(reader, hashes);
  const entries = new ProvenEntries({ standing, proofs, publisher });
  const verification = new Verification({ standing, proofs, entries, trust, routes });
  const signer = {
    call: ((_name: 'signRelease', request: Parameters<typeof core.signRelease>[0]) =>
      core.signRelease(request)) as never,
    requireReady: () => {},
    ready: true,
    trouble: undefined,
    pid: undefined,
    stop: async () => {},
  };
  const feed = new SignerFeed(reader, {
    followLedger: async () => core.followLedger(),
    takeLeaves: async (part) => core.takeLeaves(part),
  });
  const releases = new ReleaseService({ ...all, publisher, signer, feed, verification, routes, trust, clock });
  const review = new ReviewService({ ledger, standing, authority, routes, releases });
  const browse = new BrowseService({ catalog, standing, authority, routes, record });

  const person = (id: string, ...roles: PersonRole[]) => makePerson(id, roles, true);
  const people = {
    author: person('CAM-1', 'programmer', 'manufacturing-engineer', 'quality'),
    engineer: person('ME-2', 'manufacturing-engineer'),
    quality: person('QA-1', 'quality'),
  };
  const time = () => new Date(clock()).toISOString();
  const enrol = async ({ person: one }: Known) => {
    const { event } = await madeChange({ kind: 'person.enrol', person: one }, { keys, index: 0, time: time() });
    await ledger.commit(() => ({ events: [event], result: undefined }));
  };
  for (const one of Object.values(people)) await enrol(one);
  const machine = {
    ...{ id: 'HAAS-VF-07' as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC' },
    ...{ cell: 'C3', country: 'US', channel: 'sftp' as const, sshKeys: ['ssh-ed25519 AAAA'] },
    jurisdictions: ['ITAR' as const, 'none' as const],
  };
  const revoke = async ({ person: { id, keys: own } }: Known, compromisedSince: string) => {
    const [key] = own;
    if (!key) throw new Error(`${id} has no key`);
    const change = { kind: 'person.key-revoke', person: id, keyId: key.keyId, compromisedSince } as const;
    const { event } = await madeChange(change, { keys, index: 0, time: time() });
    await ledger.commit(() => ({ events: [event], result: undefined }));
  };
  const { event: registered } = await madeChange(
    { kind: 'machine.register', machine },
    { keys, index: 0, time: time() },
  );
  const configured = {
    policySet: digestOf('policy'),
    routes: { version: routes.version, text: routesText },
  };
  await ledger.commit(() => ({
    events: [registered, makeEvent('gateway.configured', { kind: 'gateway' }, configured)],
    result: undefined,
  }));

  let deposits = 0;
  const partOf = new Map<DepositId, string>();
  /** One main program for the mill, PART.NC; of a part of its own where none is named. */
  const deposit = async (program: string, { part = `BRKT-${deposits}`, revision = 'A' } = {}) => {
    const depositId = `DEP-${String(++deposits).padStart(10, '0')}` as DepositId;
    const about = {
      ...{ part, revision, operation: '10', machineGroup: 'HAAS-VF', author: 'CAM-1', changeOrder: 'ECO-1' },
      classification: { jurisdiction: 'none' },
      files: [{ name: `${part}.NC`, role: 'main-program' }],
    };
    partOf.set(depositId, part);
    const content = async function* () {
      yield Buffer.from(program);
    };
    const outcome = await intake.receive({
      ...{ depositId, door: 'http', name: part, problems: [] },
      sidecar: { fileName: 's.keyway.json', bytes: Buffer.from(JSON.stringify(about)), parsed: undefined },
      files: [{ name: `${part}.NC`, content: content() }],
    });
    return { depositId, outcome };
  };
  const view = (id: string) => browse.package(atTheHost, id, 100);

  type Waived = Partial<Parameters<typeof waiverStatement>[1]> & { of: string };
  const waiver = (who: Known, depositId: DepositId, { of, ...over }: Waived): Envelope =>
    signStatement(
      waiverStatement(
        { name: `${partOf.get(depositId)}.NC`, digest: digestOf(of) },
        {
          ...{ origin: testOrigin, depositId, person: who.person.id, role: 'manufacturing-engineer' },
          ...{ rule: 'call-outside-package', reason: 'The control holds it.', time: time() },
          ...over,
        },
      ),
      who.key,
    );
  const approval = async (who: Known, role: PersonRole, packageId: PackageId, firstArticle?: FirstArticleDecision) => {
    const { row } = await view(packageId);
    const said = approvalStatement({
      ...{ decision: 'approve', packageId, person: who.person.id, role, meaning: 'I checked it.', time: time() },
      ...{ manifest: row.manifest, routeVersion: routes.version, firstArticle },
    });
    return signStatement(said, who.key);
  };
  const approve = async (...signing: Parameters<typeof approval>) =>
    review.record(atTheHost, signing[2], await approval(...signing));
  /** An approval as quality in the ledger that says another decision than its envelope, as a gateway gone astray would. */
  const lieAbout = async (packageId: PackageId, envelope: Envelope, firstArticle: FirstArticleDecision) => {
    const { row } = await view(packageId);
    const { id } = people.quality.person;
    const event = makeEvent(
      'approval.given',
      { kind: 'person', id },
      {
        ...{ packageId, person: id, role: 'quality', manifestDigest: row.manifestDigest, routeVersion: routes.version },
        ...{
          firstArticle,
          envelope,
          decision: authority.decide('view', atTheHost, { kind: 'package', id: packageId, manifest: row.manifest }),
        },
      },
    );
    await ledger.commit(() => ({ events: [event], result: undefined }));
  };
  const events = <T extends EventType>(type: T): EventData<T>[] =>
    [...reader.entries(0, ledger.size)].flatMap((entry) => {
      const body = JSON.parse(entry.body.toString()) as { type: string; data: EventData<T> };
      return body.type === type ? [body.data] : [];
    });

  return {
    ...{ at, keys, vault, people, standing, intake, waivers, review, releases, verification, browse },
    ...{ lieAbout, revoke, person },
    ...{ deposit, view, waiver, approval, approve, enrol, events },
    close(): void {
      at.close();
      place.remove();
    },
  };
}
export type ReviewDesk = Awaited<ReturnType<typeof openReviewDesk>>;
