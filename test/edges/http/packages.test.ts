import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainError, errorCodes } from '../../../src/domain/errors.ts';
import type { DepositId, PackageId, PersonId, ReleaseId } from '../../../src/domain/ids.ts';
import { Manifest } from '../../../src/domain/manifest.ts';
import { statusOf } from '../../../src/edges/http/errors.ts';
import type { HttpParts } from '../../../src/edges/http/listen.ts';
import { contentDigest } from '../../../src/edges/http/message-signature.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import type { PackageDetail } from '../../../src/services/browse.ts';
import { signStatement } from '../../../src/signing/dsse.ts';
import { BlobStore } from '../../../src/vault/blob-store.ts';
import {
  askerName,
  codeOf,
  engineer,
  fakeParts,
  type HttpDoor,
  json,
  notHere,
  openHttpDoor,
  programmer,
  signed,
} from './http-door.ts';

const seen = 'PKG-0123456789' as PackageId;
const unknown = 'PKG-9876543210' as PackageId;
const releaseId = 'REL-0123456789' as ReleaseId;
const bytes = Buffer.from('%\nO4471\nM30\n%\n');
const manifest = Manifest.parse({
  v: 1,
  part: 'BRKT-4471',
  revision: 'D',
  operation: '20',
  machineGroup: 'HAAS-VF',
  author: 'CAM-1',
  changeOrder: 'ECO 118',
  classification: { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] },
  files: [{ name: "O4471 (fixture 'B').NC", role: 'main-program', digest: digestOf(bytes), size: bytes.length }],
});

let door: HttpDoor;
let vault: BlobStore;
let state: PackageDetail['row']['state'];
let issue: HttpParts['releases']['issue'];
let record: HttpParts['review']['record'];
let withdraw: HttpParts['releases']['withdraw'];
let firstArticle: PackageDetail['row']['firstArticle'];
let released: ReturnType<HttpParts['standing']['release']>;

const detail = (): PackageDetail => ({
  row: {
    packageId: seen,
    depositId: 'DEP-0123456789' as DepositId,
    state,
    manifest,
    manifestDigest: digestOf('manifest'),
    reason: undefined,
    releaseId: state === 'released' ? releaseId : undefined,
    replacedBy: undefined,
    replaces: undefined,
    firstArticle,
    index: 3,
    time: '2026-11-23T20:00:00.000Z',
  },
  route: {
    route: {
      id: 'controlled',
      version: digestOf('routes'),
      approvals: [{ step: 0, role: 'quality', count: 1, assurance: ['token'], meaning: 'I checked it.' }],
    },
    change: 'first-release',
    judged: { complete: false, counted: [], missing: [{ step: 0, role: 'quality', count: 1 }], notCounted: [] },
  },
  approvals: [],
  deliveries: [],
  waivers: [],
});

const listed = () => ({ row: detail().row, waiting: undefined, findings: { hold: 0, warn: 0, note: 0 } });

beforeAll(async () => {
  door = await openHttpDoor((folder) => {
    const parts = fakeParts(folder);
    vault = new BlobStore(folder);
    return {
      vault,
      lists: { ...parts.lists, packages: async () => ({ packages: [listed()] }) },
      browse: {
        ...parts.browse,
        // The programmer may not see it: it is then as if it did not exist.
        package: async (asker, id) => {
          if (id !== seen || askerName(asker) === 'CAM-1') throw notHere();
          return detail();
        },
      },
      review: { record: (...args) => record(...args) },
      releases: { issue: (id) => issue(id), withdraw: (...args) => withdraw(...args) },
      standing: {
        ...parts.standing,
        release: (id) => (id === releaseId ? released : undefined),
        releases: () => (released ? [released] : []),
      },
    };
  });
  await vault.putBytes(bytes);
  vault.admit(digestOf(bytes));
});
beforeEach(() => {
  state = 'submitted';
  firstArticle = undefined;
  released = undefined;
});
afterAll(() => door.close());

const inForce = () => ({ releaseId, packageId: seen, index: 12 }) as NonNullable<typeof released>;
const refuse =
  (code: ConstructorParameters<typeof DomainError>[0], message = 'No.') =>
  async () => {
    throw new DomainError(code, message);
  };
const envelope = signStatement({ any: 'statement' }, engineer.key);
const path = (id: string, rest = '') => `/packages/${id}${rest}`;

