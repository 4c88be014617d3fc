import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Client } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, connect, openSftp, openTestDoor, type TestDoor, until } from '../../helpers/sftp-test-door.ts';
import { TcpProxy } from '../../helpers/tcp-proxy.ts';

const size = 600_000;
let door: TestDoor;
let network: TcpProxy;
let content: Buffer;
const open = async (keepaliveMs = 30_000) => {
  door = await openTestDoor({ bounds: { keepaliveMs, unauthenticatedPerAddress: 64 } });
  network = await TcpProxy.to(door.port);
  content = door.shelf.put(door.machine, 'a.nc', randomBytes(size));
};
beforeEach(() => open());
afterEach(async () => {
  await network.close();
  await door.server.close();
});

/** A machine on the other side of that network. */
const arrive = async (port = network.port) => {
  const client = await connect({ port, key: door.key });
  return { client, sftp: await openSftp(client) };
};
const pull = async (port?: number): Promise<Buffer> => {
  const { client, sftp } = await arrive(port);
  try {
    const broken = once(client, 'close').then(() => Promise.reject(new Error('the connection broke')));
    broken.catch(() => {});
    return await Promise.race([answer<Buffer>((done) => sftp.readFile('/a.nc', done)), broken]);
  } finally {
    client.end();
  }
};
const ended = (count: number) => until(() => door.shelf.ends.length === count, `${count} ends`);

describe('a machine that goes away', () => {
  it.each([0, 1, size / 2, size - 1, size])(
    'after %i bytes of what it pulls leaves a failed delivery',
    async (bytes) => {
      const { client, sftp } = await arrive();
      const handle = await answer<Buffer>((done) => sftp.open('/a.nc', 'r', done));
      for (let at = 0; at < bytes; ) {
        const part = Buffer.alloc(Math.min(100_000, bytes - at));
        at += await answer<number>((done) => sftp.read(handle, part, 0, part.length, at, done));
      }
      client.destroy();
      await ended(1);
      const reason = `the connection closed after ${bytes} of ${size} bytes`;
      expect(door.shelf.ends).toMatchObject([{ bytes, complete: false, reason }]);
      expect((await pull()).equals(content)).toBe(true);
    },
  );

  it.each([0, 1, size / 2, size - 1, size])('after %i bytes of what it sends back leaves none', async (bytes) => {
    const { client, sftp } = await arrive();
    const handle = await answer<Buffer>((done) => sftp.open('/from-machine/a.nc', 'w', done));
    for (let at = 0; at < bytes; at += 100_000) {
      const part = content.subarray(at, Math.min(at + 100_000, bytes));
      await answer<void>((done) => sftp.write(handle, part, 0, part.length, at, done));
    }
    client.destroy();
    await until(() => door.returns.ends.length === 1, 'the end');
    expect(door.returns.ends).toMatchObject([{ bytes, complete: false }]);
  });
});

describe('a network', () => {
  it('that breaks in the midst leaves a failed delivery, and the machine gets exact bytes when it comes again', async () => {
    network.weather = (number) => (number === 0 ? { toClient: { cutAfter: size / 2 } } : {});
    await expect(pull()).rejects.toThrow();
    await ended(1);
    expect(door.shelf.ends).toMatchObject([{ complete: false }]);
    expect((await pull()).equals(content)).toBe(true);
  });

  it('that falls silent is given up by the keep-alive, also with bytes on their way', async () => {
    await network.close();
    await door.server.close();
    await open(40);
    network.weather = () => ({ toClient: { stallAfter: size / 2 } });
    const pulling = pull();
    await ended(1);
    expect(door.shelf.ends).toMatchObject([{ complete: false }]);
    network.cut();
    await expect(pulling).rejects.toThrow();
  });

  it('that is quiet but there keeps its machine', async () => {
    await network.close();
    await door.server.close();
    await open(20);
    const { client, sftp } = await arrive();
    // Behind three unanswered questions it would be gone.
    await until(() => asked(client) >= 8, 'eight questions of the keep-alive');
    expect((await answer<Buffer>((done) => sftp.readFile('/a.nc', done))).equals(content)).toBe(true);
    client.end();
  });

  it('that lets fifty machines crawl does not hold up a fast one', async () => {
    network.weather = () => ({ toClient: { stallAfter: 100_000 } });
    const crawling = Array.from({ length: 50 }, () => pull().catch(() => 'broken off'));
    await until(() => door.shelf.opened.length === 50, 'fifty deliveries under way');
    expect((await pull(door.port)).equals(content)).toBe(true);
    await ended(1);
    expect(door.shelf.ends).toMatchObject([{ bytes: size, complete: true }]);
    network.cut();
    expect(new Set(await Promise.all(crawling))).toEqual(new Set(['broken off']));
    await ended(51);
    expect(door.shelf.ends.filter(({ complete }) => complete)).toHaveLength(1);
    expect(door.shelf.openBlobs).toBe(0);
  });
});

describe('many at once', () => {
  it('of one name get and send what is theirs: nothing is mixed, nothing overwritten', async () => {
    const two = await Promise.all([arrive(), arrive()]);
    const theirs = [randomBytes(size), randomBytes(size)];
    await Promise.all(
      two.map(({ sftp }, number) =>
        answer<void>((done) => sftp.writeFile('/from-machine/a.nc', theirs[number] ?? '', done)),
      ),
    );
    expect(door.returns.accepted.map(({ name }) => name)).toEqual(['a.nc', 'a.nc']);
    const kept = [door.returns.content(0), door.returns.content(1)];
    expect(kept.some((one) => one.equals(theirs[0] ?? one))).toBe(true);
    expect(kept.some((one) => one.equals(theirs[1] ?? one))).toBe(true);
    const got = await Promise.all([pull(), pull()]);
    expect(got.every((one) => one.equals(content))).toBe(true);
    for (const { client } of two) client.end();
  });

  it('each get every file, and each file has one end', async () => {
    const [sessions, files] = [20, 25];
    const named = Array.from({ length: files }, (_, number) => `O${number}.NC`);
    for (const name of named) door.shelf.put(door.machine, `many/${name}`, `(${name})`);
    const one = async () => {
      const { client, sftp } = await arrive(door.port);
      const got = named.map((name) => answer<Buffer>((done) => sftp.readFile(`/many/${name}`, done)));
      expect((await Promise.all(got)).map(String)).toEqual(named.map((name) => `(${name})`));
      client.end();
    };
    await Promise.all(Array.from({ length: sessions }, one));
    await ended(sessions * files);
    expect(door.shelf.ends.every(({ complete }) => complete)).toBe(true);
    expect(new Set(door.shelf.ends.map(({ deliveryId }) => deliveryId)).size).toBe(sessions * files);
  });
});

/** How often the door asked whether its machine is there. */
function asked(client: Client): number {
  return (client as unknown as { _protocol: { _decipher: { inSeqno: number } } })._protocol._decipher.inSeqno;
}
