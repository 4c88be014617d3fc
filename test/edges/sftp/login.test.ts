import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import ssh2, { type AnyAuthMethod, type ConnectConfig, type ParsedKey } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import type { SftpBounds } from '../../../src/edges/sftp/bounds.ts';
import {
  connect,
  makeKey,
  openSftp,
  openTestDoor,
  refusal,
  type TestDoor,
  until,
} from '../../helpers/sftp-test-door.ts';

let door: TestDoor;
const open = async (bounds: Partial<SftpBounds> = {}) => {
  door = await openTestDoor({ bounds });
};
afterEach(() => door.server.close());

const parsed = (key: string): ParsedKey => {
  const result = ssh2.utils.parseKey(key);
  if (result instanceof Error) throw result;
  return result;
};

/** What the client says when it is not let in. */
const refusedLogin = async (config: ConnectConfig) => (await refusal(connect(door, config))).message;
const notLetIn = /All configured authentication methods failed/;
const cutOff = /Connection lost before handshake|closed before the login|ECONNRESET/;
/** Tries these keys in turn. */
const withKeys = (...keys: (string | ParsedKey)[]): ConnectConfig => ({
  authHandler: keys.map((key): AnyAuthMethod => ({ type: 'publickey', username: 'MILL-1', key })),
});

describe('a machine logs in', () => {
  it.each(['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072'] as const)('with its %s key', async (kind) => {
    await open();
    const key = makeKey(kind);
    door.shelf.register('MILL-2', key.public);
    const client = await connect(door, { username: 'MILL-2', privateKey: key.private });
    await openSftp(client);
    expect(door.shelf.identified).toContainEqual({ name: 'MILL-2', key: key.public });
    client.end();
  });

  it('not with a key that is not registered', async () => {
    await open();
    expect(await refusedLogin({ privateKey: makeKey().private })).toMatch(notLetIn);
  });

  it('not by the name of another machine', async () => {
    await open();
    door.shelf.register('MILL-2', makeKey().public);
    expect(await refusedLogin({ username: 'MILL-2' })).toMatch(notLetIn);
  });

  it('not with a name that is over 64 characters, which the core is not even asked about', async () => {
    await open();
    await refusedLogin({ username: 'M'.repeat(65) });
    expect(door.shelf.identified).toEqual([]);
  });

  it('not with an RSA key under 2048 bits, even a registered one', async () => {
    await open();
    const key = makeKey('rsa-1024');
    door.shelf.register('MILL-1', key.public);
    expect(await refusedLogin({ privateKey: key.private })).toMatch(notLetIn);
  });

  it('not by password, by keyboard-interactive or by nothing at all', async () => {
    await open();
    for (const type of ['password', 'keyboard-interactive', 'none'] as const) {
      const handler =
        type === 'password'
          ? { type, username: 'MILL-1', password: 'x' }
          : { type, username: 'MILL-1', prompt: () => {} };
      expect(await refusedLogin({ authHandler: [handler as never] })).toMatch(notLetIn);
    }
    expect(door.shelf.identified).toEqual([]);
  });

  it.each([
    ['another key', (data: Buffer) => parsed(makeKey().private).sign(data)],
    ['nobody', () => Buffer.alloc(64)],
    ['a broken signer', () => Buffer.alloc(0)],
  ])('not with its own public key and a signature by %s', async (_who, sign) => {
    await open();
    const impostor: ParsedKey = Object.create(parsed(door.key.private), { sign: { value: sign } });
    expect(await refusedLogin(withKeys(impostor))).toMatch(notLetIn);
    // Asked for the offer and for the signature: the name and the key were right.
    expect(door.shelf.identified).toHaveLength(2);
  });

  it('no more often than the limit of attempts on one connection', async () => {
    await open({ authAttempts: 3 });
    const keys = [makeKey(), makeKey(), makeKey(), door.key].map((key) => key.private);
    expect(await refusedLogin(withKeys(...keys))).toMatch(cutOff);
    expect(door.shelf.identified).toHaveLength(3);
    await until(() => door.lines.some((line) => String(line.msg).startsWith('too many login attempts')), 'a log line');
  });

  it('after a few wrong keys of an agent, within the limit', async () => {
    await open({ authAttempts: 3 });
    const keys = [makeKey(), makeKey(), door.key].map((key) => key.private);
    const client = await connect(door, withKeys(...keys));
    client.end();
  });

  it('when the core cannot say who it is: not', async () => {
    await open();
    door.shelf.identify = () => Promise.reject(new Error('the core is gone'));
    expect(await refusedLogin({})).toMatch(notLetIn);
  });
});

