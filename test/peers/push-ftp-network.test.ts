import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushLink } from '../../src/domain/machine-links.ts';
import { onPath } from '../debian-packages.ts';
import { freePort, PushDesk, partName, program, type Served, startVsftpd } from '../helpers/push-places.ts';
import { type Line, TcpProxy, type Weather } from '../helpers/tcp-proxy.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const isThere = onPath('vsftpd') && process.getuid?.() === 0;
/** Where vsftpd is; data connections are made to the address of the control connection, and there we stand. */
const far = '127.0.0.2';
const large = `%\n${'G1 X1. Y2. F20.\n'.repeat(40_000)}%\n`;
const again = { outcome: 'failed', code: 'not-delivered', again: true };

/** What each data connection of one push is for, in their order. */
const steps = [
  'the listing before',
  'the program',
  'the listing of what arrived',
  'the reading back',
  'the last listing',
];

/** The same ports as those that vsftpd has for data, at the address that its clients call: each passes on to its own. */
class DataNetwork {
  readonly ports: { from: number; to: number };
  readonly #proxies: TcpProxy[];
  weather: (number: number) => Weather = () => ({});
  /** How many connections were made. */
  number = 0;

  private constructor(ports: { from: number; to: number }, proxies: TcpProxy[]) {
    this.ports = ports;
    this.#proxies = proxies;
    for (const proxy of proxies) proxy.weather = () => this.weather(this.number++);
  }

  /** A server whose session broke may hold its port for a while: there are some more. */
  static async open(to: string): Promise<DataNetwork> {
    const from = await freePort();
    const ports = Array.from({ length: 8 }, (_, index) => from + index);
    const opened = await Promise.allSettled(ports.map((port) => TcpProxy.to(port, to, { host: '127.0.0.1', port })));
    const proxies = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (proxies.length === ports.length) return new DataNetwork({ from, to: from + ports.length - 1 }, proxies);
    await Promise.all(proxies.map((proxy) => proxy.close()));
    return DataNetwork.open(to);
  }

  cut(): void {
    for (const proxy of this.#proxies) proxy.cut();
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }
}

describe.skipIf(!isThere)('a push to vsftpd over a network', () => {
  const place = temporaryFolder();
  const root = join(place.folder, 'root');
  const folder = join(root, 'programs');
  let server: Served;
  let control: TcpProxy;
  let data: DataNetwork;
  let desk: PushDesk;

  beforeAll(async () => {
    mkdirSync(root);
    writeFileSync(join(place.folder, 'secret'), 'guest\n', { mode: 0o600 });
    data = await DataNetwork.open(far);
    server = await startVsftpd(root, undefined, { address: far, dataPorts: data.ports });
    control = await TcpProxy.to(server.port, far, { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await control.close();
    await data.close();
    await server.stop();
    place.remove();
  });
  beforeEach(async () => {
    desk = waiting(300);
    for (const proxy of [control, data]) proxy.weather = () => ({});
    data.number = 0;
    for (const name of names()) rmSync(join(folder, name));
  });
  afterEach(() => desk.pushes.close());

  const waiting = (answerMs: number) => new PushDesk({ secret: join(place.folder, 'secret'), answerMs });
  const link = (): PushLink => ({
    ...{ kind: 'ftp', host: '127.0.0.1', port: control.port, user: 'anonymous', folder: '/programs', tls: 'none' },
    ...{ secret: 'mazak-1', onRelease: false },
  });
  const names = () => readdirSync(folder).sort();
  /** The whole under its name, or nothing; beside it at most what is known as a part. */
  const isWholeOrNothing = () => {
    for (const name of names()) {
      if (name === partName) continue;
      expect(name).toBe('O4471.NC');
      expect(readFileSync(join(folder, name), 'utf8')).toBe(large);
    }
  };
  /** Fails in this weather and says why; in fair weather the next try ends with the whole program, alone. */
  async function failsThenArrives(): Promise<void> {
    const failed = await desk.put(link(), large);
    expect(failed, JSON.stringify(failed)).toMatchObject(again);
    expect(failed.outcome === 'failed' && failed.reason).toMatch(/^The (server|far side) .{10,}\.$/);
    expect(desk.shelf.ends.every(({ complete, reason }) => !complete && reason)).toBe(true);
    expect(desk.shelf.ends).toHaveLength(desk.shelf.opened.length);
    isWholeOrNothing();
    for (const proxy of [control, data]) {
      proxy.weather = () => ({});
      proxy.cut();
    }
    const next = await waiting(10_000).put(link(), large, { placed: desk.placed.length > 0 });
    expect(next, JSON.stringify(next)).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(readFileSync(join(folder, 'O4471.NC'), 'utf8')).toBe(large);
  }

  test('in fair weather makes these data connections and no others', async () => {
    expect(await waiting(10_000).put(link(), large)).toMatchObject({ outcome: 'delivered' });
    expect(data.number).toBe(steps.length);
  });

  const both = (line: Line): Weather => ({ toServer: line, toClient: line });
  const cases: { number: number; what: string; weather: Weather }[] = [
    ...[0, 1, 2, 3, 4].map((number) => ({ number, what: 'breaks after a byte', weather: both({ cutAfter: 1 }) })),
    ...[0, 1, 3].map((number) => ({ number, what: 'falls silent', weather: both({ stallAfter: 1 }) })),
    ...[1, 3].map((number) => ({ number, what: 'breaks in the middle', weather: both({ cutAfter: 300_000 }) })),
    { number: 1, what: 'breaks at once', weather: both({ cutAfter: 0 }) },
    { number: 1, what: 'falls silent before its last byte', weather: both({ stallAfter: large.length - 1 }) },
    { number: 1, what: 'never comes', weather: { heldUntil: new Promise(() => {}) } },
  ];
  test.each(cases.map((one) => ({ ...one, step: steps[one.number] })))(
    'whose data connection for $step $what',
    async ({ number, weather }) => {
      data.weather = (count) => (count === number ? weather : {});
      await failsThenArrives();
    },
  );

  test.each([0, 1, 60, 120, 200])('whose control connection breaks after %i bytes', async (bytes) => {
    control.weather = () => ({ toServer: { cutAfter: bytes } });
    await failsThenArrives();
  });
  test.each([0, 60, 200])('whose control connection falls silent after %i bytes', async (bytes) => {
    control.weather = () => ({ toServer: { stallAfter: bytes } });
    await failsThenArrives();
  });

  test('that is slow arrives', async () => {
    // The reading back takes longer than an answer may.
    desk = waiting(700);
    data.weather = () => ({ toServer: { bytesPerSecond: 300_000 }, toClient: { bytesPerSecond: 40_000 } });
    expect(await desk.put(link(), large.slice(0, 60_000))).toMatchObject({ outcome: 'delivered' });
    expect(desk.shelf.ends).toMatchObject([{ complete: true, proof: 'read-back' }]);
  });

  test('on which an old data connection comes into a new try is not taken for it', async () => {
    const gate = Promise.withResolvers<void>();
    data.weather = (count) => (count === 1 ? { heldUntil: gate.promise } : {});
    expect(await desk.put(link(), large)).toMatchObject(again);
    // It arrives together with those of the next try.
    gate.resolve();
    const next = await desk.put(link(), large);
    isWholeOrNothing();
    if (next.outcome !== 'delivered') await failsThenArrives();
    expect(program.length).toBeLessThan(large.length);
  });
});
