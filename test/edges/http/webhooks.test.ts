import { createHmac } from 'node:crypto';
import type { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PackageId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { WebhookList } from '../../../src/edges/http/contract/webhooks.ts';
import { guardedPost } from '../../../src/platform/guarded-post.ts';
import { OutboxPositions } from '../../../src/platform/outbox-positions.ts';
import { WebhookOutbox } from '../../../src/services/webhook-outbox.ts';
import {
  deliveredTo,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';
import { sealKey, silentLog } from '../../helpers/test-ledger.ts';

type Told = {
  path: string;
  headers: IncomingMessage['headers'];
  text: string;
  event: { id: string; type: string; data: Record<string, unknown> };
};
const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)', cuiMarkings: ['SP-EXPT'] };

/** Another program that is told: it answers as the test wants. */
class Listener {
  readonly told: Told[] = [];
  readonly #server: Server;
  answer: (path: string) => { status: number; headers?: Record<string, string> } = () => ({ status: 204 });
  #heard: () => void = () => {};

  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const { status, headers = {} } = this.answer(request.url ?? '');
        response.writeHead(status, headers).end();
        this.told.push({ path: request.url ?? '', headers: request.headers, text, event: JSON.parse(text) });
        this.#heard();
      });
    });
  }
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks/`;
  }
  async until(what: (told: readonly Told[]) => boolean): Promise<void> {
    while (!what(this.told)) await new Promise<void>((resolve) => (this.#heard = resolve));
  }
  close(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

const listener = new Listener();
let url: string;
let floor: ScreensFloor;
let packageId: PackageId;

beforeAll(async () => {
  url = await listener.listen();
  floor = await openScreensFloor({ webhooks: [{ url, networks: ['127.0.0.0/8'] }] });
  packageId = await floor.admitted(sidecarOf('HSG-SECRET', { classification: itar }), {
    'HSG-SECRET.NC': millProgram(9),
  });
});
afterAll(async () => {
  await floor.close();
  await listener.close();
});

const set = (body: object, who = floor.people.administrator) => floor.ask(who, 'POST', '/webhooks', body);

describe('a webhook', () => {
  test('tells what happens from then on, in order, signed, by ids and without a word of what is in a package', async () => {
    const kinds = ['release', 'delivery', 'hold', 'verdict'];
    const { webhookId, secret } = (await set({ url, kinds })).json<{ webhookId: string; secret: string }>();
    const some = (await set({ url: `${url}some`, kinds: ['hold', 'hold'] })).json<{ secret: string }>();
    const releaseId = await floor.release(packageId);
    await deliveredTo(floor, releaseId, 'HAAS-VF-07', 'HSG-SECRET.NC');
    const problem = { releaseId, machineId: 'HAAS-VF-07', reason: 'HSG-SECRET chatters.' };
    await floor.ask(floor.people.operator, 'POST', '/problems', problem);
    await floor.ask(floor.people.quality, 'POST', `/releases/${releaseId}/withdraw`, {
      reason: 'HSG-SECRET is wrong.',
    });
    await listener.until((told) => told.length === 5);
    const [more, all] = [true, false].map((isSome) =>
      listener.told.filter(({ path }) => path.endsWith('some') === isSome),
    ) as [Told[], Told[]];

    expect(some.secret).not.toBe(secret);
    expect(more.map(({ event }) => event.type)).toEqual(['example.keyway.problem.reported']);
    expect(all.map(({ event }) => event.type)).toEqual(
      ['release.issued', 'delivery.completed', 'problem.reported', 'release.withdrawn'].map(
        (type) => `example.keyway.${type}`,
      ),
    );
    for (const { headers, text, event } of all) {
      const [id, time] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const mac = createHmac('sha256', key).update(`${id}.${time}.${text}`).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${mac}`);
      expect(headers['content-type']).toBe('application/cloudevents+json');
      expect(event).toMatchObject({ specversion: '1.0', id, source: '//test.example/ledger' });
      for (const word of ['SECRET', 'VIII', 'sha256', 'chatters']) expect(text).not.toContain(word);
    }
    expect(all[0]?.event.data).toMatchObject({ releaseId, packageId });
    const list = WebhookList.parse((await floor.ask(floor.people.administrator, 'GET', '/webhooks')).json());
    expect(list.webhooks).toMatchObject([
      { webhookId, last: { result: 'taken' }, undelivered: [] },
      { kinds: ['hold'], last: { result: 'taken' } },
    ]);
    expect(JSON.stringify(list)).not.toContain(secret);

    const { administrator, quality } = floor.people;
    const remove = (id: string, who = administrator) => floor.ask(who, 'POST', `/webhooks/${id}/remove`);
    expect((await remove(webhookId, quality)).json()).toMatchObject({ code: 'policy-denied' });
    expect((await floor.ask(quality, 'GET', '/webhooks')).json()).toMatchObject({ code: 'policy-denied' });
    for (const hook of list.webhooks) expect((await remove(hook.webhookId)).statusCode).toBe(200);
    expect((await remove(webhookId)).json()).toMatchObject({ code: 'not-found' });
    expect(floor.standing.webhooks.hooks.size).toBe(0);
    const positions = new OutboxPositions(join(floor.folder, 'outbox.db'));
    expect(positions.next(webhookId)).toBeUndefined();
    positions.close();
  });

  test('goes only where the configuration says, and is made only by administrators', async () => {
    expect((await set({ url, kinds: ['release'] }, floor.people.quality)).json()).toMatchObject({
      code: 'policy-denied',
    });
    for (const other of [
      'https://elsewhere.example/hooks/',
      `${url.replace('/hooks/', '/other')}`,
      'http://127.0.0.1:1/hooks/',
    ])
      expect([other, (await set({ url: other, kinds: ['release'] })).json()]).toMatchObject([
        other,
        { code: 'forbidden' },
      ]);
    expect((await set({ url: 'file:///etc/passwd', kinds: ['release'] })).statusCode).toBe(400);
    for (let at = 0; at < limits.webhooks; at++) await set({ url, kinds: ['verdict'] });
    expect((await set({ url, kinds: ['verdict'] })).json()).toMatchObject({ code: 'busy' });
    for (const id of floor.standing.webhooks.hooks.keys())
      await floor.ask(floor.people.administrator, 'POST', `/webhooks/${id}/remove`);
  });
});

