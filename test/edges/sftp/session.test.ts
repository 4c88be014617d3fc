import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError, errorCodes } from '../../../src/domain/errors.ts';
import { limits } from '../../../src/domain/limits.ts';
import { bytes, packet, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import { MachineAtDoor, openSftp, refusal, until } from '../../helpers/sftp-test-door.ts';

let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
});
afterEach(() => at.leave());

describe('a refusal', () => {
  it.each([...new Set(errorCodes)].map((code) => [code] as const))(
    '%s reaches the machine with its code and sentence',
    async (code) => {
      at.put('a.nc', 'abc');
      at.door.shelf.openRefusal = new DomainError(code, 'The reason, for a person.');
      const refused = await refusal(at.open('/a.nc'));
      expect(refused.message).toBe(`${code}: The reason, for a person.`);
      expect([2, 3, 4, 8]).toContain(refused.code);
      expect(at.ends()).toEqual([]);
    },
  );

  it('by policy is a denied permission', async () => {
    at.put('a.nc', 'abc');
    at.door.shelf.openRefusal = new DomainError('policy-denied', 'MILL-1 may not be sent ITAR data.');
    expect((await refusal(at.open('/a.nc'))).code).toBe(3);
  });
});

describe('a session', () => {
  it('has a limit of open files, which counts those being opened', async () => {
    at.put('a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const opens = await Promise.all(
      Array.from({ length: limits.sftpHandlesPerSession + 5 }, () =>
        raw.request(3, bytes('/a.nc'), uint32(1), uint32(0)),
      ),
    );
    const refused = opens.filter((reply) => reply.type === 101);
    expect(refused.map((reply) => statusOf(reply).message.slice(0, 5))).toEqual(Array(5).fill('busy:'));
    expect(at.door.shelf.opened).toHaveLength(limits.sftpHandlesPerSession);
  });

  it.each([
    ['of another length', Buffer.from([0, 0, 0, 1, 0])],
    ['empty', Buffer.alloc(0)],
    ['never given', uint32(77)],
  ])('knows no handle that is %s', async (_what, handle) => {
    at.put('a.nc', 'abc');
    await at.open('/a.nc');
    const raw = await RawSftp.open(at.client);
    await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    for (const [type, ...rest] of [[4], [5, uint64(0n), uint32(3)], [8], [12]] as [number, ...Buffer[]][])
      expect(statusOf(await raw.request(type, bytes(handle), ...rest)).status).toBe(4);
  });

  it('does not read a folder or list a file', async () => {
    at.put('4711/a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const folder = await raw.request(11, bytes('/4711'));
    const file = await raw.request(3, bytes('/4711/a.nc'), uint32(1), uint32(0));
    expect(statusOf(await raw.request(5, folder.body, uint64(0n), uint32(3))).status).toBe(4);
    expect(statusOf(await raw.request(12, file.body)).status).toBe(4);
    expect(statusOf(await raw.request(4, folder.body)).status).toBe(0);
  });

  it.each([
    ['a packet of no bytes', uint32(0)],
    ['a packet over the limit', uint32(limits.sftpRequestBytes + 1)],
    ['a packet of 4 GiB', uint32(0xffff_ffff)],
    ['a field that runs over', packet(17, uint32(1), uint32(1000), Buffer.from('/'))],
    ['a second INIT', packet(1, uint32(3))],
  ])('ends with %s, and its delivery with it', async (_what, hostile) => {
    at.put('a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    raw.channel.write(hostile);
    await raw.closed;
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toMatchObject([{ complete: false }]);
    // The connection stays: another session can be opened.
    await openSftp(at.client);
  });

  it('ends with a request before INIT', async () => {
    const raw = await new Promise<RawSftp>((resolve, reject) =>
      at.client.subsys('sftp', (error, channel) => (error ? reject(error) : resolve(new RawSftp(channel)))),
    );
    raw.channel.write(packet(17, uint32(1), bytes('/')));
    await raw.closed;
  });
});
