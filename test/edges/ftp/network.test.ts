import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FtpHand, type FtpTestDoor, machinePassword, openFtpDoor } from '../../helpers/ftp-test-door.ts';
import { until } from '../../helpers/sftp-test-door.ts';
import { TcpProxy, type Weather } from '../../helpers/tcp-proxy.ts';

/** More than the system's buffers hold, so that a fault in the middle is one for the door too. */
const size = 8_000_000;
const content = Buffer.alloc(size, 'G1 X1.\n');
let door: FtpTestDoor;
let control: TcpProxy;
const proxies: TcpProxy[] = [];
const sockets: Socket[] = [];
beforeEach(async () => {
  door = await openFtpDoor({ bounds: { dataMs: 150, lastBytesMs: 2_000 } });
  door.shelf.put(door.machine, 'a.nc', content);
  control = await through(door.port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const proxy of proxies.splice(0)) await proxy.close();
  await door.server.close();
});

async function through(port: number, weather: Weather = {}): Promise<TcpProxy> {
  const proxy = await TcpProxy.to(port);
  proxies.push(proxy);
  proxy.weather = () => weather;
  return proxy;
}

/** A machine that logged in over the network, with a data connection through a network of its own. */
async function arrive() {
  const hand = await FtpHand.arrive(control.port);
  await hand.say('USER MILL-1');
  await hand.say(`PASS ${machinePassword}`);
  return hand;
}
async function dataOver(hand: FtpHand, weather: Weather): Promise<Socket> {
  const { port } = await through(await hand.passive(), weather);
  const data = connect({ port, host: '127.0.0.1' });
  sockets.push(data.on('error', () => {}));
  // One that breaks at once may never have been there.
  await once(data, 'connect').catch(() => {});
  return data;
}
/** Every byte that came before the end, however that came. */
async function allOf(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => void parts.push(bytes));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(parts);
}
const ended = () => until(() => door.shelf.ends.length + door.returns.ends.length === 1, 'the end');

describe('a data connection', () => {
  it.each([0, 1, size / 2, size - 1])(
    'that breaks after %i bytes of what is pulled is a failed delivery',
    async (bytes) => {
      const hand = await arrive();
      const data = await dataOver(hand, { toClient: { cutAfter: bytes } });
      const coming = allOf(data);
      expect(await hand.say('RETR a.nc')).toMatch(/^150 /);
      expect(await hand.reply()).toMatch(/^4\d\d busy: /);
      await ended();
      expect(door.shelf.ends).toMatchObject([{ complete: false, reason: expect.stringMatching(/^busy: /) }]);
      expect((await coming).length).toBeLessThanOrEqual(bytes);
      expect((await hand.get('RETR a.nc')).bytes.equals(content)).toBe(true);
      hand.leave();
    },
  );

  it.each([0, 1, size / 2, size - 1])(
    'that falls silent after %i bytes of what is pulled is given up',
    async (bytes) => {
      const hand = await arrive();
      await dataOver(hand, { toClient: { stallAfter: bytes } });
      expect(await hand.say('RETR a.nc')).toMatch(/^150 /);
      expect(await hand.reply()).toMatch(/^4\d\d .*the machine stopped reading/);
      await ended();
      const reason = 'busy: The transfer ended early: the machine stopped reading.';
      expect(door.shelf.ends).toMatchObject([{ complete: false, reason }]);
      hand.leave();
    },
  );

  it.each([0, 1, size / 2, size - 1])(
    'that breaks after %i bytes of what is sent back keeps none of it',
    async (bytes) => {
      const hand = await arrive();
      const data = await dataOver(hand, { toServer: { cutAfter: bytes } });
      expect(await hand.say('STOR /from-machine/a.nc')).toMatch(/^150 /);
      data.end(content);
      expect(await hand.reply()).toMatch(/^4\d\d busy: /);
      await ended();
      expect(door.returns.ends).toMatchObject([{ complete: false, reason: expect.stringMatching(/^busy: /) }]);
      hand.leave();
    },
  );

  it('that falls silent in the middle of what is sent back is given up', async () => {
    const hand = await arrive();
    const data = await dataOver(hand, { toServer: { stallAfter: size / 2 } });
    expect(await hand.say('STOR /from-machine/a.nc')).toMatch(/^150 /);
    data.end(content);
    expect(await hand.reply()).toMatch(/^4\d\d .*the machine stopped sending/);
    await ended();
    const reason = 'busy: The transfer ended early: the machine stopped sending.';
    expect(door.returns.ends).toMatchObject([{ complete: false, reason }]);
    hand.leave();
  });

  it('that never comes is waited for no longer than the limit', async () => {
    const hand = await arrive();
    await hand.passive();
    expect(await hand.say('RETR a.nc')).toMatch(/^150 /);
    expect(await hand.reply()).toMatch(/^4\d\d busy: No data connection came\./);
    await ended();
    expect(door.shelf.ends).toMatchObject([{ bytes: 0, complete: false, reason: 'busy: No data connection came.' }]);
    hand.leave();
  });

  it('that crawls, and does not stop, brings the whole', async () => {
    const small = door.shelf.put(door.machine, 'b.nc', Buffer.alloc(30_000, 'G0 Y2.\n'));
    const hand = await arrive();
    // Longer than the limit of a silence, in parts that are none.
    const data = await dataOver(hand, { toClient: { bytesPerSecond: 60_000 } });
    const coming = allOf(data);
    expect(await hand.say('RETR b.nc')).toMatch(/^150 /);
    expect((await coming).equals(small)).toBe(true);
    expect(await hand.reply()).toBe('226 Done.');
    expect(door.shelf.ends).toMatchObject([{ complete: true }]);
    hand.leave();
  });

  it('that comes behind a later one belongs to nobody: each machine has what it asked for', async () => {
    const small = door.shelf.put(door.machine, 'b.nc', 'G0 Y2.');
    const [slow, fast] = [await arrive(), await arrive()];
    const gate = Promise.withResolvers<void>();
    const late = allOf(await dataOver(slow, { heldUntil: gate.promise }));
    const soon = allOf(await dataOver(fast, {}));
    expect(await slow.say('RETR a.nc')).toMatch(/^150 /);
    expect(await fast.say('RETR b.nc')).toMatch(/^150 /);
    expect((await soon).equals(small)).toBe(true);
    gate.resolve();
    expect((await late).equals(content)).toBe(true);
    await until(() => door.shelf.ends.length === 2, 'both ends');
    expect(door.shelf.ends.every(({ complete }) => complete)).toBe(true);
    slow.leave();
    fast.leave();
  });
});