describe('a post to another program', () => {
  const body = { headers: {}, body: Buffer.from('{"id":"1","type":"t","data":{}}') };

  test('follows no redirect', async () => {
    listener.answer = () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    expect(await guardedPost([{ url, networks: ['127.0.0.0/8'] }], url, body)).toBe(302);
    listener.answer = () => ({ status: 204 });
  });

  test('goes to no other address that only looks as if it began like one that is allowed', async () => {
    const targets = [{ url, networks: ['127.0.0.0/8'] }];
    const bare = [{ url: 'https://shop.example', networks: ['127.0.0.0/8'] }];
    await expect(guardedPost(targets, `${url}../other/`, body)).rejects.toMatchObject({ code: 'forbidden' });
    for (const other of ['https://shop.example.elsewhere.example/', 'https://shop.example@elsewhere.example/'])
      await expect(guardedPost(bare, other, body)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is given up where nobody answers in time', async () => {
    const late = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
    listener.answer = () => {
      late.abort();
      return { status: 204 };
    };
    const post = guardedPost([{ url, networks: ['127.0.0.0/8'] }], url, body);
    await expect(post).rejects.toMatchObject({ code: 'gateway-unreachable' });
    expect(timeout).toHaveBeenCalledWith(limits.webhookAnswerMs);
    timeout.mockRestore();
    listener.answer = () => ({ status: 204 });
  });

  test('reaches no address outside of the networks that are allowed, by number or by name', async () => {
    const before = listener.told.length;
    const elsewhere = [{ url, networks: ['10.20.0.0/16'] }];
    await expect(guardedPost(elsewhere, url, body)).rejects.toThrow('none of the networks');
    const named = url.replace('127.0.0.1', 'localhost');
    await expect(guardedPost([{ url: named, networks: ['10.20.0.0/16'] }], named, body)).rejects.toThrow(
      'none of the networks',
    );
    const both = ((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])) as unknown as typeof lookup;
    const other = guardedPost([{ url: named, networks: ['::1/128'] }], named, body, both);
    await expect(other).rejects.toMatchObject({ code: 'gateway-unreachable' });
    expect(listener.told.length).toBe(before);
  });
});

type OutboxOver = { retryMs?: number; failures?: number; hooks?: ScreensFloor['standing']['webhooks']['hooks'] };

/** An outbox of a test's own, which ends after so many failures; `pauses`: what it meant to wait after each. */
function openOutbox(file: string, { retryMs = 0, failures, hooks }: OutboxOver = {}) {
  const { reader, standing, clock } = floor;
  const positions = new OutboxPositions(join(floor.folder, file));
  const pauses: number[] = [];
  const warn = ({ pause }: { pause: number }): void => {
    if (pauses.push(pause) === failures) outbox.close();
  };
  const outbox: WebhookOutbox = new WebhookOutbox({
    ...{ reader, clock, sealKey, positions, retryMs, origin: 'test.example/ledger' },
    ...{ standing: hooks ? { webhooks: { hooks } as never } : standing, targets: [{ url, networks: ['127.0.0.0/8'] }] },
    log: { ...silentLog, warn } as never,
  });
  const close = () => {
    outbox.close();
    positions.close();
  };
  return { outbox, positions, pauses, close };
}

