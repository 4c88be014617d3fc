import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReleaseId } from '../../src/domain/ids.ts';
import { type Envelope, ReleaseStatement } from '../../src/domain/statements.ts';
import { CmsSigner } from '../../src/signing/cms.ts';
import { preAuthenticationEncoding } from '../../src/signing/dsse.ts';
import { signReleased } from '../../src/signing/release-signatures.ts';
import { pemSigningKey } from '../../src/signing/signing-key.ts';
import { BarePkijs } from '../helpers/bench-pkijs.ts';
import { openReleaseRoom } from '../helpers/release-room.ts';
import { makeTestKeys, type TestKeys, temporaryFolder } from '../helpers/test-keys.ts';
import { type BenchResult, type Figure, figure } from './figures.ts';

const programBytes = 200_000;
const artefactBytes = 200_000_000;
const releases = 20;
/** Ours and the peer's take turns, so that whatever else the machine does weighs on both; the quickest turns count. */
const turns = 15;

type Room = Awaited<ReturnType<typeof openReleaseRoom>>;

export async function run(): Promise<BenchResult> {
  const keys = makeTestKeys();
  const { folder, remove } = temporaryFolder();
  const room = await openReleaseRoom({ keys, folder });
  try {
    const released: ReleaseId[] = [];
    for (let n = 0; n < releases; n++) released.push(await release(room, n));
    const figures = [
      ...(await signatures(room, keys, released)),
      ...deliveryCheck(room, keys, released),
      ...streamed(folder, keys),
    ];
    return { figures, notes };
  } finally {
    room.close();
    remove();
  }
}

const notes = [
  'A release is two programs of 200 kB. Its signatures: each file hashed from disk and signed as CMS, the statement signed as DSSE, and each of the three checked before it leaves. pkijs does the same and checks nothing.',
  'Cached is held against the goal of 50 microseconds; memory is how much more a process takes for 200 MB than for 200 kB.',
];

async function release(room: Room, n: number): Promise<ReleaseId> {
  const files = [0, 1].map((at) => Buffer.alloc(programBytes, `N${n} G1 X${at}.\n`));
  const outcome = await room.releases.issue(await room.approved(files));
  if (outcome.state !== 'released') throw new Error('the package was not released');
  return outcome.releaseId;
}

async function signatures(room: Room, keys: TestKeys, released: readonly ReleaseId[]): Promise<Figure[]> {
  const key = createPrivateKey(keys.pki.release.privateKeyPem);
  const releaseKey = pemSigningKey(key);
  const cms = await CmsSigner.create(releaseKey, [keys.releaseCertificate]);
  const pkijs = await BarePkijs.create(key, keys.releaseCertificate);
  const work = released.map((id) => workOf(room, id));
  const ours = async () => {
    const { trust } = keys;
    for (const { statement, artefacts } of work)
      await signReleased(statement, artefacts, { releaseKey, cms, trust, timeMs: Date.now() });
  };
  const bare = async () => {
    for (const { artefacts, payload } of work) {
      for (const { path } of artefacts) await pkijs.signFile(path);
      await pkijs.signBytes(new Uint8Array(preAuthenticationEncoding(payload)));
    }
  };
  const [mine = 0, theirs = 0] = await inTurns(ours, bare);
  const openssl = opensslPerSecond(keys, work);
  const rate = (ms: number) => (work.length / ms) * 1_000;
  return [
    figure({
      ...{ what: 'signatures of a release', ours: rate(mine), peer: rate(theirs), peerName: 'bare pkijs' },
      ...{ unit: 'releases/s', better: 'more', goal: 0.9 },
    }),
    figure({
      ...{ what: 'signed files', ours: rate(mine) * 2, peer: openssl, peerName: 'openssl cms -sign, a process a file' },
      ...{ unit: 'files/s', better: 'more', goal: 3 },
    }),
  ];
}

function workOf({ standing, reader, vault }: Room, id: ReleaseId) {
  const { index, manifest } = standing.release(id) ?? { index: -1, manifest: undefined };
  const body = JSON.parse(String(reader.entry(index)?.body)) as { data: { envelope: Envelope } };
  const payload = Buffer.from(body.data.envelope.payload, 'base64');
  const artefacts = (manifest?.files ?? []).map((file) => ({ ...file, path: vault.path(file.digest) }));
  return { payload, artefacts, statement: ReleaseStatement.parse(JSON.parse(payload.toString('utf8'))) };
}

function opensslPerSecond(keys: TestKeys, work: readonly ReturnType<typeof workOf>[]): number {
  const place = temporaryFolder();
  const [key, certificate] = ['key.pem', 'crt.pem'].map((name) => join(place.folder, name)) as [string, string];
  writeFileSync(key, keys.pki.release.privateKeyPem);
  writeFileSync(certificate, keys.pki.release.certificatePem);
  const files = work.flatMap(({ artefacts }) => artefacts);
  const args = ['cms', '-sign', '-binary', '-cades', '-outform', 'DER', '-signer', certificate, '-inkey', key];
  const took = files.map(({ path }) =>
    timeOf(() => void execFileSync('openssl', [...args, '-in', path, '-out', join(place.folder, 'out.p7s')])),
  );
  place.remove();
  return 1_000 / Math.min(...took);
}

