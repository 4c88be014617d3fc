import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Catalog } from '../../src/catalog/catalog.ts';
import { prepareCatalog } from '../../src/catalog/rebuild.ts';
import { wireCore } from '../../src/core.ts';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DeliveryId, DepositId, GroupId, MachineId, PackageId } from '../../src/domain/ids.ts';
import type { Machine } from '../../src/domain/machines.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import type { Envelope } from '../../src/domain/statements.ts';
import { buildApp } from '../../src/edges/http/app.ts';
import { signRequest } from '../../src/edges/http/message-signature.ts';
import type { HttpParts } from '../../src/edges/http/parts.ts';
import { Sites } from '../../src/edges/http/sites.ts';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { AnchorFolder } from '../../src/ledger/anchor.ts';
import { openLedger } from '../../src/ledger/open.ts';
import { SummaryKeeper } from '../../src/ledger/summary.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { digestOf } from '../../src/platform/hash.ts';
import type { Caller } from '../../src/platform/rpc.ts';
import { Policy } from '../../src/policy/decide.ts';
import { MachineProfiles } from '../../src/services/machine-profiles.ts';
import { signPayload, signStatement } from '../../src/signing/dsse.ts';
import type { Signer } from '../../src/signing/signer-client.ts';
import type { signerProcedures } from '../../src/signing/signer-protocol.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { approvalStatement } from '../../src/signing/statements.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { madeChange } from './changes.ts';
import { inlineFolding } from './inline-folding.ts';
import { routes, signerOf } from './release-room.ts';
import { makePerson, makeTestKeys, temporaryFolder } from './test-keys.ts';
import { countingRandom, sealKey, silentLog } from './test-ledger.ts';

export type Known = ReturnType<typeof makePerson>;
export const gatewayActor = { kind: 'gateway' } as const;

const mill = (id: string, over: Partial<Machine> = {}): Machine => ({
  ...{ id: id as MachineId, groups: ['HAAS-VF' as GroupId], make: 'Haas', model: 'VF-2', control: 'NGC' },
  ...{
    cell: 'C3',
    country: 'US',
    channel: 'sftp' as const,
    sshKeys: [newSshKeyPair().public.trim().split(' ').slice(0, 2).join(' ')],
  },
  jurisdictions: ['ITAR' as const, 'EAR' as const, 'none' as const],
  ...over,
});

type FloorOptions = {
  clock?: () => number;
  webhooks?: { url: string; networks: string[] }[];
  publicOrigin?: () => string;
};

/**
 * The whole core in this process, wired as a gateway wires it, with its HTTP app to be asked by `inject`: what the screens see,
 * decided by the real policy on the real ledger. The signer is its core, without a process.
 */
