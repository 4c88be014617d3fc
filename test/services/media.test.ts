import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeEvent } from '../../src/domain/events.ts';
import { leftOut as left } from '../../src/services/left-out.ts';
import { MediaService, mediaOverdue } from '../../src/services/media.ts';
import type { Asker } from '../../src/services/principals.ts';
import { FakeReturns } from '../helpers/fake-returns.ts';
import { program } from '../helpers/push-places.ts';
import { local, mazak, PushRoom } from '../helpers/push-room.ts';
import { seededBytes } from '../helpers/seeded.ts';
import { makePerson, temporaryFolder } from '../helpers/test-keys.ts';
import { unsigned } from '../helpers/unsigned.ts';
import { https, itar, uncontrolled } from '../policy/cases.ts';

const day = 24 * 60 * 60 * 1000;
const newer = program.replace('F20.', 'F18.');
const programmer = makePerson('CAM-1', ['programmer'], true);
const cam: Asker = { principal: { kind: 'person', id: programmer.person.id }, context: https as Asker['context'] };

let place: ReturnType<typeof temporaryFolder>;
let now: number;
let room: PushRoom;
let returns: FakeReturns;
let media: MediaService;
beforeEach(async () => {
  place = temporaryFolder();
  now = Date.parse('2027-01-15T12:00:00Z');
  const clock = () => now;
  room = new PushRoom({ folder: place.folder, clock });
  const { ledger, catalog, standing } = room.at;
  returns = new FakeReturns();
  media = new MediaService({
    ...{ ledger, catalog, standing, authority: room.authority, shelf: room.shelf, shelves: room.delivery, returns },
    ...{ openArrival: returns.openArrival, vault: room.vault, clock, random: seededBytes(9) },
    ...{ proofs: { prove: () => never() }, entries: { checkpointOver: () => never(), covering: async () => never() } },
  });
  const machine = { channel: 'media' as const };
  await room.commit(
    makeEvent('person.enrolled', { kind: 'gateway' }, { person: programmer.person, ...unsigned }),
    makeEvent(
      'machine.registered',
      { kind: 'gateway' },
      {
        machine: {
          ...{
            id: mazak,
            groups: ['HAAS-VF' as never],
            make: 'Okuma',
            model: 'LB',
            control: 'OSP',
            cell: 'C9',
            country: 'US',
          },
          ...{ ...machine, sshKeys: [], jurisdictions: ['none'] },
        },
        ...unsigned,
      },
    ),
  );
  await room.release(program);
});
afterEach(async () => {
  await room.close();
  place.remove();
});

const never = (): never => {
  throw new Error('this was not to be asked');
};
const issue = (number = 'STICK-17') => media.issue(local, { machineId: mazak, number, days: 3 });
async function written(mediaId: string, name = 'O4471.NC'): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of (await media.open(local, mediaId, name)).content) parts.push(part);
  return Buffer.concat(parts).toString();
}
const bytes = async function* (text: string) {
  yield Buffer.from(text);
};
const from = { number: 'STICK-17', machineId: mazak };

