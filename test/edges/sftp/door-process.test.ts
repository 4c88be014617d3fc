import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorSettings } from '../../../src/edges/sftp/door-settings.ts';
import {
  type DoorProcess,
  doorEntry,
  doorSettings,
  startDoorProcess,
  TestVault,
} from '../../helpers/sftp-door-process.ts';
import { FakeShelf } from '../../helpers/sftp-fake-shelf.ts';
import { answer, connect, type KeyPair, makeKey, openSftp, refusal, until } from '../../helpers/sftp-test-door.ts';

let vault: TestVault;
let shelf: FakeShelf;
let door: DoorProcess;
let key: KeyPair;
let settings: DoorSettings;
const errors: unknown[] = [];

beforeEach(async () => {
  vault = new TestVault();
  shelf = new FakeShelf();
  key = makeKey();
  settings = doorSettings(vault, vault.file('host_key', makeKey().private));
  door = await startDoorProcess(shelf, (error) => errors.push(error));
});
afterEach(async () => {
  await door.stop();
  vault.remove();
  expect(errors).toEqual([]);
});

const release = (path: string, content: Buffer) => {
  shelf.put(shelf.register('MILL-1', key.public), path, content);
  return vault.put(content);
};
const login = async (port: number) => {
  const client = await connect({ port, key });
  return { client, sftp: await openSftp(client) };
};