export async function openScreensFloor({
  clock = Date.now,
  webhooks = [],
  publicOrigin = () => 'https://localhost:8443',
}: FloorOptions = {}) {
  const place = temporaryFolder();
  const keys = makeTestKeys(clock());
  const { trust } = keys;
  const config = loadConfig({ data: place.folder });
  config.http.webhooks = webhooks;
  const { paths } = config;
  for (const folder of [paths.vault, paths.inbound]) mkdirSync(folder, { recursive: true });
  const opened = openLedger({ path: paths.ledger, summary: paths.summary, trust, sealKey });
  const { reader, hashes, tree, standing, standingEntries, summarised } = opened;
  prepareCatalog(paths.catalog, tree.size);
  const catalog = new Catalog(paths.catalog, tree.size, () => inlineFolding(paths.catalog, reader));
  const keeper = new SummaryKeeper(
    { path: paths.summary, sealKey, reader, hashes, standing: standingEntries, log: silentLog },
    summarised,
  );
  const vault = new BlobStore(paths.vault);
  const policy = Policy.load(config.policy);
  const random = countingRandom();
  const onFatal = (error: unknown) => {
    throw error;
  };
  const core = wireCore({
    ...{
      config,
      trust,
      policy,
      routes,
      vault,
      opened: { ...opened, catalog, keeper },
      peers: [],
      sealKey,
      clock,
      random,
    },
    profiles: MachineProfiles.load(config.machineProfiles),
    anchor: new AnchorFolder(config.ledger.anchor, trust.origin, silentLog),
    signer: await signerInProcess(keys, join(place.folder, 'signer.state'), clock),
    credentialsFolder: undefined,
    publicOrigin,
    log: silentLog,
    onFatal,
    onStandingChanged: () => {},
  });
  const parts: HttpParts = {
    ...core.http,
    ...{ vault, standing, clock, sites: new Sites([]), log: silentLog, random: (size: number) => randomBytes(size) },
    readiness: () => ({
      ready: true,
      checks: { ledger: true, signer: true, sftp: true, checkpoint: true, trust: true },
    }),
  };
  const app = buildApp(parts, { kind: 'socket' });
  await app.ready();

  const commit = (...events: Event[]) => core.ledger.commit(() => ({ events, result: undefined }));
  const change = async (made: Parameters<typeof madeChange>[0]) => {
    const time = new Date(clock()).toISOString();
    const until = new Date(clock() + 3_600_000).toISOString();
    return commit((await madeChange(made, { keys, index: core.ledger.size, time, validUntil: until })).event);
  };
  const { version, text } = routes;
  const configured = { policySet: policy.digest, routes: { version, text } };
  await commit(makeEvent('gateway.configured', gatewayActor, configured));
  const enrol = async (id: string, roles: PersonRole[], usPerson = true): Promise<Known> => {
    const known = makePerson(id, roles, usPerson);
    await change({ kind: 'person.enrol', person: known.person });
    return known;
  };
  const people = {
    author: await enrol('CAM-1', ['programmer']),
    engineer: await enrol('ME-2', ['manufacturing-engineer']),
    quality: await enrol('QA-1', ['quality']),
    export: await enrol('EXP-1', ['export-compliance']),
    operator: await enrol('OP-11', ['operator']),
    administrator: await enrol('ADM-9', ['administrator']),
    /** Of every role that sees anything, and no US person. */
    foreign: await enrol('QA-FR', ['quality', 'manufacturing-engineer', 'programmer', 'operator'], false),
  };
  await change({ kind: 'machine.register', machine: mill('HAAS-VF-07') });

  const ask = (who: Known | undefined, method: 'GET' | 'POST', url: string, body?: unknown, headers = {}) =>
    app.inject({ method, url, headers: { ...headers, ...head(clock, who, method, url, body) }, ...payload(body) });
  let deposits = 0;
  const deposit = async (sidecar: object, files: Record<string, string | Buffer>, depositor?: Known) => {
    const depositId = `DEP-${String(++deposits).padStart(10, '0')}` as DepositId;
    const outcome = await core.intake.receive({
      ...{ depositId, door: 'http', name: `job-${deposits}`, problems: [] },
      ...(depositor ? { depositor: depositor.person.id } : {}),
      sidecar: { fileName: 's.keyway.json', bytes: Buffer.from(JSON.stringify(sidecar)), parsed: undefined },
      files: Object.entries(files).map(([name, bytes]) => ({ name, content: oneChunk(Buffer.from(bytes)) })),
    });
    return { depositId, outcome };
  };
  /** Its package. */
  const admitted = async (...args: Parameters<typeof deposit>): Promise<PackageId> => {
    const { outcome } = await deposit(...args);
    if (outcome.state !== 'admitted') throw new Error(`not admitted: ${JSON.stringify(outcome)}`);
    return outcome.packageId;
  };
  const approve = async (who: Known, role: PersonRole, packageId: PackageId) => {
    const waiting = standing.openPackage(packageId);
    if (!waiting) throw new Error(`${packageId} does not wait`);
    const { manifest, firstArticle } = waiting;
    const decides = role === 'quality' && firstArticle !== undefined;
    const said = approvalStatement({
      ...{ decision: 'approve', packageId, person: who.person.id, role, meaning: 'I checked it.', manifest },
      ...{ routeVersion: routes.version, time: new Date(clock()).toISOString() },
      ...(decides ? { firstArticle: { needed: 'full', reason: 'New.', draft: firstArticle.difference.digest } } : {}),
    });
    const envelope = signStatement(said, who.key);
    return ask(who, 'POST', `/packages/${packageId}/approvals`, { envelope });
  };
  /** Through the route of its label; the id of its release. */
  const release = async (packageId: PackageId): Promise<string> => {
    const isItar = standing.openPackage(packageId)?.manifest.classification.jurisdiction === 'ITAR';
    await approve(people.engineer, 'manufacturing-engineer', packageId);
    const last = await approve(people.quality, 'quality', packageId);
    const answer = isItar ? await approve(people.export, 'export-compliance', packageId) : last;
    const { release: made } = answer.json<{ release: { state: string; releaseId?: string } }>();
    if (!made.releaseId) throw new Error(`not released: ${answer.body}`);
    return made.releaseId;
  };

  return {
    ...{
      app: app as FastifyInstance,
      core,
      standing,
      catalog,
      vault,
      keys,
      people,
      clock,
      parts,
      folder: place.folder,
    },
    ...{
      reader,
      signedHead: (who: Known | undefined, method: string, url: string) => head(clock, who, method, url, undefined),
    },
    signerOf: ({ key }: Known) => pemSigningKey(key),
    /** The same payload with one more signature. */
    async cosigned(envelope: Envelope, { key }: Known): Promise<Envelope> {
      return signPayload(Buffer.from(envelope.payload, 'base64'), pemSigningKey(key));
    },
    ...{ ask, commit, change, enrol, deposit, admitted, approve, release },
    async close(): Promise<void> {
      await app.close();
      await core.stop();
      await core.record.close();
      await core.ledger.commit(() => ({ events: [], result: undefined }));
      core.publisher.close();
      await catalog.close();
      opened.store.close();
      place.remove();
    },
  };
}
export type ScreensFloor = Awaited<ReturnType<typeof openScreensFloor>>;

