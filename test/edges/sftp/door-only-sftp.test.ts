import type { Client } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import {
  answer,
  connect,
  openSftp,
  openTestDoor,
  refusal,
  type TestDoor,
  until,
} from '../../helpers/sftp-test-door.ts';

let door: TestDoor;
let client: Client;
beforeEach(async () => {
  door = await openTestDoor({ bounds: { drainMs: 300 } });
  client = await connect(door);
});
afterEach(async () => {
  client.destroy();
  await door.server.close();
});

const refusedLog = (what: string) => door.lines.some((line) => line.what === what && line.machine === 'MILL-1');

describe('this door is for SFTP only', () => {
  it('runs no command', async () => {
    await expect(answer((done) => client.exec('id', done))).rejects.toThrow('Unable to exec');
    expect(refusedLog('exec')).toBe(true);
  });

  it('gives no shell, with or without a terminal', async () => {
    await expect(answer((done) => client.shell(done))).rejects.toThrow(/pseudo-terminal/);
    await expect(answer((done) => client.shell(false, done))).rejects.toThrow('Unable to open shell');
    expect(refusedLog('pty') && refusedLog('shell')).toBe(true);
  });

  it('starts no other subsystem', async () => {
    await expect(answer((done) => client.subsys('netconf', done))).rejects.toThrow('Unable to start');
  });

  it('forwards no port and no socket, in neither direction', async () => {
    const forward = answer((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', door.port, done));
    await expect(forward).rejects.toThrow('open failure');
    await expect(answer((done) => client.forwardIn('127.0.0.1', 0, done))).rejects.toThrow('Unable to bind');
    await expect(answer((done) => client.openssh_forwardOutStreamLocal('/run/x.sock', done))).rejects.toThrow();
    await expect(answer((done) => client.openssh_forwardInStreamLocal('/tmp/x.sock', done))).rejects.toThrow();
  });

  it('opens no more channels on a connection than the limit', async () => {
    for (let i = 0; i < limits.sftpChannelsPerConnection; i++) await openSftp(client);
    expect((await refusal(openSftp(client))).message).toContain('open failure');
  });

  it('gives a place back when a channel closes', async () => {
    for (let i = 0; i < 2 * limits.sftpChannelsPerConnection; i++) {
      const sftp = await openSftp(client);
      await answer<void>((done) => sftp.once('close', () => done(null)).end());
    }
    await openSftp(client);
  });
});

describe('a door that is closing', () => {
  const open = async () => {
    door.shelf.put(door.machine, 'a.nc', 'abcdef');
    const sftp = await openSftp(client);
    const handle = await answer<Buffer>((done) => sftp.open('/a.nc', 'r', done));
    return { sftp, handle };
  };

  it('lets a running transfer end, opens nothing more, and says goodbye', async () => {
    const { sftp, handle } = await open();
    const closing = door.server.close();
    expect((await refusal(answer((done) => sftp.open('/a.nc', 'r', done)))).message).toContain('busy: ');
    await expect(connect(door)).rejects.toThrow();
    const into = Buffer.alloc(6);
    await answer((done) => sftp.read(handle, into, 0, 6, 0, done));
    await answer((done) => sftp.close(handle, done));
    await closing;
    expect(String(into)).toBe('abcdef');
    expect(door.shelf.ends).toMatchObject([{ bytes: 6, complete: true }]);
  });

  it('cuts off a transfer that does not end, and has its end told before it is closed', async () => {
    await open();
    await door.server.close();
    expect(door.shelf.ends).toMatchObject([{ bytes: 0, complete: false }]);
  });

  it('does not wait for machines that transfer nothing', async () => {
    await openSftp(client);
    let closed = false;
    client.once('close', () => {
      closed = true;
    });
    await door.server.close();
    await until(() => closed, 'the goodbye');
  });
});