describe('before the login', () => {
  it('a connection that says nothing is closed after the grace time', async () => {
    await open({ loginGraceMs: 50 });
    const socket = connectTcp(door.port, '127.0.0.1').resume();
    await once(socket, 'close');
  });

  it('a connection that never finishes its login is closed after the grace time', async () => {
    await open({ loginGraceMs: 50 });
    door.shelf.identify = () => new Promise(() => {});
    expect(await refusedLogin({})).toMatch(cutOff);
  });

  it('a machine that is logged in outlives the grace time', async () => {
    await open({ loginGraceMs: 300 });
    const client = await connect(door);
    const stranger = connectTcp(door.port, '127.0.0.1').resume();
    await once(stranger, 'close');
    await openSftp(client);
    client.end();
  });

  it.each([
    ['no SSH at all', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['an endless version line', Buffer.alloc(100_000, 'S')],
    ['random bytes after its version line', Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), randomBytes(50_000)])],
    ['a packet of 4 GiB', Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(64, 0xff)])],
    ['a packet of no length', Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(64)])],
  ])('a stranger that sends %s is cut off, and nobody else is', async (_what, hostile) => {
    await open({ loginGraceMs: 300 });
    const socket = connectTcp(door.port, '127.0.0.1').resume();
    socket.on('error', () => {});
    socket.write(hostile);
    await once(socket, 'close');
    const client = await connect(door);
    client.end();
  });

  it('one address cannot hold every place', async () => {
    await open({ unauthenticatedPerAddress: 2 });
    const strangers = [1, 2].map(() => connectTcp(door.port, '127.0.0.1'));
    await Promise.all(strangers.map((socket) => once(socket, 'data')));
    expect(await refusedLogin({})).toMatch(cutOff);
    for (const socket of strangers) socket.destroy();
    await until(() => door.lines.some((line) => String(line.msg).startsWith('too many connections')), 'a log line');
    await expect
      .poll(() =>
        connect(door).then(
          (client) => client.end(),
          () => undefined,
        ),
      )
      .toBeDefined();
  });

  it('the places of machines that are logged in do not count as strangers', async () => {
    await open({ unauthenticated: 1, unauthenticatedPerAddress: 1 });
    const first = await connect(door);
    const second = await connect(door);
    first.end();
    second.end();
  });

  it('connections over the whole limit are turned away', async () => {
    await open({ connections: 1 });
    const client = await connect(door);
    expect(await refusedLogin({})).toMatch(cutOff);
    client.end();
  });

  it.each([
    [{ kex: ['diffie-hellman-group14-sha1'] }],
    [{ kex: ['diffie-hellman-group-exchange-sha256'] }],
    [{ cipher: ['aes256-cbc'] }],
    [{ cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] }],
    [{ serverHostKey: ['ssh-rsa'] }],
    [{ compress: ['zlib'] }],
  ])('no key exchange takes place with %j', async (algorithms) => {
    await open();
    expect(await refusedLogin({ algorithms: algorithms as never })).toMatch(/no matching/);
  });
});

describe('a host key', () => {
  it('of RSA is refused, because ssh2 would offer SHA-1 with it', async () => {
    await open();
    const rsa = makeKey('rsa-3072').private;
    await expect(openTestDoor({ hostKeys: [rsa] })).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it('that is only the public half is refused', async () => {
    await open();
    await expect(openTestDoor({ hostKeys: [door.hostKey.public] })).rejects.toMatchObject({ code: 'config-invalid' });
  });
});