export const sidecarOf = (part: string, over: object = {}) => ({
  ...{ part, revision: 'A', operation: '10', machineGroup: 'HAAS-VF', author: 'CAM-1', changeOrder: 'ECO-1' },
  classification: { jurisdiction: 'none' },
  files: [{ name: `${part}.NC`, role: 'main-program' }],
  ...over,
});

/** A small program for the mill that inspection has nothing against. */
export const millProgram = (number: number, feed = 20, x = 1): string =>
  `%\nO${String(number).padStart(4, '0')}\nN10 G20 G90 G17\nN20 G0 X0. Y0.\nN30 G1 X${x}. F${feed}.\nN40 M30\n%\n`;

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const payload = (body: unknown) => (body === undefined ? {} : { payload: JSON.stringify(body) });

/** Signed by that person; without one as the gateway's own account. */
function head(clock: () => number, who: Known | undefined, method: string, url: string, body: unknown) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  if (!who) return type;
  const [path = '', query = ''] = url.split('?');
  const bodyDigest = body === undefined ? undefined : digestOf(JSON.stringify(body));
  const created = Math.ceil(clock() / 1000);
  const nonce = randomBytes(18).toString('base64url');
  const keyId = who.person.keys[0]?.keyId ?? '';
  return { ...type, ...signRequest({ method, path, query, bodyDigest, created, nonce, privateKey: who.key, keyId }) };
}

async function signerInProcess(
  keys: Parameters<typeof signerOf>[0],
  stateFile: string,
  clock: () => number,
): Promise<Signer> {
  const core = await signerOf(keys, stateFile, clock);
  const call = async (name: keyof typeof core, input: never) => (core[name] as (input: never) => unknown)(input);
  return {
    call: call as unknown as Caller<typeof signerProcedures>,
    ...{ requireReady: () => {}, ready: true, trouble: undefined, pid: undefined, stop: async () => {} },
  };
}

let deliveries = 0;
/** A whole delivery of one file of a release, as a door records it. */
export async function deliveredTo(
  floor: ScreensFloor,
  releaseId: string,
  machine: string,
  name: string,
): Promise<void> {
  const release = floor.standing.release(releaseId);
  const file = release?.manifest.files.find((one) => one.name === name);
  if (!release || !file) throw new Error(`${name} is not of ${releaseId}`);
  const deliveryId = `DLV-${String(++deliveries).padStart(10, '0')}` as DeliveryId;
  const actor = { kind: 'machine' as const, id: machine as MachineId };
  const { digest, size } = file;
  const about = { deliveryId, releaseId: release.releaseId, machineId: machine as MachineId, file: name, digest, size };
  const decision = floor.core.authority.decide(
    'deliver',
    { principal: actor, context: { channel: 'sftp', encrypted: true } },
    { kind: 'package', id: release.packageId, manifest: release.manifest },
  );
  await floor.commit(makeEvent('delivery.started', actor, { ...about, channel: 'sftp', decision }));
  await floor.commit(makeEvent('delivery.completed', actor, { deliveryId, bytes: size, digest }));
}

/** A machine sends back what it holds under a name, as a door takes it; what it was, once the difference is on record. */
export async function sentBackBy({ core }: ScreensFloor, machine: string, name: string, content: string) {
  const { retrievalId, file } = await core.returns.accept('sftp', machine as MachineId, name);
  writeFileSync(file, content);
  const verdict = await core.returns.arrived({ retrievalId, bytes: Buffer.byteLength(content), complete: true });
  await core.readback.settled();
  return { retrievalId, verdict };
}