describe('a package', () => {
  it('is shown under its banner, with the route that it has to take and what is missing', async () => {
    const [summary] = await door.local.packages();
    expect(summary).toEqual({
      changeOrder: 'ECO 118',
      findings: { hold: 0, warn: 0, note: 0 },
      packageId: seen,
      state: 'submitted',
      ...{ part: 'BRKT-4471', revision: 'D', operation: '20', machineGroup: 'HAAS-VF', author: 'CAM-1' },
      banner: 'CUI // SP-EXPT · ITAR VIII(h)',
      index: 3,
      time: '2026-11-23T20:00:00.000Z',
    });
    const { changeOrder: _order, findings: _found, ...shown } = summary as NonNullable<typeof summary>;
    expect(await door.as(engineer).package(seen)).toMatchObject({
      ...shown,
      manifest,
      route: { id: 'controlled', missing: [{ step: 0, role: 'quality', count: 1 }] },
    });
  });

  it('that changes a released program shows the draft about its first article, and the difference behind it', async () => {
    expect(await door.local.package(seen)).not.toHaveProperty('firstArticle');
    await expect(door.local.packageDifference(seen)).rejects.toMatchObject({ code: 'not-found' });
    const difference = { digest: digestOf(bytes), size: bytes.length };
    firstArticle = { against: releaseId, proposal: 'partial', statement: 'Quality decides.', difference };
    expect(await door.local.package(seen)).toMatchObject({ firstArticle });
    const { content } = await door.local.packageDifference(seen);
    expect(await text(content)).toBe(bytes.toString());
  });

  it('that was released misses nothing any more', async () => {
    state = 'released';
    expect(await door.local.package(seen)).toMatchObject({ releaseId, route: { missing: [] } });
  });

  it('that may not be seen is answered byte for byte like one that does not exist, on every route', async () => {
    record = refuse('policy-denied', 'Only US persons.');
    withdraw = refuse('policy-denied', 'Only quality.');
    const name = encodeURIComponent(manifest.files[0]?.name ?? '');
    const routes = [
      { method: 'GET', rest: '' },
      { method: 'GET', rest: `/files/${name}` },
      { method: 'GET', rest: '/files/OTHER.NC' },
      { method: 'GET', rest: '/difference' },
      { method: 'POST', rest: '/release' },
      { method: 'POST', rest: '/approvals', ...json({ envelope }) },
      { method: 'POST', rest: '/withdraw', ...json({ reason: 'Stop.' }) },
    ];
    for (const { rest, ...sent } of routes) {
      const answers = [];
      for (const id of [seen, unknown]) {
        // What the services answer for a package that is not there.
        if (id === unknown)
          [record, withdraw] = [refuse('not-found', notHere().message), refuse('not-found', notHere().message)];
        answers.push(await door.overTls(signed(programmer, { ...sent, path: path(id, rest) })));
      }
      const [hidden, none] = answers.map(({ status, text, headers: { date: _, ...headers } }) => ({
        status,
        text,
        headers,
      }));
      expect(hidden?.status).toBe(404);
      expect(hidden).toEqual(none);
    }
  });

  it('whose release may not be seen is answered like a release that is not there', async () => {
    released = inForce();
    withdraw = refuse('policy-denied', 'Only quality.');
    const sent = { method: 'POST', ...json({ reason: 'Stop.' }) };
    const hidden = await door.overTls(signed(programmer, { ...sent, path: `/releases/${releaseId}/withdraw` }));
    withdraw = refuse('not-found', notHere().message);
    const none = await door.overTls(signed(programmer, { ...sent, path: '/releases/REL-9876543210/withdraw' }));
    expect([hidden.status, hidden.text]).toEqual([404, none.text]);
  });
});

describe('a file of a package', () => {
  const name = manifest.files[0]?.name ?? '';

  it('is given byte for byte with its Content-Digest, as a download', async () => {
    const answer = await door.overTls(signed(engineer, { path: path(seen, `/files/${encodeURIComponent(name)}`) }));
    expect(answer).toMatchObject({ status: 200, text: bytes.toString() });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-digest': contentDigest(digestOf(bytes)),
      'content-disposition': "attachment; filename*=UTF-8''O4471%20(fixture%20%27B%27).NC",
      'cache-control': 'no-store',
    });
    const file = await door.as(engineer).packageFile(seen, name);
    const parts: Uint8Array[] = [];
    for await (const part of file.content) parts.push(part);
    expect(Buffer.concat(parts)).toEqual(bytes);
  });

  it('that the package does not have is not found', async () => {
    const answer = await door.overSocket({ path: path(seen, '/files/OTHER.NC') });
    expect([answer.status, codeOf(answer)]).toEqual([404, 'not-found']);
  });

  it('whose bytes are not those of its digest is a problem and not one byte of it', async () => {
    const stream = vault.stream.bind(vault);
    vault.stream = async function* () {
      yield* [] as Buffer[];
      throw new DomainError('bytes-differ', 'What the vault holds is not the content of that digest.');
    };
    const answer = await door.overSocket({ path: path(seen, `/files/${encodeURIComponent(name)}`) });
    vault.stream = stream;
    expect([answer.status, codeOf(answer)]).toEqual([500, 'bytes-differ']);
    expect(answer.headers['content-digest']).toBeUndefined();
    expect(answer.text).not.toContain('O4471');
  });
});

