import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestHex } from '../../../src/domain/digest.ts';
import { DomainError } from '../../../src/domain/errors.ts';
import type { DepositId, PackageId } from '../../../src/domain/ids.ts';
import type { DepositOutcome, IncomingDeposit } from '../../../src/domain/intake.ts';
import { limits } from '../../../src/domain/limits.ts';
import { contentDigest } from '../../../src/edges/http/message-signature.ts';
import { digestOf } from '../../../src/platform/hash.ts';
import { codeOf, engineer, type HttpDoor, json, openHttpDoor, programmer, type Sent, signed } from './http-door.ts';

const program = randomBytes(700 * 1024);
const sheet = Buffer.from('Setup sheet\n');
const packageId = 'PKG-0123456789' as PackageId;
const sidecar = (author = 'CAM-1', more = ''): Buffer =>
  Buffer.from(
    [
      'part: BRKT-4471',
      'revision: D',
      'operation: 20',
      'machineGroup: HAAS-VF',
      `author: ${author}`,
      'changeOrder: ECO 118',
      'classification: { jurisdiction: none }',
      'files:',
      '  - { name: O4471.NC, role: main-program }',
      '  - { name: SETUP.TXT, role: setup-sheet }',
      more,
    ].join('\n'),
  );
const fileName = 'BRKT-4471-D-OP20.keyway.yaml';

let door: HttpDoor;
let now = Date.now();
let received: { deposit: IncomingDeposit; contents: Map<string, Buffer> }[] = [];
let outcome: DepositOutcome | DomainError;

beforeEach(async () => {
  received = [];
  outcome = { state: 'admitted', packageId };
  now = Date.now();
  door = await openHttpDoor(() => ({
    clock: () => now,
    intake: {
      receive: async (deposit) => {
        const contents = new Map<string, Buffer>();
        for (const { name, content } of deposit.files) {
          const parts: Uint8Array[] = [];
          for await (const part of content) parts.push(part);
          contents.set(name, Buffer.concat(parts));
        }
        received.push({ deposit, contents });
        if (outcome instanceof DomainError) throw outcome;
        return outcome;
      },
      outcome: async () => undefined,
    },
  }));
});
afterEach(() => door.close());

const opening = (bytes = sidecar(), name = fileName): Sent => ({
  method: 'POST',
  path: '/deposits',
  ...json({ fileName: name, sidecar: bytes.toString('base64') }),
});
const putting = (id: string, name: string, body: Buffer, headers: Record<string, string> = {}): Sent => ({
  method: 'PUT',
  path: `/deposits/${id}/files/${name}`,
  body,
  headers: { 'content-type': 'application/octet-stream', ...headers },
});
const completing = (id: string): Sent => ({ method: 'POST', path: `/deposits/${id}/complete` });
const opened = async (sent = opening()): Promise<DepositId> =>
  (JSON.parse((await door.overSocket(sent)).text) as { depositId: DepositId }).depositId;
const ask = async (sent: Sent) => {
  const answer = await door.overSocket(sent);
  return [answer.status, answer.status < 300 ? undefined : codeOf(answer)];
};

function files(): { name: string; path: string }[] {
  const all = { 'O4471.NC': program, 'SETUP.TXT': sheet };
  return Object.entries(all).map(([name, bytes]) => {
    const path = join(door.folder, name);
    writeFileSync(path, bytes);
    return { name, path };
  });
}

describe('a submission', () => {
  it.each([
    ['by its author over TLS', () => door.as(programmer)],
    ['on the local socket', () => door.local],
  ])('%s arrives whole, with its sidecar as it was written', async (_what, client) => {
    let sent = 0;
    const [first, ...rest] = files();
    const onSent = (bytes: number) => {
      sent += bytes;
    };
    const list = [...(first ? [{ ...first, onSent }] : []), ...rest];
    const answer = await client().submit({ fileName, bytes: sidecar() }, list);
    expect(answer).toMatchObject({ state: 'admitted', packageId });
    expect(sent).toBe(program.length);
    const [{ deposit, contents } = { deposit: undefined, contents: undefined }] = received;
    expect(deposit).toMatchObject({
      door: 'http',
      name: 'BRKT-4471-D-OP20',
      problems: [],
      depositId: answer.depositId,
    });
    expect(deposit?.sidecar).toMatchObject({
      fileName,
      bytes: sidecar(),
      parsed: { author: 'CAM-1', operation: '20' },
    });
    expect([...(contents ?? [])]).toEqual([
      ['O4471.NC', program],
      ['SETUP.TXT', sheet],
    ]);
  });

  it('that intake rejects answers with every reason', async () => {
    outcome = {
      state: 'rejected',
      reasons: [{ code: 'author-unknown', field: 'author', message: 'CAM-1 is not enrolled.' }],
    };
    const answer = await door.local.submit({ fileName, bytes: sidecar() }, files());
    expect(answer).toMatchObject({ state: 'rejected', reasons: [{ code: 'author-unknown', field: 'author' }] });
  });

  it('of a file that is not there is refused by its name, before it is sent', async () => {
    const missing = [{ name: 'O4471.NC', path: join(door.folder, 'O4471.NC') }];
    await expect(door.local.submit({ fileName, bytes: sidecar() }, missing)).rejects.toMatchObject({
      code: 'file-missing',
      field: 'O4471.NC',
    });
    expect(received).toEqual([]);
  });

  it('is for the author alone', async () => {
    await expect(door.as(engineer).submit({ fileName, bytes: sidecar() }, files())).rejects.toMatchObject({
      code: 'forbidden',
      field: 'author',
    });
  });
});

