import { randomBytes } from 'node:crypto';
import type { Client, FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DomainError, errorCodes } from '../../../src/domain/errors.ts';
import { limits } from '../../../src/domain/limits.ts';
import { bytes, packet, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import {
  answer,
  connect,
  openSftp,
  openTestDoor,
  refusal,
  type TestDoor,
  until,
} from '../../helpers/sftp-test-door.ts';

let door: TestDoor;
let client: Client;
let sftp: SFTPWrapper;
beforeEach(async () => {
  door = await openTestDoor();
  client = await connect(door);
  sftp = await openSftp(client);
});
afterEach(async () => {
  client.destroy();
  await door.server.close();
});

const open = (path: string, flags: 'r' | 'w' | 'a' | 'r+' | 'wx' = 'r') =>
  answer<Buffer>((done) => sftp.open(path, flags, done));
const close = (handle: Buffer) => answer((done) => sftp.close(handle, done));
const stat = (path: string) => answer<Stats>((done) => sftp.stat(path, done));
const list = (path: string) => answer<FileEntryWithStats[]>((done) => sftp.readdir(path, done));
const get = (path: string) => answer<Buffer>((done) => sftp.readFile(path, done));
const read = (handle: Buffer, offset: number, length: number) =>
  answer<Buffer>((done) => {
    const into = Buffer.alloc(length);
    sftp.read(handle, into, 0, length, offset, (error, count) => done(error, into.subarray(0, count)));
  });

const put = (path: string, content: Buffer | string) => door.shelf.put(door.machine, path, content);
const ends = () => door.shelf.ends;
const delivery = () => door.shelf.opened[0]?.deliveryId;

describe('a machine pulls what is on its shelf', () => {
  it('lists folders and files with what they are', async () => {
    put('4711/A/op10.nc', '%\nO4711\n%\n');
    put('4711/readme.txt', '');
    expect((await list('/')).map((entry) => entry.filename)).toEqual(['4711']);
    const entries = await list('/4711');
    expect(entries.map((entry) => [entry.filename, entry.attrs.mode, entry.attrs.uid])).toEqual([
      ['A', 0o040555, 0],
      ['readme.txt', 0o100444, 0],
    ]);
    expect(entries[1]?.longname).toBe('-r--r--r--    1 keyway   keyway            0 Mar  1 06:30 readme.txt');
  });

  it('sees size and release time of a file', async () => {
    put('4711/op10.nc', 'x'.repeat(1234));
    const seen = await stat('/4711/op10.nc');
    expect([seen.size, seen.mode, seen.mtime]).toEqual([1234, 0o100444, Date.parse('2026-03-01T06:30:00Z') / 1000]);
    expect((await stat('/')).isDirectory()).toBe(true);
    const handle = await open('/4711/op10.nc');
    const held = await answer<Stats>((done) => sftp.fstat(handle, done));
    expect([held.size, held.mode]).toEqual([1234, 0o100444]);
  });

  it('gets exact bytes, and the delivery is complete once it closes the file', async () => {
    const content = put('4711/op10.nc', randomBytes(700_001));
    expect((await get('/4711/op10.nc')).equals(content)).toBe(true);
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toEqual([{ deliveryId: delivery(), bytes: 700_001, complete: true }]);
    expect(door.shelf.openBlobs).toBe(0);
  });

  it('gets an empty file, complete when it is closed', async () => {
    put('empty.nc', '');
    const handle = await open('/empty.nc');
    expect((await read(handle, 0, 100)).length).toBe(0);
    expect(ends()).toEqual([]);
    await close(handle);
    expect(ends()).toEqual([{ deliveryId: delivery(), bytes: 0, complete: true }]);
  });

  it('reads any part of a file in any order', async () => {
    const content = put('big.nc', randomBytes(600_000));
    const handle = await open('/big.nc');
    const parts = Array.from(
      { length: 60 },
      (_, i) => [(i * 7_919_777) % 600_000, 1 + ((i * 104_729) % 120_000)] as const,
    );
    const got = await Promise.all(parts.map(([offset, length]) => read(handle, offset, length)));
    for (const [i, [offset, length]] of parts.entries())
      expect(got[i]?.equals(content.subarray(offset, offset + Math.min(length, limits.sftpReadBytes)))).toBe(true);
    await close(handle);
  });

  it('reads nothing at and beyond the end', async () => {
    put('a.nc', 'abc');
    const handle = await open('/a.nc');
    expect((await read(handle, 3, 10)).length).toBe(0);
    expect((await read(handle, 2 ** 52, 10)).length).toBe(0);
    const raw = await RawSftp.open(client);
    const opened = await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    const end = await raw.request(5, opened.body, uint64(2n ** 64n - 1n), uint32(10));
    expect(statusOf(end).status).toBe(1);
  });

  it('gets 200 files in a folder, listed in batches', async () => {
    for (let i = 0; i < 200; i++) put(`many/O${1000 + i}.nc`, `O${1000 + i}`);
    expect((await list('/many')).map((entry) => entry.filename).sort()[199]).toBe('O1199.nc');
    const contents = await Promise.all(
      Array.from({ length: 200 }, (_, i) => i)
        .filter((i) => i % 5 === 0)
        .map((i) => get(`/many/O${1000 + i}.nc`)),
    );
    expect(contents.map(String)[39]).toBe('O1195');
    await until(() => ends().length === 40 && ends().every((end) => end.complete), '40 complete deliveries');
  });

  it('asks for 256 KiB at once and gets as much as one reply holds', async () => {
    const content = put('big.nc', randomBytes(300_000));
    const raw = await RawSftp.open(client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    const reply = await raw.request(5, opened.body, uint64(0n), uint32(262_144));
    expect(reply.type).toBe(103);
    expect(reply.body.readUInt32BE(0)).toBe(limits.sftpReadBytes);
    expect(reply.body.subarray(4).equals(content.subarray(0, limits.sftpReadBytes))).toBe(true);
  });

  it('has its requests answered when it sends hundreds without waiting', async () => {
    const content = put('big.nc', randomBytes(500 * 1000));
    const raw = await RawSftp.open(client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    const replies = await Promise.all(
      Array.from({ length: 500 }, (_, i) => raw.request(5, opened.body, uint64(BigInt(i * 1000)), uint32(1000))),
    );
    expect(Buffer.concat(replies.map((reply) => reply.body.subarray(4))).equals(content)).toBe(true);
    const closed = await raw.request(4, opened.body);
    expect(statusOf(closed).status).toBe(0);
    expect(ends()).toMatchObject([{ bytes: 500_000, complete: true }]);
  });

  it('is sent no more than it takes: what it does not read is not read from the vault', async () => {
    put('big.nc', randomBytes(200_000));
    const raw = await RawSftp.open(client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    raw.channel.pause();
    const replies = Array.from({ length: 500 }, () => raw.request(5, opened.body, uint64(0n), uint32(200_000)));
    await until(() => door.shelf.reads > limits.sftpRequestsAtOnce, 'the first reads');
    for (let i = 0; i < 50; i++) await stat('/big.nc');
    // The client's SSH window of 2 MiB and what is held for it, of 100 MB asked for.
    expect(door.shelf.reads).toBeLessThan(40);
    raw.channel.resume();
    expect((await Promise.all(replies)).every((reply) => reply.body.length === 200_004)).toBe(true);
  });

  it('has a close wait for the reads it sent before', async () => {
    put('a.nc', 'abcdef');
    const gate = Promise.withResolvers<void>();
    door.shelf.readGate = gate.promise;
    const raw = await RawSftp.open(client);
    const opened = await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    const reading = raw.request(5, opened.body, uint64(0n), uint32(6));
    const closing = raw.request(4, opened.body);
    const late = await raw.request(5, opened.body, uint64(0n), uint32(6));
    expect(statusOf(late)).toMatchObject({ status: 4 });
    expect(ends()).toEqual([]);
    gate.resolve();
    expect((await reading).type).toBe(103);
    expect(statusOf(await closing).status).toBe(0);
    expect(ends()).toMatchObject([{ bytes: 6, complete: true }]);
  });

  it('is told the largest read when it asks (limits@openssh.com)', async () => {
    const raw = await RawSftp.open(client);
    const reply = await raw.request(200, bytes('limits@openssh.com'));
    expect([reply.type, reply.body.readBigUInt64BE(8), reply.body.readBigUInt64BE(24)]).toEqual([
      201,
      BigInt(limits.sftpPreferredReadBytes),
      BigInt(limits.sftpHandlesPerSession),
    ]);
  });

  it('is told canonical paths, which never leave the shelf', async () => {
    const realpath = (path: string) => answer<string>((done) => sftp.realpath(path, done));
    expect(await realpath('.')).toBe('/');
    expect(await realpath('4711/./A/..')).toBe('/4711');
    expect(await realpath('/../../../etc')).toBe('/etc');
  });
});

describe('a delivery has exactly one end', () => {
  it('that is not complete when the machine closes early', async () => {
    put('a.nc', 'x'.repeat(200));
    const handle = await open('/a.nc');
    await read(handle, 50, 10);
    await read(handle, 50, 10);
    await close(handle);
    expect(ends()).toEqual([
      {
        deliveryId: delivery(),
        bytes: 10,
        complete: false,
        reason: 'the machine closed the file after 10 of 200 bytes',
      },
    ]);
  });

  it('that says how far it got when the connection breaks', async () => {
    put('a.nc', 'x'.repeat(200));
    const handle = await open('/a.nc');
    await read(handle, 0, 10);
    client.destroy();
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toEqual([
      { deliveryId: delivery(), bytes: 10, complete: false, reason: 'the connection closed after 10 of 200 bytes' },
    ]);
    expect(door.shelf.openBlobs).toBe(0);
  });

  it('when the connection breaks while reads are under way', async () => {
    put('a.nc', 'x'.repeat(200));
    const gate = Promise.withResolvers<void>();
    door.shelf.readGate = gate.promise;
    const handle = await open('/a.nc');
    read(handle, 0, 200).catch(() => {});
    read(handle, 0, 200).catch(() => {});
    await until(() => door.shelf.reads === 2, 'the reads');
    client.destroy();
    await until(() => door.lines.some((line) => line.msg === 'connection closed'), 'the end of the connection');
    expect(ends()).toEqual([]);
    gate.resolve();
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toMatchObject([{ bytes: 0, complete: false }]);
  });

  it('when the connection breaks while it is being decided', async () => {
    put('a.nc', 'x'.repeat(200));
    const gate = Promise.withResolvers<void>();
    door.shelf.openGate = gate.promise;
    open('/a.nc').catch(() => {});
    await until(() => door.shelf.asked === 1, 'the open');
    client.destroy();
    await until(() => door.lines.some((line) => line.msg === 'connection closed'), 'the end of the connection');
    gate.resolve();
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toMatchObject([{ bytes: 0, complete: false, reason: 'the connection closed after 0 of 200 bytes' }]);
  });

  it('when only the channel is closed, and the connection stays', async () => {
    put('a.nc', 'x'.repeat(200));
    await open('/a.nc');
    sftp.end();
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toMatchObject([{ complete: false }]);
    await openSftp(client);
  });

  it('when the machine closes twice', async () => {
    put('a.nc', 'abc');
    const handle = await open('/a.nc');
    await close(handle);
    expect((await refusal(close(handle))).code).toBe(4);
    expect(ends()).toHaveLength(1);
  });

  it('that failed when the stored bytes are not the released ones', async () => {
    put('a.nc', 'x'.repeat(100_000));
    door.shelf.tamperedFrom = 60_000;
    const handle = await open('/a.nc');
    expect((await read(handle, 0, 50_000)).length).toBe(50_000);
    const refused = await refusal(read(handle, 50_000, 50_000));
    expect([refused.code, refused.message]).toEqual([4, 'bytes-differ: The stored bytes are not the released ones.']);
    // Not even a part that was good before.
    expect((await refusal(read(handle, 0, 10))).message).toContain('bytes-differ');
    await close(handle);
    expect(ends()).toEqual([
      {
        deliveryId: delivery(),
        bytes: 50_000,
        complete: false,
        reason: 'bytes-differ: The stored bytes are not the released ones.',
      },
    ]);
  });

  it('that failed when the blob cannot be opened; the detail stays in the log', async () => {
    put('a.nc', 'abc');
    door.shelf.blobMissing = true;
    const refused = await refusal(open('/a.nc'));
    expect([refused.code, refused.message.includes('ENOENT')]).toEqual([4, false]);
    expect(ends()).toMatchObject([{ bytes: 0, complete: false }]);
    expect(JSON.stringify(door.lines)).toContain('ENOENT');
  });

  it('that the machine is told about only when it is recorded', async () => {
    put('a.nc', 'abc');
    door.shelf.finishRefusal = new DomainError('ledger-unavailable', 'The ledger cannot be written.');
    const handle = await open('/a.nc');
    await read(handle, 0, 3);
    expect((await refusal(close(handle))).message).toBe('ledger-unavailable: The ledger cannot be written.');
    expect(ends()).toHaveLength(1);
  });
});

describe('a machine changes nothing', () => {
  it.each(['w', 'a', 'r+', 'wx'] as const)('by opening with %s', async (flags) => {
    put('a.nc', 'abc');
    const refused = await refusal(open('/a.nc', flags));
    expect([refused.code, refused.message]).toEqual([
      3,
      'forbidden: OPEN for writing is refused: machines pull released programs here and change nothing.',
    ]);
    expect(door.shelf.opened).toEqual([]);
  });

  it.each([
    ['WRITE', 6],
    ['SETSTAT', 9],
    ['FSETSTAT', 10],
    ['REMOVE', 13],
    ['MKDIR', 14],
    ['RMDIR', 15],
    ['RENAME', 18],
    ['SYMLINK', 20],
  ])('by %s', async (name, type) => {
    put('a.nc', 'abc');
    const raw = await RawSftp.open(client);
    const { status, message } = statusOf(await raw.request(type, bytes('/a.nc'), bytes('/b.nc'), uint32(0)));
    expect([status, message.startsWith(`forbidden: ${name} is refused`)]).toEqual([3, true]);
  });

  it.each(['posix-rename@openssh.com', 'hardlink@openssh.com', 'fsync@openssh.com', 'copy-data', 'x'])(
    'by the extension %s',
    async (name) => {
      const raw = await RawSftp.open(client);
      expect(statusOf(await raw.request(200, bytes(name), bytes('/a'), bytes('/b'))).status).toBe(8);
    },
  );

  it('and what SFTP does not have is unsupported', async () => {
    const raw = await RawSftp.open(client);
    expect(statusOf(await raw.request(99)).status).toBe(8);
    expect(statusOf(await raw.request(19, bytes('/a.nc'))).status).toBe(2);
  });
});

describe('a hostile path is answered as one that does not exist', () => {
  const paths: [string, Buffer][] = [
    ['a step up', Buffer.from('/4711/../4711/op10.nc')],
    ['a NUL', Buffer.from('/4711/op10.nc\0.txt')],
    ['a backslash', Buffer.from('/4711\\op10.nc')],
    ['a line end', Buffer.from('/4711/op10.nc\n')],
    ['the NFD twin of a name that is there', Buffer.from('/Geha\u0308use.nc')],
    ['invalid UTF-8', Buffer.from([0x2f, 0x34, 0xff, 0x31])],
    ['5 kB', Buffer.from(`/${'4'.repeat(5_000)}`)],
    ['50 kB', Buffer.from(`/${'4/'.repeat(25_000)}`)],
    ['another name', Buffer.from('/4711/op20.nc')],
  ];
  const requests: [string, number, Buffer[]][] = [
    ['OPEN', 3, [uint32(1), uint32(0)]],
    ['STAT', 17, []],
    ['LSTAT', 7, []],
    ['OPENDIR', 11, []],
    ['READLINK', 19, []],
  ];

  it.each(requests)('by %s', async (_name, type, rest) => {
    put('4711/op10.nc', 'abc');
    put('Gehäuse.nc', 'abc');
    const raw = await RawSftp.open(client);
    const answers = await Promise.all(paths.map(([, path]) => raw.request(type, bytes(path), ...rest)));
    const said = new Set(answers.slice(0, 8).map((reply) => statusOf(reply).message));
    expect(answers.map((reply) => statusOf(reply).status)).toEqual(paths.map(() => 2));
    expect(said.size).toBe(1);
    expect(door.shelf.opened).toEqual([]);
    // The session goes on.
    expect((await raw.request(17, bytes('/4711/op10.nc'))).type).toBe(105);
  });

  it('by REALPATH, but for the step up, which it resolves', async () => {
    const raw = await RawSftp.open(client);
    const answers = await Promise.all(paths.slice(1, 8).map(([, path]) => raw.request(16, bytes(path))));
    expect(answers.map((reply) => statusOf(reply).status)).toEqual(answers.map(() => 2));
    expect((await raw.request(16, bytes('/4711/../x'))).type).toBe(104);
  });

  it('and another machine’s file does not exist either', async () => {
    door.shelf.put(door.shelf.register('MILL-2', 'x'), 'secret.nc', 'abc');
    expect((await refusal(get('/secret.nc'))).code).toBe(2);
    expect((await refusal(stat('/secret.nc'))).code).toBe(2);
    expect(await list('/')).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([...new Set(errorCodes)].map((code) => [code] as const))(
    '%s reaches the machine with its code and sentence',
    async (code) => {
      put('a.nc', 'abc');
      door.shelf.openRefusal = new DomainError(code, 'The reason, for a person.');
      const refused = await refusal(open('/a.nc'));
      expect(refused.message).toBe(`${code}: The reason, for a person.`);
      expect([2, 3, 4, 8]).toContain(refused.code);
      expect(ends()).toEqual([]);
    },
  );

  it('by policy is a denied permission', async () => {
    put('a.nc', 'abc');
    door.shelf.openRefusal = new DomainError('policy-denied', 'MILL-1 may not be sent ITAR data.');
    expect((await refusal(open('/a.nc'))).code).toBe(3);
  });
});

describe('a session', () => {
  it('has a limit of open files, which counts those being opened', async () => {
    put('a.nc', 'abc');
    const raw = await RawSftp.open(client);
    const opens = await Promise.all(
      Array.from({ length: limits.sftpHandlesPerSession + 5 }, () =>
        raw.request(3, bytes('/a.nc'), uint32(1), uint32(0)),
      ),
    );
    const refused = opens.filter((reply) => reply.type === 101);
    expect(refused.map((reply) => statusOf(reply).message.slice(0, 5))).toEqual(Array(5).fill('busy:'));
    expect(door.shelf.opened).toHaveLength(limits.sftpHandlesPerSession);
  });

  it.each([
    ['of another length', Buffer.from([0, 0, 0, 1, 0])],
    ['empty', Buffer.alloc(0)],
    ['never given', uint32(77)],
  ])('knows no handle that is %s', async (_what, handle) => {
    put('a.nc', 'abc');
    await open('/a.nc');
    const raw = await RawSftp.open(client);
    await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    for (const [type, ...rest] of [[4], [5, uint64(0n), uint32(3)], [8], [12]] as [number, ...Buffer[]][])
      expect(statusOf(await raw.request(type, bytes(handle), ...rest)).status).toBe(4);
  });

  it('does not read a folder or list a file', async () => {
    put('4711/a.nc', 'abc');
    const raw = await RawSftp.open(client);
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
    put('a.nc', 'abc');
    const raw = await RawSftp.open(client);
    await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    raw.channel.write(hostile);
    await raw.closed;
    await until(() => ends().length === 1, 'the end of the delivery');
    expect(ends()).toMatchObject([{ complete: false }]);
    // The connection stays: another session can be opened.
    await openSftp(client);
  });

  it('ends with a request before INIT', async () => {
    const raw = await new Promise<RawSftp>((resolve, reject) =>
      client.subsys('sftp', (error, channel) => (error ? reject(error) : resolve(new RawSftp(channel)))),
    );
    raw.channel.write(packet(17, uint32(1), bytes('/')));
    await raw.closed;
  });
});
