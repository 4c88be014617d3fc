import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushLink } from '../../src/domain/machine-links.ts';
import { bytesOf, PushDesk, partName, program } from '../helpers/push-places.ts';
import { run } from '../helpers/sftp-openssh.ts';
import { findSshd, type Sshd, startSshd } from '../helpers/sftp-sshd.ts';
import { makeKey } from '../helpers/sftp-test-door.ts';
import { TcpProxy, type Weather } from '../helpers/tcp-proxy.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const sshd = findSshd();
const older = program.replace('F20.', 'F18.');
const large = `%\n${'G1 X1. Y2. F20.\n'.repeat(80_000)}%\n`;
const refused = { outcome: 'failed', again: false };
const again = { outcome: 'failed', code: 'not-delivered', again: true };

describe.skipIf(!sshd)("a push to OpenSSH's SFTP server", () => {
  const place = temporaryFolder();
  const keys = { host: makeKey(), user: makeKey() };
  const secret = join(place.folder, 'mazak-1.key');
  const isRoot = process.getuid?.() === 0;
  let server: Sshd;
  let proxy: TcpProxy;
  let folder: string;
  let desk: PushDesk;
  let count = 0;

  beforeAll(async () => {
    writeFileSync(secret, keys.user.private, { mode: 0o600 });
    server = await startSshd(sshd ?? '', place.folder, keys);
    proxy = await TcpProxy.to(server.port);
  });
  afterAll(async () => {
    await proxy.close();
    await server.stop();
    place.remove();
  });
  beforeEach(() => {
    folder = join(place.folder, `programs-${++count}`);
    mkdirSync(folder);
    desk = new PushDesk({ secret, answerMs: 1_500 });
    proxy.weather = () => ({});
  });
  afterEach(() => desk.pushes.close());

  const link = (over: Partial<Extract<PushLink, { kind: 'sftp' }>> = {}): PushLink => ({
    ...{ kind: 'sftp', host: '127.0.0.1', port: server.port, user: server.user, hostKey: keys.host.public },
    ...{ folder, secret: 'mazak-1', onRelease: false },
    ...over,
  });
  const names = () => readdirSync(folder).sort();
  const there = () => readFileSync(join(folder, 'O4471.NC'), 'utf8');

  test('leaves the whole program under its name and nothing beside it, and reads it back', async () => {
    expect(await desk.put(link(), large)).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(large);
    expect(desk.shelf.ends).toMatchObject([{ complete: true, bytes: large.length, proof: 'read-back' }]);
    expect([...desk.shelf.channels]).toEqual(['sftp-push']);
  });

  test('takes the place of what was delivered before, and of nothing else', async () => {
    writeFileSync(join(folder, 'O4471.NC'), older);
    expect(await desk.put(link())).toMatchObject({ ...refused, code: 'conflict' });
    expect(there()).toBe(older);
    expect(await desk.put(link(), program, { replaces: [bytesOf(older)] })).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(program);
  });

  test('sends nothing to a server that shows another host key, whatever its kind', async () => {
    for (const key of [makeKey(), makeKey('ecdsa-256')]) {
      const result = await desk.put(link({ hostKey: key.public }));
      expect(result).toMatchObject({ outcome: 'failed' });
      expect(desk.shelf.opened).toEqual([]);
    }
    expect(await desk.put(link({ hostKey: makeKey().public }))).toMatchObject({ ...refused, code: 'unauthenticated' });
    expect(names()).toEqual([]);
  });

  test('says plainly that the server does not know us', async () => {
    writeFileSync(join(place.folder, 'other.key'), makeKey().private, { mode: 0o600 });
    const stranger = new PushDesk({ secret: join(place.folder, 'other.key'), answerMs: 1_500 });
    expect(await stranger.put(link())).toMatchObject({ ...refused, code: 'unauthenticated' });
    chmodSync(secret, 0o644);
    expect(await desk.put(link())).toMatchObject({ ...refused, code: 'config-invalid' });
    chmodSync(secret, 0o600);
  });

  test.each([
    ['is cut off in the middle', { cutAfter: 300_000 }],
    ['stalls in the middle', { stallAfter: 300_000 }],
  ])('over a network that %s leaves nothing under the name, and the next try goes on', async (_what, toServer) => {
    proxy.weather = (number) => (number === proxy.connections - 1 ? { toServer } : {});
    const at = link({ port: proxy.port });
    expect(await desk.put(at, large)).toMatchObject(again);
    expect(names()).toEqual([partName]);
    expect(desk.shelf.ends).toMatchObject([{ complete: false }]);
    proxy.weather = () => ({});
    expect(await desk.put(at, large)).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(large);
  });

  const weathers: [string, Weather][] = [
    ...[0, 1, 600, 2_000, 900_000, 1_270_000].map((bytes): [string, Weather] => [
      `is cut off after ${bytes} bytes of ours`,
      { toServer: { cutAfter: bytes } },
    ]),
    ...[0, 1, 900, 3_000, 500_000].map((bytes): [string, Weather] => [
      `is cut off after ${bytes} bytes of theirs`,
      { toClient: { cutAfter: bytes } },
    ]),
    ['takes the connection and says nothing', { toClient: { stallAfter: 0 } }],
    ['falls silent under the reading back', { toClient: { stallAfter: 500_000 } }],
    ['never brings the connection', { heldUntil: new Promise(() => {}) }],
  ];
  test.each(weathers)('over a network that %s is whole or not there, and says why', async (_what, weather) => {
    const hasty = new PushDesk({ secret, answerMs: 400 });
    proxy.weather = () => weather;
    const at = link({ port: proxy.port });
    const result = await hasty.put(at, large);
    expect(result, JSON.stringify(result)).toMatchObject(again);
    expect(result.outcome === 'failed' && result.reason).toMatch(/^The .{15,}\.$/);
    expect(hasty.shelf.ends).toHaveLength(hasty.shelf.opened.length);
    expect(hasty.shelf.ends.every(({ complete, reason }) => !complete && reason)).toBe(true);
    expect(names().filter((name) => name !== partName)).toEqual([]);
    proxy.weather = () => ({});
    expect(await desk.put(at, large, { placed: hasty.placed.length > 0 })).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(large);
  });

  test('whose first connection comes behind that of the next try is there once and whole', async () => {
    const hasty = new PushDesk({ secret, answerMs: 300 });
    const gate = Promise.withResolvers<void>();
    proxy.weather = (number) => (number === proxy.connections - 1 ? { heldUntil: gate.promise } : {});
    const at = link({ port: proxy.port });
    expect(await hasty.put(at, large)).toMatchObject(again);
    proxy.weather = () => ({});
    const next = desk.put(at, large);
    gate.resolve();
    expect(await next).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(large);
  });

  test('over a slow network arrives', async () => {
    const slow = { bytesPerSecond: 3_000_000 };
    proxy.weather = () => ({ toServer: slow, toClient: slow });
    expect(await desk.put(link({ port: proxy.port }), large)).toMatchObject({ outcome: 'delivered' });
    expect(there()).toBe(large);
  });

  test('waits for a server that does not listen, or has no such folder', async () => {
    expect(await desk.put(link({ port: 1 }))).toMatchObject(again);
    expect(await desk.put(link({ folder: `${folder}/gone` }))).toMatchObject(again);
    expect(desk.shelf.opened).toEqual([]);
  });

  test.skipIf(!isRoot)('to a disk that is full leaves nothing under the name', async () => {
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]);
    if (mounted.code !== 0) throw new Error(`no small disk: ${mounted.err}`);
    try {
      expect(await desk.put(link(), large)).toMatchObject(again);
      expect(names()).toEqual([]);
      expect(await desk.put(link())).toMatchObject({ outcome: 'delivered' });
    } finally {
      await run('umount', [folder]);
    }
  });

  test('lists and reads back what is there', async () => {
    writeFileSync(join(folder, 'O4471.NC'), program);
    const { machine } = desk.order(link());
    const survey = await desk.pushes.survey({ machine, link: link(), names: ['O4471.NC'] });
    expect(survey).toEqual({ listed: ['O4471.NC'], verdicts: [{ name: 'O4471.NC', verdict: 'identical' }] });
    expect(await desk.pushes.remove({ machine, link: link(), name: 'O4471.NC', only: [bytesOf(program)] })).toBe(true);
    expect(names()).toEqual([]);
  });
});
