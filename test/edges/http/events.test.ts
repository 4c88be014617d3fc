import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PackageId, PersonId } from '../../../src/domain/ids.ts';
import { limits } from '../../../src/domain/limits.ts';
import { sequencedEntries } from '../../../src/ledger/open.ts';
import { EntrySight } from '../../../src/services/entry-sight.ts';
import { EventFeed } from '../../../src/services/event-feed.ts';
import type { Asker } from '../../../src/services/principals.ts';
import {
  type Known,
  millProgram,
  openScreensFloor,
  type ScreensFloor,
  sidecarOf,
} from '../../helpers/screens-floor.ts';
import { silentLog } from '../../helpers/test-ledger.ts';

const itar = { jurisdiction: 'ITAR', usmlCategory: 'VIII(h)' };
type Said = { event: string; id?: number; data: { index?: number; type?: string; subjects?: string[] } };

let floor: ScreensFloor;
let open: PackageId;
let secret: PackageId;

beforeAll(async () => {
  floor = await openScreensFloor();
  open = await floor.admitted(sidecarOf('OPEN-1'), { 'OPEN-1.NC': millProgram(1) });
  secret = await floor.admitted(sidecarOf('HID-1', { classification: itar }), { 'HID-1.NC': millProgram(2) });
});
afterAll(() => floor.close());

/** One open screen: what it was told so far, and what it waits for. */
class Screen {
  readonly said: Said[] = [];
  readonly stream: Readable;
  #text = '';
  #heard: () => void = () => {};

