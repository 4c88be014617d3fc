import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { codeOf, fakeParts, type HttpDoor, json, openHttpDoor, type Sent } from './http-door.ts';

let door: HttpDoor;
let calls: unknown[] = [];

beforeAll(async () => {
  door = await openHttpDoor((folder) => ({
    runs: {
      ...fakeParts(folder).runs,
      record: async (_asker, run) => {
        calls.push(run);
        return { runId: 'RUN-0123456789' as RunId, index: 5, superseded: false };
      },
    },
    lists: {
      ...fakeParts(folder).lists,
      packages: async (_asker, { rows }) => {
        calls.push(rows);
        return { packages: [] };
      },
    },
    releases: {
      issue: async () => ({ state: 'waiting-for-approvals', missing: [] }),
      withdraw: async (_asker, id, reason) => ({ index: calls.push({ id, reason }), withdrawn: id }),
    },
  }));
});
beforeEach(() => {
  calls = [];
});
afterAll(() => door.close());

const report = {
  releaseId: 'REL-0123456789',
  machineId: 'HAAS-VF-07',
  workOrder: 'WO-1',
  serials: ['S-1'],
  operator: 'OP-1',
  startedAt: '2026-11-01T08:00:00.000Z',
};
const record = (body: unknown, more: Record<string, string> = {}): Sent => {
  const { headers, ...rest } = json(body);
  return { method: 'POST', path: '/runs', ...rest, headers: { ...headers, ...more } };
};
const outcome = async (sent: Sent) => {
  const answer = await door.overSocket(sent);
  return [answer.status, answer.status < 300 ? undefined : codeOf(answer)];
};

