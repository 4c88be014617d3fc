import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import { makeEvent } from '../../src/domain/events.ts';
import type { MachineId, SendingId } from '../../src/domain/ids.ts';
import { limits } from '../../src/domain/limits.ts';
import type { ClearingOrder, Pusher, PushOrder, PushResult } from '../../src/domain/pushing.ts';
import { program } from '../helpers/push-places.ts';
import { local, mazak, PushRoom } from '../helpers/push-room.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';
import { unsigned } from '../helpers/unsigned.ts';
import { itar } from '../policy/cases.ts';

const newer = program.replace('F20.', 'F18.');
const passing: PushResult = {
  outcome: 'failed',
  code: 'not-delivered',
  reason: 'The server does not listen.',
  again: true,
};
const final: PushResult = {
  outcome: 'failed',
  code: 'conflict',
  reason: 'Another program stands there.',
  again: false,
};

/** A door that keeps what it was asked, and ends as a test says. */
class FakePusher implements Pusher {
  readonly orders: PushOrder[] = [];
  result: PushResult = passing;
  gate: Promise<void> | undefined;
  async push(order: PushOrder): Promise<PushResult> {
    this.orders.push(order);
    await this.gate;
    return this.result;
  }
  async survey() {
    return { listed: [], verdicts: [] };
  }
  async remove() {
    return false;
  }
  cleared: SendingId[] = [];
  clearing: DomainError | undefined;
  async clear({ sendingId }: ClearingOrder) {
    if (this.clearing) throw this.clearing;
    this.cleared.push(sendingId);
  }
}

let place: ReturnType<typeof temporaryFolder>;
let now: number;
let pusher: FakePusher;
let room: PushRoom;
const open = async (seed: number) => {
  room = new PushRoom({ folder: place.folder, clock: () => now, pusher, seed });
  await room.start();
  return room;
};
beforeEach(async () => {
  place = temporaryFolder();
  mkdirSync(join(place.folder, 'mazak'));
  now = Date.parse('2027-01-15T12:00:00Z');
  pusher = new FakePusher();
  await open(1);
  await room.register({ folder: join(place.folder, 'mazak') });
});
afterEach(async () => {
  await room.close();
  place.remove();
});

const alarms = () => [...room.queue.alarms(now)].map(({ sentence }) => sentence);
const later = async (ms: number) => {
  now += ms;
  room.queue.look();
  await room.queue.idle();
};
const suspend = async () => {
  await room.commit(makeEvent('machine.suspended', { kind: 'gateway' }, { machineId: mazak, ...unsigned }));
};
const state = () => room.sending.list(local)[0]?.state;

