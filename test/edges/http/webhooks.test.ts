import { createHmac } from 'node:crypto';
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
        this.told.push({ headers: request.headers, text, event: JSON.parse(text) });
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
    const releaseId = await floor.release(packageId);
    await deliveredTo(floor, releaseId, 'HAAS-VF-07', 'HSG-SECRET.NC');
    const problem = { releaseId, machineId: 'HAAS-VF-07', reason: 'HSG-SECRET chatters.' };
    await floor.ask(floor.people.operator, 'POST', '/problems', problem);
    await floor.ask(floor.people.quality, 'POST', `/releases/${releaseId}/withdraw`, {
      reason: 'HSG-SECRET is wrong.',
    });
    await listener.until((told) => told.length === 4);

    expect(listener.told.map(({ event }) => event.type)).toEqual(
      ['release.issued', 'delivery.completed', 'problem.reported', 'release.withdrawn'].map(
        (type) => `example.keyway.${type}`,
      ),
    );
    for (const { headers, text, event } of listener.told) {
      const [id, time] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const mac = createHmac('sha256', key).update(`${id}.${time}.${text}`).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${mac}`);
      expect(headers['content-type']).toBe('application/cloudevents+json');
      expect(event).toMatchObject({ specversion: '1.0', id, source: '//test.example/ledger' });
      for (const word of ['SECRET', 'VIII', 'sha256', 'chatters']) expect(text).not.toContain(word);
    }
    expect(listener.told[0]?.event.data).toMatchObject({ releaseId, packageId });
    const list = WebhookList.parse((await floor.ask(floor.people.administrator, 'GET', '/webhooks')).json());
    expect(list.webhooks).toMatchObject([{ webhookId, last: { result: 'taken' }, undelivered: [] }]);
    expect(JSON.stringify(list)).not.toContain(secret);

    await floor.ask(floor.people.administrator, 'POST', `/webhooks/${webhookId}/remove`);
    expect(floor.standing.webhooks.hooks.size).toBe(0);
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
  });
});

describe('a post to another program', () => {
  const body = { headers: {}, body: Buffer.from('{"id":"1","type":"t","data":{}}') };

  test('follows no redirect', async () => {
    listener.answer = () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    expect(await guardedPost([{ url, networks: ['127.0.0.0/8'] }], url, body)).toBe(302);
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
    expect(listener.told.length).toBe(before);
  });
});

test('what is taken in no attempt is put aside with an alarm, and what follows is told; a position that is kept tells nothing twice', async () => {
  const { reader, standing } = floor;
  await set({ url, kinds: ['release'] });
  const first = await floor.release(await floor.admitted(sidecarOf('ASIDE-1'), { 'ASIDE-1.NC': millProgram(41) }));
  const second = await floor.release(await floor.admitted(sidecarOf('ASIDE-2'), { 'ASIDE-2.NC': millProgram(42) }));
  const path = join(floor.folder, 'outbox-of-this-test.db');
  const common = {
    standing,
    reader,
    targets: [{ url, networks: ['127.0.0.0/8'] }],
    sealKey,
    origin: 'test.example/ledger',
  };
  const open = () => {
    const positions = new OutboxPositions(path);
    return {
      positions,
      outbox: new WebhookOutbox({ ...common, positions, clock: floor.clock, log: silentLog, retryMs: 0 }),
    };
  };
  await listener.until((told) => told.some(({ event }) => event.data.releaseId === second));
  listener.told.length = 0;
  let refused = 0;
  listener.answer = () => ({ status: refused++ < limits.webhookAttempts ? 500 : 204 });
  const { positions, outbox } = open();
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
  outbox.close();
  positions.close();

  listener.told.length = 0;
  const again = open();
  again.outbox.appended();
  const third = await floor.release(await floor.admitted(sidecarOf('ASIDE-3'), { 'ASIDE-3.NC': millProgram(43) }));
  again.outbox.appended();
  await listener.until((told) => told.filter(({ event }) => event.data.releaseId === third).length === 2);
  expect(new Set(listener.told.map(({ event }) => event.data.releaseId))).toEqual(new Set([third]));
  again.outbox.close();
  again.positions.close();
});