describe('a body', () => {
  it('that fits is taken as it is', async () => {
    expect(await outcome(record(report))).toEqual([201, undefined]);
    expect(calls).toEqual([report]);
  });

  it.each<[string, () => Sent, number, string]>([
    ['with a field too many', () => record({ ...report, admin: true }), 400, 'request-invalid'],
    ['with a field too few', () => record({ ...report, workOrder: undefined }), 400, 'request-invalid'],
    ['with a number as text', () => record({ ...report, operator: 7 }), 400, 'request-invalid'],
    [
      'with one name twice',
      () => record(JSON.stringify(report).replace('{', '{"operator":"X",')),
      400,
      'request-invalid',
    ],
    ['with a prototype', () => record(JSON.stringify(report).replace('{', '{"__proto__":{},')), 400, 'request-invalid'],
    ['that is a list', () => record([report]), 400, 'request-invalid'],
    ['that is no JSON', () => record('{'), 400, 'request-invalid'],
    ['that is empty', () => record(''), 400, 'request-invalid'],
    ['in another media type', () => record(report, { 'content-type': 'text/plain' }), 415, 'not-supported'],
    ['in a form', () => record('id=7', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'not-supported'],
    [
      'in another character set',
      () => record(report, { 'content-type': 'application/json; charset=utf-16' }),
      415,
      'not-supported',
    ],
    [
      'as a stream of bytes',
      () => record(report, { 'content-type': 'application/octet-stream' }),
      415,
      'not-supported',
    ],
    ['said to be compressed', () => record(report, { 'content-encoding': 'gzip' }), 415, 'not-supported'],
    [
      'larger than any that is asked for',
      () => record({ ...report, note: 'x'.repeat(limits.httpBodyBytes) }),
      413,
      'too-large',
    ],
    [
      'that is not what was promised',
      () => record(report, { 'content-digest': 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:' }),
      422,
      'digest-mismatch',
    ],
    ['promised in another algorithm', () => record(report, { 'content-digest': 'md5=:AA==:' }), 400, 'request-invalid'],
  ])('%s is refused', async (_what, sent, status, code) => {
    expect(await outcome(sent())).toEqual([status, code]);
    expect(calls).toEqual([]);
  });

  it('that is compressed is refused, not opened', async () => {
    const body = gzipSync(JSON.stringify(report));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(await outcome({ method: 'POST', path: '/runs', body, headers })).toEqual([415, 'not-supported']);
  });

  it('sent in chunks is bounded too', async () => {
    const part = Buffer.alloc(64 * 1024, 0x20);
    const chunk = Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
    const head =
      'POST /runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await raw(Buffer.concat([Buffer.from(head), ...Array.from({ length: 6 }, () => chunk)]));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"too-large"');
  });

  it('is refused where the address takes none', async () => {
    const path = '/packages/PKG-0123456789/release';
    expect(await outcome({ method: 'POST', path, ...json({}) })).toEqual([400, 'request-invalid']);
    expect(await outcome({ method: 'GET', path: '/packages', ...json({}) })).toEqual([400, 'request-invalid']);
  });

  it('names the field that is wrong, and repeats no unbounded text', async () => {
    const answer = await door.overSocket(record({ ...report, [`x${'\u202e'.repeat(3000)}`]: 1 }));
    const problem = JSON.parse(answer.text) as { detail: string };
    expect(problem.detail.length).toBeLessThan(limits.textChars);
    expect(problem.detail).not.toContain('\u202e');
    const wrong = await door.overSocket(record({ ...report, serials: ['A', ''] }));
    expect(JSON.parse(wrong.text)).toMatchObject({ status: 400, code: 'request-invalid', field: 'serials.1' });
  });
});

describe('an address', () => {
  it.each([
    ['/packages', 'row=5'],
    ['/packages', 'rows=5&rows=6'],
    ['/packages', 'rows=0'],
    ['/packages', 'rows=5e2'],
    ['/packages', 'rows=501'],
    ['/packages', 'rows='],
    ['/packages', '__proto__=1'],
    ['/packages', 'constructor=1'],
    ['/ledger', 'x=1'],
  ])('%s?%s is refused for its query', async (path, query) => {
    expect(await outcome({ path, query })).toEqual([400, 'request-invalid']);
    expect(calls).toEqual([]);
  });

  it('passes its rows on, and the limit where nothing is said', async () => {
    await door.overSocket({ path: '/packages', query: 'rows=17' });
    await door.overSocket({ path: '/packages' });
    expect(calls).toEqual([17, limits.httpPageRows]);
  });

  const file = '/packages/PKG-0123456789/files';
  it.each([
    ['no package id', '/packages/'],
    ['a package id of another form', '/packages/DEP-0123456789'],
    ['a package id with a letter that ids do not have', '/packages/PKG-012345678U'],
    ['a path in the place of an id', '/packages/..%2f..%2fetc%2fpasswd'],
    ['a NUL', '/packages/PKG-0123456789%00'],
    ['a file name that climbs', `${file}/..%2f..%2fledger.db`],
    ['a file name that is the folder above', `${file}/%2e%2e`],
    ['a file name with a NUL', `${file}/O4471.NC%00.txt`],
    ['a file name with a backslash', `${file}/..%5cO4471.NC`],
    ['a file name with a line end', `${file}/O4471%0d%0aX-Injected:%201`],
    ['a file name that is not in NFC', `${file}/e%CC%81.NC`],
    ['a file name that is too long', `${file}/${'x'.repeat(limits.fileNameBytes + 1)}`],
    ['an index that is negative', '/ledger/entries/-1'],
    ['an index with a leading zero', '/ledger/entries/007'],
    ['an index in another notation', '/ledger/entries/1e3'],
    ['a tile that climbs', '/ledger/tile/..%2f..%2fledger.db'],
    ['a tile in a folder too many', '/ledger/tile/0/000/000'],
    ['a tile without a number', '/ledger/tile/'],
    ['an escape that is none', '/packages/%zz'],
    ['an escape that is not UTF-8', '/packages/%ff'],
  ])('with %s is refused', async (_what, path) => {
    const answer = await door.overSocket({ path });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'request-invalid']);
    expect(answer.headers['x-injected']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['GET', '/../packages'],
    ['GET', '/packages/../people'],
    ['GET', '//packages'],
    ['GET', '/PACKAGES'],
    ['HEAD', '/packages'],
    ['OPTIONS', '/packages'],
    ['DELETE', '/runs'],
    ['TRACE', '/packages'],
  ])('%s %s is none', async (method, path) => {
    expect((await door.overSocket({ method, path })).status).toBe(404);
    expect(calls).toEqual([]);
  });
});

describe('every answer', () => {
  it.each([
    ['of what was asked', { path: '/packages' }, 200],
    ['of a refusal', { path: '/packages', query: 'x=1' }, 400],
    ['of an address that is none', { path: '/nowhere' }, 404],
  ])('%s may not be stored or sniffed', async (_what, sent, status) => {
    const { headers, ...answer } = await door.overSocket(sent);
    expect(answer.status).toBe(status);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers.server).toBeUndefined();
  });

  it('over TLS binds the browser to TLS', async () => {
    const { headers } = await door.overTls({ path: '/nowhere' });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['a line of another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', 400],
    ['two lengths', 'POST /runs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'a length beside chunks',
      'POST /runs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ])('%s is answered and cut off', async (_what, text, status) => {
    expect(await raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('headers larger than are read are answered as too large', async () => {
    const answer = await raw(`GET /health HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(limits.httpHeaderBytes)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"too-large"');
  });
});

/** Bytes on the local socket as they are; what came back until the other end closed. */
function raw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(door.socketPath);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      // A complete answer with a body that the other end would keep alive.
      if (/\r\n\r\n.*\}$/s.test(text)) socket.end();
    });
    socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)));
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}