describe('a stick', () => {
  test('carries what its machine may have, each program a delivery of its own by this channel', async () => {
    const { mediaId, files, expires } = await issue();
    expect(files).toMatchObject([{ name: 'O4471.NC', releaseId: 'REL-0000000001', size: program.length }]);
    expect(expires).toBe('2027-01-18T12:00:00.000Z');
    expect(await written(mediaId)).toBe(program);
    expect(room.events('delivery.started')).toMatchObject([{ data: { channel: 'media', machineId: mazak } }]);
    expect(room.events('delivery.completed')).toHaveLength(1);
  });

  test('says what it leaves out and why, as far as whoever issues it may see that', async () => {
    expect(await issue()).toMatchObject({ leftOut: [] });
    const controlled = await room.release(newer, itar, 'O20.NC', '20');
    const notHere = { releaseId: controlled, operation: '20', why: expect.stringContaining('not registered for') };
    expect(await issue('S-2')).toMatchObject({ files: [{ name: 'O4471.NC' }], leftOut: [notHere] });
    const other = await room.release(newer, uncontrolled, 'O4471.NC', '30');
    await expect(issue('S-3')).rejects.toThrow(
      /^There is nothing .* BRKT 1, operation 10: Another release .* O4471\.NC/,
    );
    await room.release(program, uncontrolled, 'O7.NC', '40');
    const { files, leftOut } = await issue('S-4');
    expect(files).toMatchObject([{ name: 'O7.NC' }]);
    expect(leftOut.map(({ releaseId }) => releaseId)).toEqual(['REL-0000000001', controlled, other]);
    // A foreign programmer hears of what she may see and nothing of the other.
    const foreign = makePerson('CAM-9', ['programmer'], false);
    await room.commit(makeEvent('person.enrolled', { kind: 'gateway' }, { person: foreign.person, ...unsigned }));
    const asker: Asker = { ...cam, principal: { kind: 'person', id: foreign.person.id } };
    const { authority, at } = room;
    const told = left(asker, mazak, files, { authority, standing: at.standing });
    expect(told.map(({ operation }) => operation)).toEqual(['10', '30', '40']);
    await room.register({ folder: place.folder }, { id: 'MAZAK-9' as typeof mazak, groups: ['OTHER' as never] });
    expect(left(local, 'MAZAK-9' as typeof mazak, [], { authority, standing: at.standing })).toEqual([]);
  });

  test('whose writing breaks off is on record as not delivered', async () => {
    const { mediaId } = await issue();
    const { content } = await media.open(local, mediaId, 'O4471.NC');
    for await (const _ of content) break;
    expect(room.events('delivery.completed')).toEqual([]);
    expect(room.events('delivery.failed')).toMatchObject([{ data: { bytes: 0 } }]);
  });

  test('gets no byte that was changed in the vault, also where it changes while the stick is written', async () => {
    // More than is held in memory while it is open.
    const large = `%\nO4471\n${'G1 X1. F20.\n'.repeat(400_000)}M30\n%\n`;
    await room.release(large);
    const { mediaId, files } = await issue();
    const path = room.vault.path(files[0]?.digest ?? ('' as never));
    let got = '';
    const reading = async () => {
      for await (const part of (await media.open(local, mediaId, 'O4471.NC')).content) {
        if (got === '') writeFileSync(path, large.replaceAll('F20.', 'F90.'));
        got += Buffer.from(part).toString();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'bytes-differ' });
    expect([got.length > 0, large.startsWith(got)]).toEqual([true, true]);
    expect(room.events('delivery.completed')).toEqual([]);
    expect(room.events('delivery.failed')).toMatchObject([{ data: { bytes: got.length } }]);
    await expect(written(mediaId)).rejects.toMatchObject({ code: 'bytes-differ' });
    expect(room.events('delivery.failed')[1]).toMatchObject({ data: { bytes: 0 } });
  });

  test('is not written with another release than it was issued for', async () => {
    const { mediaId } = await issue();
    await room.release(newer);
    await expect(written(mediaId)).rejects.toMatchObject({ code: 'conflict' });
    expect(room.events('delivery.completed')).toEqual([]);
    await expect(written(mediaId, 'O9.NC')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('that has expired is not written, is overdue, and comes back only with a reason', async () => {
    const { mediaId } = await issue();
    const overdue = () => [...mediaOverdue(room.at.standing)(now)].map(({ subject }) => subject);
    expect(overdue()).toEqual([]);
    now += 3 * day;
    expect(overdue()).toEqual(['stick STICK-17']);
    await expect(written(mediaId)).rejects.toMatchObject({ code: 'state-forbids' });
    await expect(media.begin(local, mediaId, from)).rejects.toMatchObject({ code: 'state-forbids' });
    await media.begin(local, mediaId, { ...from, late: 'It lay in a drawer.' });
    await media.take(local, mediaId, 'O4471.NC', bytes(program));
    expect(await media.returned(local, mediaId, [])).toMatchObject({ late: 'It lay in a drawer.', missing: [] });
    expect(overdue()).toEqual([]);
  });

  test('is issued once until it is back, and may then go out again', async () => {
    const { mediaId } = await issue();
    await expect(issue('stick-17')).rejects.toMatchObject({ code: 'conflict' });
    await expect(media.take(local, mediaId, 'O4471.NC', bytes(program))).rejects.toMatchObject({
      code: 'state-forbids',
    });
    await media.begin(local, mediaId, from);
    await media.take(local, mediaId, 'o4471.nc', bytes(program));
    expect(returns.accepted).toMatchObject([{ channel: 'media', machine: mazak, name: 'o4471.nc' }]);
    expect(await media.returned(local, mediaId, [])).toMatchObject({
      programs: [{ name: 'o4471.nc', verdict: 'identical' }],
      missing: [],
    });
    await expect(media.returned(local, mediaId, [])).rejects.toMatchObject({ code: 'not-found' });
    expect(await issue()).toMatchObject({ number: 'STICK-17' });
  });

  test.each([
    ['another number', { ...from, number: 'STICK-18' }],
    ['another machine', { ...from, machineId: 'OKUMA-3' }],
  ])('of %s is not taken back', async (_what, said) => {
    const { mediaId } = await issue();
    await expect(media.begin(local, mediaId, said)).rejects.toMatchObject({ code: 'conflict' });
    await expect(media.begin(local, 'MED-0000000009', from)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is not there for whoever may send nothing, and none goes to a machine that has a network', async () => {
    const { mediaId } = await issue();
    expect(await media.list(local)).toHaveLength(1);
    expect(await media.list(cam)).toEqual([]);
    await expect(media.open(cam, mediaId, 'O4471.NC')).rejects.toMatchObject({ code: 'not-found' });
    await expect(media.issue(cam, { machineId: mazak, number: 'S-2', days: 1 })).rejects.toMatchObject({
      code: 'not-found',
    });
    await room.register({ folder: place.folder }, { id: 'MAZAK-9' as typeof mazak });
    await expect(media.issue(local, { machineId: 'MAZAK-9', number: 'S-2', days: 1 })).rejects.toMatchObject({
      code: 'not-supported',
    });
  });
});
