import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineId } from '../../../src/domain/ids.ts';
import {
  answer,
  connect,
  makeKey,
  openSftp,
  openTestDoor,
  type TestDoor,
  until,
} from '../../helpers/sftp-test-door.ts';

let door: TestDoor;
beforeEach(async () => {
  door = await openTestDoor();
});
afterEach(() => door.server.close());

const why = 'unauthenticated: What the machine logged in with lets nobody in any more.';
const review = (...machines: string[]) => door.server.review(new Set(machines as MachineId[]));

/** A machine inside, which pulls one program and sends another. */
async function inside() {
  const client = await connect(door);
  const sftp = await openSftp(client);
  door.shelf.put(door.machine, 'a.nc', 'x'.repeat(200));
  const pulled = await answer<Buffer>((done) => sftp.open('/a.nc', 'r', done));
  await answer<number>((done) => sftp.read(pulled, Buffer.alloc(10), 0, 10, 0, done));
  const sent = await answer<Buffer>((done) => sftp.open('/from-machine/b.nc', 'w', done));
  await answer<void>((done) => sftp.write(sent, Buffer.from('G1 X1.'), 0, 6, 0, done));
  return { client, sftp, gone: once(client, 'close') };
}

describe('a machine whose key was taken back while it is inside', () => {
  it('is out at once, and what was under way both ways failed for that reason', async () => {
    const { gone } = await inside();
    door.shelf.strike('MILL-1');
    review('MILL-1');
    await gone;
    await until(() => door.shelf.ends.length + door.returns.ends.length === 2, 'both ends');
    expect(door.shelf.ends).toMatchObject([{ bytes: 10, complete: false, reason: why }]);
    expect(door.returns.ends).toMatchObject([{ bytes: 6, complete: false, reason: why }]);
    await expect(connect(door)).rejects.toThrow();
  });

  it('is out too when nobody can say whether it may stay', async () => {
    const { gone } = await inside();
    door.shelf.identify = () => Promise.reject(new Error('the core is gone'));
    review('MILL-1');
    await gone;
  });

  it('takes nobody with it: not who came by another key, nor another machine', async () => {
    const key = makeKey();
    door.shelf.register('MILL-2', key.public);
    const other = await connect(door, { username: 'MILL-2', privateKey: key.private });
    const { client, sftp } = await inside();
    // It changed, and still has this key.
    review('MILL-1', 'MILL-2');
    door.shelf.strike('MILL-1');
    review('MILL-2');
    await until(() => door.shelf.identified.length === 7, 'three questions after two logins of two questions each');
    expect(await answer<unknown[]>((done) => sftp.readdir('/', done))).toHaveLength(1);
    await openSftp(other);
    other.end();
    client.end();
  });
});