function deliveryCheck(room: Room, keys: TestKeys, released: readonly ReleaseId[]): Figure[] {
  const { fresh } = room;
  const behind = bareSignatures(room, keys);
  const bare = (id: ReleaseId) => {
    for (const { bytes, key, sig } of behind.of(id))
      if (!verify('sha256', bytes, key, sig)) throw new Error('a signature does not hold');
  };
  const cold = best(() => timeOf(() => fresh().release(released[0] as ReleaseId)));
  const further = best(() => {
    const verification = fresh();
    verification.release(released[0] as ReleaseId);
    const rest = released.slice(1);
    return timeOf(() => rest.forEach((id) => void verification.release(id))) / rest.length;
  });
  const all = best(() => timeOf(() => released.forEach(bare)) / released.length);
  const verification = fresh();
  released.forEach((id) => void verification.release(id));
  const asked = 100_000;
  const cached = best(() =>
    timeOf(() => {
      for (let n = 0; n < asked; n++) verification.release(released[n % released.length] as ReleaseId);
    }),
  );
  const peer = { peer: all * 1_000, peerName: `node:crypto verify of the ${behind.count} signatures behind it` };
  const us = { unit: 'us', better: 'less' } as const;
  return [
    figure({ what: 'the first check of a release', ours: further * 1_000, ...peer, ...us, goal: 0.8 }),
    figure({ what: 'the first check after a start', ours: cold * 1_000, ...peer, ...us, goal: 0.8 }),
    figure({
      ...{ what: 'a check that is cached', ours: (cached / asked) * 1_000, peer: 50, peerName: 'the goal' },
      ...{ ...us, goal: 1 },
    }),
  ];
}

const timeOf = (work: () => void): number => {
  const begun = performance.now();
  work();
  return performance.now() - begun;
};

const best = (measure: () => number): number => Math.min(...Array.from({ length: turns }, measure));

/** The quickest turn of each, in milliseconds. */
async function inTurns(...works: (() => Promise<void>)[]): Promise<number[]> {
  const quickest = works.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < turns; turn++) {
    for (const [n, work] of works.entries()) {
      const begun = performance.now();
      await work();
      quickest[n] = Math.min(quickest[n] ?? 0, performance.now() - begun);
    }
  }
  return quickest;
}

/** Every signature that a release rests on, as bytes and key: its own, two approvals, two under each of three enrolments. */
function bareSignatures({ standing, reader }: Room, keys: TestKeys) {
  const dataOf = (index: number) =>
    (JSON.parse(String(reader.entry(index)?.body)) as { data: { envelope: Envelope; authorisation: Envelope } }).data;
  const keyOf = new Map<string, KeyObject>(
    [
      keys.trust.releaseKey,
      ...keys.trustFile.administrators,
      ...standing.register.people().flatMap((person) => person.keys),
    ].map(({ keyId, publicKey }) => [keyId, createPublicKey(publicKey)]),
  );
  const signed = ({ payload, signatures }: Envelope) =>
    signatures.map(({ keyid, sig }) => ({
      bytes: preAuthenticationEncoding(Buffer.from(payload, 'base64')),
      key: keyOf.get(keyid) as KeyObject,
      sig: Buffer.from(sig, 'base64'),
    }));
  const people = standing.register.entriesBehind(standing.register.people().map(({ id }) => id));
  const enrolments = people.flatMap((index) => signed(dataOf(index).authorisation));
  const made = new Map(
    [...standing.releases()].map(({ releaseId, index, approvals }) => [
      releaseId,
      [index, ...approvals.map((one) => one.index)].flatMap((at) => signed(dataOf(at).envelope)).concat(enrolments),
    ]),
  );
  return { of: (id: ReleaseId) => made.get(id) ?? [], count: enrolments.length + 3 };
}

/** Says at its end what the process took at most, in KiB. What getrusage tells counts what it was forked from. */
const peakReport =
  'data:text/javascript,import{readFileSync}from"node:fs";process.on("exit",()=>console.error(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status","utf8"))[1]))';

/** What `keyway verify FILE` and the signer take in memory for a large artefact beyond a small one, in processes of their own. */
function streamed(folder: string, keys: TestKeys): Figure[] {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('trust.json'), JSON.stringify(keys.trustFile));
  writeFileSync(at('release.key.pem'), keys.pki.release.privateKeyPem);
  writeFileSync(at('small.nc'), Buffer.alloc(programBytes, 'G1 X1.\n'));
  writeFileSync(at('large.nc'), Buffer.alloc(artefactBytes, 'G1 X1.\n'));
  const peak = (...args: string[]): number => {
    const { status, stderr } = spawnSync(process.execPath, ['--import', peakReport, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return Number(stderr.trim().split('\n').at(-1)) / 1_024;
  };
  const program = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const sign = (name: string) =>
    peak(program('../helpers/bench-sign-process.ts'), at('trust.json'), at('release.key.pem'), at(name));
  const check = (name: string) => peak(program('../../src/main.ts'), 'verify', at(name), '--trust', at('trust.json'));
  const growth = (of: (name: string) => number): number => Math.max(0.1, of('large.nc') - of('small.nc'));
  return [['sign 200 MB', sign] as const, ['keyway verify of 200 MB', check] as const].map(([what, of]) =>
    figure({ what, ours: growth(of), peer: 40, peerName: 'the goal', unit: 'MB more', better: 'less', goal: 1 }),
  );
}