  constructor(stream: Readable) {
    this.stream = stream;
    stream.on('data', (part: Buffer) => this.#take(part.toString()));
    stream.on('close', () => this.#heard());
    stream.on('end', () => this.#heard());
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const [event, id, data] = [field('event'), field('id'), field('data')];
      if (event) this.said.push({ event, ...(id ? { id: Number(id) } : {}), data: JSON.parse(data ?? '{}') });
    }
    this.#heard();
  }

  async until(what: (said: readonly Said[]) => boolean): Promise<void> {
    while (!what(this.said)) await new Promise<void>((resolve) => (this.#heard = resolve));
  }
  async ended(): Promise<void> {
    while (!this.stream.readableEnded) await new Promise<void>((resolve) => (this.#heard = resolve));
  }
  types = () => this.said.flatMap(({ data }) => data.type ?? []);
}

async function screenOf(who: Known | undefined, since?: number): Promise<Screen> {
  const { app, signedHead } = floor;
  const url = since === undefined ? '/events' : `/events?since=${since}`;
  const answer = await app.inject({ method: 'GET', url, headers: signedHead(who, 'GET', url), payloadAsStream: true });
  expect(answer.headers['content-type']).toBe('text/event-stream');
  return new Screen(answer.stream());
}
const withdraw = (id: string) =>
  floor.ask(floor.people.quality, 'POST', `/packages/${id}/withdraw`, { reason: 'A slip.' });

describe('an open screen', () => {
  test('is told each entry that its person may see, by index and ids, and what was taken back at once', async () => {
    const screen = await screenOf(floor.people.author);
    const { index } = (await withdraw(open)).json<{ index: number }>();
    await screen.until((said) => said.some(({ event }) => event === 'withdrawn'));
    expect(screen.said[0]).toMatchObject({ event: 'entry', id: index, data: { index, type: 'package.withdrawn' } });
    expect(screen.said[0]?.data.subjects).toContain(open);
    expect(screen.said[1]).toMatchObject({ event: 'withdrawn', data: { subjects: expect.arrayContaining([open]) } });
    expect(JSON.stringify(screen.said)).not.toContain('OPEN-1');
    screen.stream.destroy();
  });

  test('of somebody who is no US person hears nothing of an ITAR job, and nobody hears who looked at what', async () => {
    const [foreign, engineer] = await Promise.all([screenOf(floor.people.foreign), screenOf(floor.people.engineer)]);
    await floor.ask(floor.people.quality, 'GET', '/packages');
    await withdraw(secret);
    const after = await floor.admitted(sidecarOf('OPEN-2'), { 'OPEN-2.NC': millProgram(3) });
    await foreign.until((said) => said.some(({ data }) => data.subjects?.includes(after)));
    await engineer.until((said) => said.some(({ data }) => data.subjects?.includes(after)));
    expect(engineer.types()).toContain('package.withdrawn');
    expect(foreign.types()).not.toContain('package.withdrawn');
    expect(JSON.stringify(foreign.said)).not.toContain(secret);
    expect([...engineer.types(), ...foreign.types()]).not.toContain('access.listed');
    for (const { stream } of [foreign, engineer]) stream.destroy();
  });

  test('hears that there is something in quarantine, and not a word of what', async () => {
    const screen = await screenOf(floor.people.foreign);
    const from = floor.core.ledger.size;
    const seen = await floor.admitted(sidecarOf('OPEN-7'), { 'OPEN-7.NC': millProgram(8) });
    await floor.admitted(sidecarOf('HID-8', { classification: itar }), { 'HID-8.NC': millProgram(9) });
    const blocked = millProgram(7).replace('M30', 'M30 \u0001');
    const { outcome } = await floor.deposit(sidecarOf('HID-7', { classification: itar }), { 'HID-7.NC': blocked });
    expect(outcome.state).toBe('rejected');
    await withdraw(seen);
    await screen.until((said) => said.some(({ event }) => event === 'withdrawn'));
    const told = screen.said.filter(({ event }) => event === 'quarantine');
    expect(told.every(({ id, data }) => id === undefined && Object.keys(data).length === 0)).toBe(true);
    const entries = [...sequencedEntries(floor.reader, from, floor.core.ledger.size)];
    const deposits = entries.filter(({ event }) => event.type.startsWith('deposit.'));
    // Of what could be seen by then an entry was told, and of nothing else than a deposit this word.
    const entry = screen.said.filter(({ data }) => data.type?.startsWith('deposit.'));
    expect(told.length + entry.length).toBe(deposits.length);
    expect(told.length).toBeGreaterThanOrEqual(5);
    screen.stream.destroy();
  });

  test('that comes back is told what it missed, once and in order', async () => {
    const since = floor.core.ledger.size - 1;
    await floor.admitted(sidecarOf('OPEN-3'), { 'OPEN-3.NC': millProgram(4) });
    const screen = await screenOf(floor.people.quality, since);
    await floor.admitted(sidecarOf('OPEN-4'), { 'OPEN-4.NC': millProgram(5) });
    await screen.until((said) => said.filter(({ data }) => data.type === 'package.submitted').length === 2);
    const indices = screen.said.flatMap(({ id }) => id ?? []);
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
    expect(indices[0]).toBeGreaterThan(since);
    screen.stream.destroy();
  });

  test('is told to look anew when its person may see other things, and ends when they leave', async () => {
    const who = await floor.enrol('ME-9', ['manufacturing-engineer']);
    const screen = await screenOf(who);
    const facts = { name: 'ME-9', roles: ['manufacturing-engineer' as const] };
    await floor.change({ kind: 'person.change', person: 'ME-9' as PersonId, facts });
    await screen.until((said) => said.some(({ event }) => event === 'rights'));
    await floor.change({ kind: 'person.off-board', person: 'ME-9' as PersonId });
    await screen.ended();
  });

  test('is one of so many of its person', async () => {
    const screens = [];
    for (let n = 0; n < limits.eventStreamsPerAsker; n++) screens.push(await screenOf(floor.people.export));
    const refused = await floor.ask(floor.people.export, 'GET', '/events');
    expect(refused.json()).toMatchObject({ code: 'busy' });
    for (const { stream } of screens) stream.destroy();
  });
});

test('a screen that does not read is let go, and others are told all the same', async () => {
  const { catalog, core } = floor;
  const { reader } = floor;
  const authority = { decide: () => ({ verdict: 'permit' }), moment: '0 0 0' } as never;
  const feed = new EventFeed({
    ...{ reader, catalog, authority, log: silentLog, isSignedIn: () => true },
    sight: new EntrySight({ catalog, authority }),
  });
  const asker: Asker = {
    principal: { kind: 'person', id: 'X-1' as PersonId },
    context: { channel: 'https', encrypted: true },
  };
  const [slow, quick] = [feed.listen(asker, undefined), new Screen(feed.listen(asker, undefined))];
  slow.push('x'.repeat(limits.eventBufferBytes));
  const size = core.ledger.size;
  await withdraw(await floor.admitted(sidecarOf('OPEN-5'), { 'OPEN-5.NC': millProgram(6) }));
  feed.appended();
  await quick.until((said) => said.some(({ id }) => id !== undefined && id >= size));
  expect(slow.destroyed).toBe(true);
  feed.close();
});