describe('an approval', () => {
  beforeEach(() => {
    record = async (asker, id, signedEnvelope) => {
      expect([askerName(asker), id, signedEnvelope]).toEqual(['local', seen, envelope]);
      return { index: 9, decision: 'approve' };
    };
  });

  it('that completes the route answers with the release', async () => {
    issue = async () => ({ state: 'released', releaseId, index: 12 });
    const release = { state: 'released', releaseId, index: 12 };
    expect(await door.local.approve(seen, envelope)).toEqual({ index: 9, decision: 'approve', release });
  });

  it('that is not the last answers with what is missing', async () => {
    issue = async () => ({ state: 'waiting-for-approvals', missing: [{ step: 0, role: 'quality', count: 1 }] });
    const { release } = await door.local.approve(seen, envelope);
    expect(release).toEqual({ state: 'waiting-for-approvals', missing: [{ step: 0, role: 'quality', count: 1 }] });
  });

  it.each(['signer-unavailable', 'checkpoint-behind', 'ledger-unavailable'] as const)(
    'stands although the release has to wait: %s',
    async (code) => {
      issue = refuse(code, 'Not now.');
      expect(await door.local.approve(seen, envelope)).toMatchObject({
        index: 9,
        release: { state: 'waiting', code, detail: 'Not now.' },
      });
    },
  );

  it('stands although something unforeseen happens at the release, of which nothing is told', async () => {
    issue = async () => {
      throw new Error('secret at /srv/keyway/keys');
    };
    const { release } = await door.local.approve(seen, envelope);
    expect(release).toMatchObject({ state: 'waiting', code: 'internal' });
    expect(JSON.stringify(release)).not.toContain('/srv');
  });

  it('answers with the release that another one brought about in the meantime', async () => {
    released = inForce();
    issue = refuse('state-forbids', 'The package is released.');
    const { release } = await door.local.approve(seen, envelope);
    expect(release).toEqual({ state: 'released', releaseId, index: 12 });
  });

  it('that refuses releases nothing', async () => {
    record = async () => ({ index: 9, decision: 'refuse' });
    issue = async () => {
      throw new Error('a refused package is not issued');
    };
    expect(await door.local.approve(seen, envelope)).toEqual({
      index: 9,
      decision: 'refuse',
      release: { state: 'refused' },
    });
  });

  it.each([
    ['author-may-not-approve', 403],
    ['role-not-held', 403],
    ['policy-denied', 403],
    ['signature-invalid', 422],
    ['statement-mismatch', 422],
    ['already-counted', 409],
    ['state-forbids', 409],
    ['ledger-unavailable', 503],
  ] as const)('that does not count is refused with its code: %s', async (code, status) => {
    record = refuse(code, 'Because of this.');
    const answer = await door.overSocket({ method: 'POST', path: path(seen, '/approvals'), ...json({ envelope }) });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status, code, detail: 'Because of this.', type: 'about:blank' });
    expect(answer.status).toBe(status);
    await expect(door.local.approve(seen, envelope)).rejects.toMatchObject({ code, message: 'Because of this.' });
  });
});

describe('a release that had to wait', () => {
  it('is issued on request', async () => {
    issue = async () => ({ state: 'released', releaseId, index: 12 });
    expect(await door.local.release(seen)).toEqual({ releaseId, index: 12 });
  });

  it('says what is missing, or that the signer is down', async () => {
    issue = async () => ({ state: 'waiting-for-approvals', missing: [{ step: 0, role: 'quality', count: 2 }] });
    await expect(door.local.release(seen)).rejects.toMatchObject({
      code: 'route-incomplete',
      message: 'Approvals are missing: 2 as quality.',
    });
    issue = refuse('signer-unavailable');
    const answer = await door.overSocket({ method: 'POST', path: path(seen, '/release') });
    expect([answer.status, codeOf(answer)]).toEqual([503, 'signer-unavailable']);
  });
});

it('a withdrawal names the package or the release, and its reason', async () => {
  const asked: unknown[] = [];
  withdraw = async (asker, id, reason) => {
    asked.push([askerName(asker), id, reason]);
    return { index: 20, withdrawn: releaseId };
  };
  expect(await door.as(engineer).withdraw(seen, 'NCR 5512')).toEqual({ index: 20, withdrawn: releaseId });
  await door.local.withdraw(releaseId, 'NCR 5513');
  expect(asked).toEqual([
    ['ME-2', seen, 'NCR 5512'],
    ['local', releaseId, 'NCR 5513'],
  ]);
});

it('an answer that holds more than its contract is an error of ours and leaks nothing', async () => {
  issue = async () => ({ state: 'released', releaseId, index: 12 });
  record = async () => ({ index: 9, decision: 'approve', secret: 'hunter2' }) as never;
  const packages = door.parts.lists.packages;
  const row = { ...detail().row, manifest: { ...manifest, author: 7 as never as PersonId } };
  door.parts.lists.packages = async () => ({ packages: [{ ...listed(), row }] });
  const answer = await door.overSocket({ path: '/packages' });
  door.parts.lists.packages = packages;
  expect([answer.status, codeOf(answer)]).toEqual([500, 'internal']);
  expect(
    (await door.overSocket({ method: 'POST', path: path(seen, '/approvals'), ...json({ envelope }) })).text,
  ).not.toContain('hunter2');
});

it('every code has a status that is an error', () => {
  for (const code of errorCodes) expect(statusOf[code]).toBeGreaterThanOrEqual(400);
  expect(new Set(Object.keys(statusOf))).toEqual(new Set(errorCodes));
});