describe('two machines of one name', () => {
  it('each send back and pull what is theirs, at once: nothing is mixed, nothing overwritten', async () => {
    const small = door.shelf.put(door.machine, 'b.nc', Buffer.alloc(300_000, 'G0 Y2.\n'));
    const theirs = [Buffer.alloc(300_000, 'G1 X1.\n'), Buffer.alloc(200_000, 'G1 X2.\n')];
    const halves = Promise.withResolvers<void>();
    const sendBack = async (bytes: Buffer, number: number) => {
      const hand = await arrive();
      const data = await dataOver(hand, {});
      expect(await hand.say('STOR /from-machine/a.nc')).toMatch(/^150 /);
      data.write(bytes.subarray(0, 100_000));
      await until(() => door.returns.content(number).length === 100_000, 'the first part of each');
      await halves.promise;
      data.end(bytes.subarray(100_000));
      expect(await hand.reply()).toMatch(/^226 /);
      return hand;
    };
    const sending = theirs.map(sendBack);
    await until(() => door.returns.accepted.length === 2, 'both uploads');
    await until(() => [0, 1].every((at) => door.returns.content(at).length === 100_000), 'both in the middle');
    const readers = await Promise.all([arrive(), arrive()]);
    for (const { bytes, reply } of await Promise.all(readers.map((hand) => hand.get('RETR b.nc')))) {
      expect(bytes.equals(small)).toBe(true);
      expect(reply).toBe('226 Done.');
    }
    halves.resolve();
    for (const hand of [...(await Promise.all(sending)), ...readers]) hand.leave();
    expect(door.returns.accepted.map(({ name }) => name)).toEqual(['a.nc', 'a.nc']);
    const kept = [0, 1].map((at) => door.returns.content(at).toString());
    expect(kept.sort()).toEqual(theirs.map(String).sort());
    expect(new Set(door.shelf.ends.map(({ deliveryId }) => deliveryId)).size).toBe(2);
    expect([...door.shelf.ends, ...door.returns.ends].every(({ complete }) => complete)).toBe(true);
  });
});

describe('a control connection', () => {
  it('that breaks under a transfer ends it, both ways', async () => {
    const [pulling, sending] = [await arrive(), await arrive()];
    await dataOver(pulling, {});
    const back = await dataOver(sending, {});
    expect(await pulling.say('RETR a.nc')).toMatch(/^150 /);
    expect(await sending.say('STOR /from-machine/a.nc')).toMatch(/^150 /);
    back.write(content.subarray(0, 1_000));
    await until(() => door.returns.content().length === 1_000, 'what was sent');
    control.cut();
    await until(() => door.shelf.ends.length + door.returns.ends.length === 2, 'both ends');
    const reason = expect.stringContaining('the connection closed');
    expect(door.shelf.ends).toMatchObject([{ complete: false, reason }]);
    expect(door.returns.ends).toMatchObject([{ bytes: 1_000, complete: false, reason }]);
  });

  it('that falls silent is ended after the limit, and holds no place', async () => {
    const narrow = await openFtpDoor({ bounds: { idleMs: 100, goodbyeMs: 100, connections: 1 } });
    const network = await through(narrow.port, { toServer: { stallAfter: 0 } });
    const silent = await FtpHand.arrive(network.port);
    silent.write('NOOP\r\n');
    expect(await silent.reply()).toMatch(/^421 /);
    const gone = () => narrow.lines.some(({ msg }) => msg === 'connection closed');
    await until(gone, 'the end of the connection');
    const next = await FtpHand.arrive(narrow.port);
    expect(await next.say('NOOP')).toMatch(/^200 /);
    next.leave();
    await narrow.server.close();
  });
});
