import { createPrivateKey } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Event, makeEvent } from '../../src/domain/events.ts';
import type { DepositId, GroupId, PackageId } from '../../src/domain/ids.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import { Proofs } from '../../src/ledger/proofs.ts';
import type { CheckpointSigner } from '../../src/ledger/publisher.ts';
import { rfc3339 } from '../../src/platform/clock.ts';
import type { Caller } from '../../src/platform/rpc.ts';
import { Policy } from '../../src/policy/decide.ts';
import { loadRoutes } from '../../src/policy/routes.ts';
import { AccessRecord } from '../../src/services/access-record.ts';
import { Authority } from '../../src/services/authority.ts';
import { ProvenEntries } from '../../src/services/proven-entries.ts';
import { ReleaseService } from '../../src/services/release.ts';
import { ReviewService } from '../../src/services/review.ts';
import { Verification } from '../../src/services/verification.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { signStatement } from '../../src/signing/dsse.ts';
import type { Signer } from '../../src/signing/signer-client.ts';
import { SignerCore } from '../../src/signing/signer-core.ts';
import type { signerProcedures } from '../../src/signing/signer-protocol.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { approvalStatement, manifestDigest } from '../../src/signing/statements.ts';
import { BlobStore } from '../../src/vault/blob-store.ts';
import { madeChange } from './changes.ts';
import { makePerson, type TestKeys } from './test-keys.ts';
import { countingRandom, openTestLedger, silentLog } from './test-ledger.ts';

const config = (name: string) => fileURLToPath(new URL(`../../config/${name}`, import.meta.url));
const routes = loadRoutes(config('routes.yaml'));
const policy = Policy.load(config('policy'));
const meaning = 'I verified it.';
const asker = { principal: { kind: 'gateway' }, context: { channel: 'internal', encrypted: true } } as const;

/** A ledger, a signer and the services that release, all real and in this process: what a release is made and judged by. */
export async function openReleaseRoom({
  keys,
  folder,
  clock = Date.now,
}: {
  keys: TestKeys;
  folder: string;
  clock?: () => number;
}) {
  const core = await signerOf(keys, join(folder, 'signer-state'), clock);
  const at = openTestLedger({ keys, folder, clock, signer: checkpointSigner(core) });
  const { ledger, publisher, standing, reader, hashes } = at;
  const random = countingRandom();
  mkdirSync(join(folder, 'vault'));
  const vault = new BlobStore(join(folder, 'vault'));
  const record = new AccessRecord({ ledger, clock, log: silentLog });
  const authority = new Authority(policy, standing, clock, record);
  const proofs = new Proofs(reader, hashes);
  const parts = { ledger, publisher, standing, vault, authority, routes, clock, random, log: silentLog };
  const signer: Signer = {
    call: ((name: 'signRelease', input: never) => core[name](input)) as Caller<typeof signerProcedures>,
    ...{ requireReady: () => {}, ready: true, trouble: undefined, pid: undefined, stop: async () => {} },
  };
  const entries = new ProvenEntries({ standing, proofs, publisher });
  const fresh = () => new Verification({ standing, proofs, entries, trust: keys.trust, routes });
  const verification = fresh();
  const releases = new ReleaseService({ ...parts, verification, signer });
  const review = new ReviewService({ ...parts, releases });

  const crew = {
    author: makePerson('CAM-1', ['programmer']),
    engineer: makePerson('ME-2', ['manufacturing-engineer']),
    inspector: makePerson('QA-1', ['quality']),
  };
  const commit = (event: Event) => ledger.commit(() => ({ events: [event], result: undefined }));
  const change = async (made: Parameters<typeof madeChange>[0]) =>
    commit((await madeChange(made, { keys, index: ledger.size, ...anHourFrom(clock()) })).event);
  const { version, text } = routes;
  await commit(
    makeEvent('gateway.configured', asker.principal, { policySet: policy.digest, routes: { version, text } }),
  );
  for (const { person } of Object.values(crew)) await change({ kind: 'person.enrol', person });

  let submitted = 0;
  /** A package of these files, in the vault and in the ledger. */
  const submit = async (files: readonly Buffer[]): Promise<{ packageId: PackageId; manifest: Manifest }> => {
    const id = String(++submitted).padStart(10, '0');
    const listed: Manifest['files'] = [];
    for (const [n, bytes] of files.entries()) {
      const stored = await vault.putBytes(bytes);
      vault.admit(stored.digest);
      listed.push({ name: `O${submitted}-${n}.NC`, role: n === 0 ? 'main-program' : 'subprogram', ...stored });
    }
    const manifest: Manifest = {
      ...{ v: 1, part: `PART-${submitted}`, revision: 'A', operation: '10', machineGroup: 'HAAS-VF' as GroupId },
      ...{ changeOrder: 'ECO-1', author: crew.author.person.id, classification: { jurisdiction: 'none' } },
      files: listed,
    };
    const packageId = `PKG-${id}` as PackageId;
    const decision = authority.decide('release', asker, { kind: 'package', id: packageId, manifest });
    const about = {
      packageId,
      depositId: `DEP-${id}` as DepositId,
      manifest,
      manifestDigest: manifestDigest(manifest),
    };
    await commit(makeEvent('package.submitted', asker.principal, { ...about, decision }));
    return { packageId, manifest };
  };

  const approve = async ({ packageId, manifest }: Awaited<ReturnType<typeof submit>>, who: Known, role: PersonRole) => {
    const about = { packageId, manifest, person: who.person.id, role, meaning };
    const said = { decision: 'approve' as const, routeVersion: routes.version, time: rfc3339(clock()) };
    await review.record(asker, packageId, signStatement(approvalStatement({ ...about, ...said }), who.key));
  };
  const approved = async (files: readonly Buffer[]): Promise<PackageId> => {
    const waiting = await submit(files);
    await approve(waiting, crew.engineer, 'manufacturing-engineer');
    await approve(waiting, crew.inspector, 'quality');
    return waiting.packageId;
  };
  return { ...at, core, vault, verification, fresh, releases, crew, change, submit, approve, approved };
}
const anHourFrom = (now: number) => ({ time: rfc3339(now), validUntil: rfc3339(now + 3_600_000) });

type Known = ReturnType<typeof makePerson>;

async function signerOf(keys: TestKeys, stateFile: string, clock: () => number): Promise<SignerCore> {
  const releaseKey = pemSigningKey(createPrivateKey(keys.pki.release.privateKeyPem));
  const cms = await CmsSigner.create(releaseKey, [keys.releaseCertificate]);
  const { trust, ledgerSigners } = keys;
  return new SignerCore({ trust, routes, releaseKey, cms, ledgerSigners, stateFile, clock });
}

const checkpointSigner = (core: SignerCore): CheckpointSigner => ({
  lastSigned: async () => core.lastSigned(),
  signCheckpoint: async (head) => core.signCheckpoint(head),
});