describe('a program that waits to be pushed', () => {
  test('is tried again after longer and longer, and at last given up', async () => {
    await room.release(program);
    await room.send();
    await room.queue.idle();
    expect(pusher.orders).toHaveLength(1);
    await later(limits.pushRetryMs - 1);
    expect(pusher.orders).toHaveLength(1);
    await later(1);
    expect(pusher.orders).toHaveLength(2);
    await later(limits.pushRetryMs);
    expect(pusher.orders).toHaveLength(2);
    await later(limits.pushRetryMs);
    expect(pusher.orders).toHaveLength(3);
    expect(state()).toBe('waiting');
    expect(alarms()).toEqual([]);
    await later(limits.pushLateMs);
    expect(alarms()).toEqual(['A program of REL-0000000001 was not delivered to MAZAK-1: The server does not listen.']);
    await later(limits.pushGiveUpMs);
    expect(state()).toBe('failed');
    expect(room.events('sending.ended')).toMatchObject([
      { data: { outcome: 'not-delivered', reason: 'not-delivered: The server does not listen.' } },
    ]);
    expect(alarms()).toHaveLength(1);
    await later(limits.pushRetryMaxMs);
    expect(room.events('sending.ended')).toHaveLength(1);
  });

  test('is given up at once where another try would meet the same, until somebody sends it again', async () => {
    await room.release(program);
    pusher.result = final;
    await room.send();
    await room.queue.idle();
    expect(state()).toBe('failed');
    expect(alarms()).toEqual([
      'A program of REL-0000000001 was not delivered to MAZAK-1: conflict: Another program stands there.',
    ]);
    pusher.result = passing;
    await room.send();
    expect(alarms()).toEqual([]);
  });

  test('leaves nothing beside its name when it is given up, and says so where that cannot be seen', async () => {
    await room.release(program);
    pusher.result = final;
    pusher.clearing = new DomainError('not-delivered', 'The far side does not answer.');
    await room.send();
    await room.queue.idle();
    const [ended] = room.events('sending.ended');
    expect(ended?.data).toMatchObject({
      leftover: true,
      reason: 'conflict: Another program stands there. What was begun of it may be left there.',
    });
    const left = `A push to MAZAK-1 that was given up may have left .keyway-${ended?.data.sendingId}.part there:`;
    expect(alarms()).toContain(`${left} The far side does not answer.`);
    await room.at.end();
    await open(2);
    expect(alarms()).toContain(`${left} It was not looked for yet.`);
    await later(0);
    pusher.clearing = undefined;
    await later(limits.pushRetryMaxMs - 1);
    expect(alarms()).toHaveLength(2);
    await later(1);
    expect(pusher.cleared).toEqual([ended?.data.sendingId]);
    expect(room.events('sending.cleared')).toMatchObject([{ data: { sendingId: ended?.data.sendingId } }]);
    expect(alarms()).toHaveLength(1);
    await later(limits.pushRetryMaxMs);
    expect(pusher.cleared).toHaveLength(1);
  });

  test('is given up with its machine, and where nobody can look nobody is alarmed', async () => {
    await room.release(program);
    await room.send();
    await room.queue.idle();
    await room.commit(makeEvent('machine.retired', { kind: 'gateway' }, { machineId: mazak, ...unsigned }));
    await later(limits.pushRetryMs);
    expect(room.events('sending.ended')).toMatchObject([{ data: { leftover: true } }]);
    expect(pusher.cleared).toEqual([]);
    expect(alarms().filter((text) => text.includes('.part'))).toEqual([]);
  });

  test('waits in the ledger: after a crash it goes on, and whoever asked finds it', async () => {
    await room.release(program);
    await room.send();
    await room.queue.idle();
    await room.at.end();
    await open(2);
    await room.queue.idle();
    expect(pusher.orders).toHaveLength(2);
    expect(pusher.orders[1]?.sendingId).toBe(pusher.orders[0]?.sendingId);
    expect(room.sending.list(local)).toMatchObject([{ file: 'O4471.NC', state: 'waiting', size: program.length }]);
  });

  test.each([
    ['withdrawn', async () => void (await room.withdraw('REL-0000000001' as never))],
    ['followed by another release', async () => void (await room.release(newer))],
    ['for a machine that was suspended', () => suspend()],
  ])('is not sent any more when it is %s', async (_what, happens) => {
    await room.release(program);
    await room.send();
    await room.queue.idle();
    await happens();
    await later(limits.pushRetryMs);
    expect(pusher.orders).toHaveLength(1);
    expect(room.events('sending.ended')).toMatchObject([{ data: { outcome: 'not-delivered' } }]);
  });

  test('says which bytes of ours it may take the place of: what was ever sent there under its name', async () => {
    const first = await room.release(program);
    const { delivery } = room;
    const opened = await delivery.through('folder').open(mazak, ['current', 'O4471.NC']);
    await delivery.through('folder').finish({ deliveryId: opened.deliveryId, bytes: 3, complete: false });
    await room.release(newer);
    expect(room.at.standing.release(first)).toBeUndefined();
    await room.send();
    await room.queue.idle();
    expect(pusher.orders[0]?.replaces).toMatchObject([{ digest: opened.digest, size: program.length }]);
  });

  test('goes to its machine after the one before it, and to another machine meanwhile', async () => {
    await room.release(program);
    await room.register({ folder: join(place.folder, 'mazak') }, { id: 'MAZAK-2' as MachineId });
    const gate = Promise.withResolvers<void>();
    pusher.gate = gate.promise;
    await room.send();
    await room.send();
    await room.sending.start(local, { machineId: 'MAZAK-2', name: 'O4471.NC' });
    await bothOrdered();
    expect(pusher.orders.map(({ machine }) => machine)).toEqual([mazak, 'MAZAK-2']);
    gate.resolve();
  });
});

/** Orders are made from the catalogue, which is asked first. */
async function bothOrdered(): Promise<void> {
  while (pusher.orders.length < 2) await new Promise((resolve) => setImmediate(resolve));
}

describe('a machine that is sent what is released', () => {
  beforeEach(async () => {
    await room.register({ folder: join(place.folder, 'mazak'), onRelease: true });
  });
  const asked = () =>
    room.events('sending.requested').map(({ actor, data }) => `${actor.kind} ${data.file} ${data.releaseId}`);

  test('is sent each release once, whoever stops in between', async () => {
    await room.release(program);
    await room.byRule();
    await room.byRule();
    expect(asked()).toEqual(['gateway O4471.NC REL-0000000001']);
    await room.at.end();
    await open(2);
    await room.byRule();
    expect(asked()).toHaveLength(1);
  });

  test('is sent no controlled program by a channel that is clear text without a safeguard', async () => {
    await room.release(program, itar);
    await room.byRule();
    expect(asked()).toEqual([]);
  });

  test('is sent nothing while it is suspended', async () => {
    await suspend();
    await room.release(program);
    await room.byRule();
    expect(asked()).toEqual([]);
  });
});