describe('an upload', () => {
  it.each<[string, () => Sent, string]>([
    [
      'with a sidecar that is wrong in two places',
      () => opening(Buffer.from('part: "a b"\nrevision: D\n')),
      'sidecar-invalid',
    ],
    [
      'whose classification was left open',
      () => opening(Buffer.from(sidecar().toString().replace('jurisdiction: none', 'jurisdiction: TBD'))),
      'classification-missing',
    ],
    ['with a sidecar under another name', () => opening(sidecar(), 'BRKT-4471.yaml'), 'request-invalid'],
  ])('%s is not opened', async (_what, sent, code) => {
    const answer = await door.overSocket(sent());
    expect([answer.status, codeOf(answer)]).toEqual([code === 'request-invalid' ? 400 : 422, code]);
  });

  it('that is not opened is told everything that is wrong with its sidecar at once', async () => {
    const answer = await door.overSocket(opening(Buffer.from('part: "a b"\nrevision: D\n')));
    const problem = JSON.parse(answer.text) as { detail: string };
    expect(problem).toMatchObject({ field: 'part' });
    expect(problem.detail).toContain('classification');
    expect(problem.detail).toContain('operation');
  });

  it('says what it expects and takes nothing else', async () => {
    const answer = await door.overSocket(opening());
    expect(JSON.parse(answer.text)).toMatchObject({ expects: ['O4471.NC', 'SETUP.TXT'] });
    const { depositId } = JSON.parse(answer.text) as { depositId: string };
    expect(await ask(putting(depositId, 'OTHER.NC', program))).toEqual([404, 'not-found']);
  });

  it('cannot be completed before every file was sent', async () => {
    const id = await opened();
    await ask(putting(id, 'O4471.NC', program));
    const answer = await door.overSocket(completing(id));
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'file-missing', field: 'SETUP.TXT' });
    await ask(putting(id, 'SETUP.TXT', sheet));
    expect(await ask(completing(id))).toEqual([200, undefined]);
  });

  it('may send a file again; the last one counts', async () => {
    const id = await opened();
    await ask(putting(id, 'O4471.NC', Buffer.from('first')));
    await ask(putting(id, 'O4471.NC', program));
    await ask(putting(id, 'SETUP.TXT', sheet));
    await ask(completing(id));
    expect(received[0]?.contents.get('O4471.NC')).toEqual(program);
  });

  it('refuses bytes that are not those promised, and does not keep what was there before', async () => {
    const id = await opened();
    await ask(putting(id, 'SETUP.TXT', sheet));
    await ask(putting(id, 'O4471.NC', program));
    const promise = { 'content-digest': contentDigest(digestOf(sheet)) };
    expect(await ask(putting(id, 'O4471.NC', program, promise))).toEqual([422, 'digest-mismatch']);
    expect(await ask(completing(id))).toEqual([422, 'file-missing']);
  });

  it('that is signed is held to the digest that was signed', async () => {
    const sent = opening();
    const answer = await door.overTls(signed(programmer, sent));
    const { depositId } = JSON.parse(answer.text) as { depositId: string };
    const put = signed(programmer, putting(depositId, 'SETUP.TXT', sheet));
    const other = await door.overTls({ ...put, body: Buffer.from('Setup shEet\n') });
    expect([other.status, codeOf(other)]).toEqual([422, 'digest-mismatch']);
  });

  it('refuses an empty file', async () => {
    expect(await ask(putting(await opened(), 'SETUP.TXT', Buffer.alloc(0)))).toEqual([422, 'file-empty']);
  });

  it('refuses a file that is said to be larger than any', async () => {
    const path = `/deposits/${await opened()}/files/O4471.NC`;
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(limits.fileBytes + 1) };
    const status = await new Promise((resolve, reject) => {
      const sent = request({ socketPath: door.socketPath, method: 'PUT', path, headers, agent: false });
      sent.on('response', (answer) => resolve(answer.statusCode));
      sent.on('error', reject);
      sent.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('is answered although it refuses while the sender is still sending', async () => {
    const put = door.parts.vault.put;
    door.parts.vault.put = async (source) => {
      for await (const _ of source) throw new DomainError('storage-full', 'The vault has no space left.');
      throw new Error('nothing was sent');
    };
    await expect(door.local.submit({ fileName, bytes: sidecar() }, files())).rejects.toMatchObject({
      code: 'storage-full',
    });
    door.parts.vault.put = put;
    expect(await door.local.submit({ fileName, bytes: sidecar() }, files())).toMatchObject({ state: 'admitted' });
  });

  it('whose sender goes away keeps nothing of that file', async () => {
    const id = await opened();
    await ask(putting(id, 'SETUP.TXT', sheet));
    await new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/octet-stream', 'content-length': '1000000' };
      const path = `/deposits/${id}/files/O4471.NC`;
      const sent = request({ socketPath: door.socketPath, method: 'PUT', path, headers, agent: false });
      sent.on('error', () => resolve());
      sent.write(program.subarray(0, 100_000), () => sent.destroy(new Error('gone')));
    });
    const deadline = Date.now() + 5_000;
    let answer = await ask(completing(id));
    while (answer[1] === 'conflict' && Date.now() < deadline) answer = await ask(completing(id));
    expect(answer).toEqual([422, 'file-missing']);
  });

  it('gives the same answer to whoever lost it, and hands nothing over twice', async () => {
    const id = await opened();
    await ask(putting(id, 'O4471.NC', program));
    await ask(putting(id, 'SETUP.TXT', sheet));
    const answers = await Promise.all([door.overSocket(completing(id)), door.overSocket(completing(id))]);
    const later = await door.overSocket(completing(id));
    expect(new Set([...answers, later].map(({ text }) => text)).size).toBe(1);
    expect(received).toHaveLength(1);
    expect(await ask(putting(id, 'SETUP.TXT', sheet))).toEqual([409, 'conflict']);
  });

  it('that could not be recorded can be completed again', async () => {
    const id = await opened();
    await ask(putting(id, 'O4471.NC', program));
    await ask(putting(id, 'SETUP.TXT', sheet));
    outcome = new DomainError('ledger-unavailable', 'The ledger cannot be written.');
    expect(await ask(completing(id))).toEqual([503, 'ledger-unavailable']);
    outcome = { state: 'admitted', packageId };
    expect(await ask(completing(id))).toEqual([200, undefined]);
  });

  it('whose bytes someone changed in quarantine hands nothing over', async () => {
    const id = await opened();
    await ask(putting(id, 'O4471.NC', program));
    await ask(putting(id, 'SETUP.TXT', sheet));
    const hex = digestHex(digestOf(sheet));
    const path = join(door.folder, 'quarantine', hex.slice(0, 2), hex);
    chmodSync(path, 0o600);
    writeFileSync(path, 'Setup shEet\n');
    expect(await ask(completing(id))).toEqual([500, 'bytes-differ']);
    expect(received).toEqual([]);
  });

  it('is not there for anyone else', async () => {
    const id = await opened();
    const theirs = await door.overTls(signed(programmer, putting(id, 'SETUP.TXT', sheet)));
    const nobodys = await door.overTls(signed(programmer, putting('DEP-9876543210', 'SETUP.TXT', sheet)));
    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
  });

  it('that nobody goes on with is forgotten', async () => {
    const id = await opened();
    now += limits.uploadIdleMs + 1;
    expect(await ask(putting(id, 'SETUP.TXT', sheet))).toEqual([404, 'not-found']);
  });

  it('is one of a few at a time for each asker, and completed ones do not count', async () => {
    const ids: string[] = [];
    for (let n = 0; n < limits.uploadSessionsPerAsker; n++) ids.push(await opened());
    expect(await ask(opening())).toEqual([503, 'busy']);
    expect((await door.overTls(signed(programmer, opening()))).status).toBe(201);
    await ask(putting(ids[0] ?? '', 'O4471.NC', program));
    await ask(putting(ids[0] ?? '', 'SETUP.TXT', sheet));
    expect(await ask(completing(ids[0] ?? ''))).toEqual([200, undefined]);
    expect(await ask(opening())).toEqual([201, undefined]);
  });
});