test('what is taken in no attempt is put aside with an alarm, and what follows is told; a position that is kept tells nothing twice', async () => {
  const { reader, standing } = floor;
  await set({ url, kinds: ['release'] });
  const first = await floor.release(await floor.admitted(sidecarOf('ASIDE-1'), { 'ASIDE-1.NC': millProgram(41) }));
  const second = await floor.release(await floor.admitted(sidecarOf('ASIDE-2'), { 'ASIDE-2.NC': millProgram(42) }));
  await listener.until((told) => told.some(({ event }) => event.data.releaseId === second));
  listener.told.length = 0;
  let refused = 0;
  listener.answer = () => ({ status: refused++ <= limits.webhookAttempts ? 500 : 204 });
  const { positions, outbox, close } = openOutbox('one.db');
  outbox.appended();
  await listener.until((told) => told.at(-1)?.event.data.releaseId === second);
  const [hook] = [...standing.webhooks.hooks.keys()];
  await vi.waitFor(() => expect(positions.next(hook ?? '')).toBe(reader.size()));
  expect(listener.told.filter(({ event }) => event.data.releaseId === first)).toHaveLength(limits.webhookAttempts);
  const [alarm] = [...outbox.alarms(0)];
  expect(alarm).toMatchObject({
    code: 'webhook-undelivered',
    sentence: expect.stringContaining('did not take 1 events'),
  });
  close();

  listener.told.length = 0;
  const again = openOutbox('one.db');
  again.outbox.appended();
  const third = await floor.release(await floor.admitted(sidecarOf('ASIDE-3'), { 'ASIDE-3.NC': millProgram(43) }));
  again.outbox.appended();
  await listener.until((told) => told.filter(({ event }) => event.data.releaseId === third).length === 2);
  expect(new Set(listener.told.map(({ event }) => event.data.releaseId))).toEqual(new Set([third]));
  again.close();
});

test('whoever does not take something is asked later and later, from the very event on, and never after it was removed', async () => {
  const { reader, standing } = floor;
  const [hook = ''] = [...standing.webhooks.hooks.keys()];
  const releases = () => listener.told.map(({ event }) => event.data.releaseId ?? 'ours');
  /** Whatever the outbox was about to say is said before it. */
  const ours = async () => {
    await guardedPost([{ url, networks: ['127.0.0.0/8'] }], url, { headers: {}, body: Buffer.from('{"data":{}}') });
  };
  const answered = (...statuses: number[]) => {
    listener.told.length = 0;
    listener.answer = () => ({ status: statuses.length > 1 ? (statuses.shift() ?? 0) : (statuses[0] ?? 0) });
  };

  answered(500);
  const first = openOutbox('two.db', { retryMs: limits.webhookRetryMaxMs + 1 });
  first.outbox.appended();
  await vi.waitFor(() => expect(first.positions.last(hook)?.result).toBe('It answered 500.'));
  first.outbox.appended();
  await ours();
  expect(releases()).toEqual([expect.stringMatching(/^REL-/), 'ours']);
  expect(first.pauses).toEqual([limits.webhookRetryMaxMs]);
  first.close();

  answered(500, 302, 404, 204, 400);
  const second = openOutbox('two.db', { retryMs: 1, failures: 4 });
  second.outbox.appended();
  await vi.waitFor(() => expect(second.pauses).toEqual([1, 2, 4, 1]));
  const [taken] = listener.told;
  expect(second.positions.next(hook)).toBe(Number(taken?.event.data.index) + 1);
  second.close();

  const hooks = new Map(standing.webhooks.hooks);
  listener.told.length = 0;
  listener.answer = () => {
    hooks.clear();
    return { status: 204 };
  };
  const third = openOutbox('two.db', { hooks });
  third.outbox.appended();
  await listener.until((told) => told.length === 1);
  await ours();
  expect(releases()).toEqual([expect.stringMatching(/^REL-/), 'ours']);
  expect(third.positions.next(hook)).toBe(Number(taken?.event.data.index) + 1);
  third.close();

  answered(204);
  await floor.deposit(sidecarOf('LAST-1'), { 'LAST-1.NC': millProgram(44) });
  const last = openOutbox('two.db');
  last.outbox.appended();
  await vi.waitFor(() => expect(last.positions.next(hook)).toBe(reader.size()));
  last.close();
});