describe('the SFTP door as a process of its own', () => {
  it('delivers from the vault what the core released, and tells the core how it ended', async () => {
    const content = randomBytes(1_500_000);
    release('4711/op10.nc', content);
    const [port = 0] = (await door.call('configure', settings)).ports;
    const { client, sftp } = await login(port);
    const got = await answer<Buffer>((done) => sftp.readFile('/4711/op10.nc', done));
    expect(got.equals(content)).toBe(true);
    await until(() => shelf.ends.length === 1, 'the end of the delivery');
    expect(shelf.ends).toMatchObject([{ bytes: 1_500_000, complete: true }]);
    client.end();
  });

  it('refuses a blob that was changed on disk, and tells the core', async () => {
    const digest = release('a.nc', Buffer.from('G1 X10.'));
    writeFileSync(vault.path(digest), 'G1 X99.');
    const [port = 0] = (await door.call('configure', settings)).ports;
    const { client, sftp } = await login(port);
    expect((await refusal(answer((done) => sftp.readFile('/a.nc', done)))).message).toContain('bytes-differ: ');
    expect(shelf.ends).toMatchObject([{ bytes: 0, complete: false }]);
    client.end();
  });

  it('lets a running transfer end when it is told to stop', async () => {
    release('a.nc', Buffer.from('G1 X10.'));
    const [port = 0] = (await door.call('configure', settings)).ports;
    const { sftp } = await login(port);
    const handle = await answer<Buffer>((done) => sftp.open('/a.nc', 'r', done));
    const stopping = door.stop();
    await until(() => shelf.asked === 1, 'the open');
    const into = Buffer.alloc(7);
    await answer((done) => sftp.read(handle, into, 0, 7, 0, done));
    await answer((done) => sftp.close(handle, done));
    await stopping;
    expect(await door.ended).toBe('exit code 0');
    expect(shelf.ends).toMatchObject([{ bytes: 7, complete: true }]);
  });

  it('stops under load within its time: what moves ends well, what hangs is cut off, and the core hears of all', async () => {
    const content = randomBytes(500_000);
    release('a.nc', content);
    const bounds = { ...settings.bounds, drainMs: 2_500 };
    const [port = 0] = (await door.call('configure', { ...settings, bounds })).ports;
    const machines = await Promise.all(Array.from({ length: 8 }, () => login(port)));
    const handles = await Promise.all(
      machines.map(({ sftp }) => answer<Buffer>((done) => sftp.open('/a.nc', 'r', done))),
    );
    const stopping = door.stop();
    // Every second machine goes on with its transfer; the others hang.
    const moving = machines.map(async ({ sftp }, number) => {
      const handle = handles[number] ?? Buffer.alloc(0);
      for (let at = 0; number % 2 === 0 && at < content.length; ) {
        const part = Buffer.alloc(100_000);
        at += await answer<number>((done) => sftp.read(handle, part, 0, part.length, at, done));
      }
      if (number % 2 === 0) await answer((done) => sftp.close(handle, done));
    });
    await Promise.all(moving);
    await stopping;
    expect(await door.ended).toBe('exit code 0');
    expect(shelf.ends.map(({ bytes, complete }) => [bytes, complete]).sort()).toEqual([
      ...Array.from({ length: 4 }, () => [0, false]),
      ...Array.from({ length: 4 }, () => [content.length, true]),
    ]);
  });

  it('waits for its port while an orphan of a killed gateway still holds it', async () => {
    const orphan = createServer().listen(0, '127.0.0.1');
    await once(orphan, 'listening');
    const held = orphan.address();
    if (held === null || typeof held === 'string') throw new Error('no port');
    const opening = door.call('configure', { ...settings, port: held.port });
    // The door is asked in order: once it has answered this, it has tried the port.
    await refusal(door.call('configure', settings));
    orphan.close();
    expect(await opening).toEqual({ ports: [held.port] });
  });

  it('says why it cannot start: a host key that is not there, or not one', async () => {
    const missing = await refusal(door.call('configure', { ...settings, hostKeyFiles: ['/nowhere/host_key'] }));
    expect(missing).toMatchObject({ code: 'config-invalid' });
    expect(missing.message).toContain('/nowhere/host_key');
  });

  it('shares its port with a second one, and each goes on when the other is gone', async () => {
    const shelves = [shelf, new FakeShelf()] as const;
    shelves[1].register('MILL-1', key.public);
    release('a.nc', Buffer.from('G1 X10.'));
    const second = await startDoorProcess(shelves[1], (error) => errors.push(error));
    const [port = 0] = (await door.call('configure', { ...settings, shared: true })).ports;
    await second.call('configure', { ...settings, shared: true, port });
    const logins = [await login(port)];
    // The system chooses; that it chooses the same one fifty times in a row is as good as impossible.
    while (shelves.some(({ identified }) => identified.length === 0)) {
      expect(logins.length).toBeLessThan(50);
      logins.push(await login(port));
    }
    await second.stop();
    for (let count = 0; count < 5; count++) logins.push(await login(port));
    const { sftp } = logins.at(-1) ?? (await login(port));
    expect(String(await answer<Buffer>((done) => sftp.readFile('/a.nc', done)))).toBe('G1 X10.');
    for (const { client } of logins) client.end();
  });

  it('does not take a port that a process alone listens on', async () => {
    const [port = 0] = (await door.call('configure', settings)).ports;
    const second = await startDoorProcess(new FakeShelf(), (error) => errors.push(error));
    const taken = await refusal(second.call('configure', { ...settings, shared: true, port }));
    expect(taken).toMatchObject({ code: 'config-invalid' });
    await second.stop();
  });

  it('is configured once', async () => {
    await door.call('configure', settings);
    expect(await refusal(door.call('configure', settings))).toMatchObject({ code: 'conflict' });
    expect(await door.call('ping', null)).toBeNull();
  });

  it('ends when the core is gone', async () => {
    const orphan = spawn(process.execPath, [doorEntry], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    orphan.send({ kind: 'call', id: 1, name: 'ping', input: null });
    await once(orphan, 'message');
    orphan.disconnect();
    expect(await once(orphan, 'exit')).toEqual([0, null]);
  });

  it('closes when it is asked to drain', async () => {
    const [port = 0] = (await door.call('configure', settings)).ports;
    await door.call('drain', null);
    await expect(connect({ port, key })).rejects.toThrow('ECONNREFUSED');
  });
});
