import { randomBytes } from 'node:crypto';
import type { Stats } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../src/domain/limits.ts';
import { bytes, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import { answer, MachineAtDoor, until } from '../../helpers/sftp-test-door.ts';

let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
});
afterEach(() => at.leave());

describe('a machine pulls what is on its shelf', () => {
  it('lists folders and files with what they are', async () => {
    at.put('4711/A/op10.nc', '%\nO4711\n%\n');
    at.put('4711/readme.txt', '');
    expect((await at.list('/')).map((entry) => entry.filename)).toEqual(['4711']);
    const entries = await at.list('/4711');
    expect(entries.map((entry) => [entry.filename, entry.attrs.mode, entry.attrs.uid])).toEqual([
      ['A', 0o040555, 0],
      ['readme.txt', 0o100444, 0],
    ]);
    expect(entries[1]?.longname).toBe('-r--r--r--    1 keyway   keyway            0 Mar  1 06:30 readme.txt');
  });

  it('sees size and release time of a file', async () => {
    at.put('4711/op10.nc', 'x'.repeat(1234));
    const seen = await at.stat('/4711/op10.nc');
    expect([seen.size, seen.mode, seen.mtime]).toEqual([1234, 0o100444, Date.parse('2026-03-01T06:30:00Z') / 1000]);
    expect((await at.stat('/')).isDirectory()).toBe(true);
    const handle = await at.open('/4711/op10.nc');
    const held = await answer<Stats>((done) => at.sftp.fstat(handle, done));
    expect([held.size, held.mode]).toEqual([1234, 0o100444]);
  });

  it('gets exact bytes, and the delivery is complete once it closes the file', async () => {
    const content = at.put('4711/op10.nc', randomBytes(700_001));
    expect((await at.get('/4711/op10.nc')).equals(content)).toBe(true);
    await until(() => at.ends().length === 1, 'the end of the delivery');
    expect(at.ends()).toEqual([{ deliveryId: at.delivery(), bytes: 700_001, complete: true }]);
    expect(at.door.shelf.openBlobs).toBe(0);
  });

  it('gets an empty file, complete when it is closed', async () => {
    at.put('empty.nc', '');
    const handle = await at.open('/empty.nc');
    expect((await at.read(handle, 0, 100)).length).toBe(0);
    expect(at.ends()).toEqual([]);
    await at.close(handle);
    expect(at.ends()).toEqual([{ deliveryId: at.delivery(), bytes: 0, complete: true }]);
  });

  it('reads any part of a file in any order', async () => {
    const content = at.put('big.nc', randomBytes(600_000));
    const handle = await at.open('/big.nc');
    const parts = Array.from(
      { length: 60 },
      (_, i) => [(i * 7_919_777) % 600_000, 1 + ((i * 104_729) % 120_000)] as const,
    );
    const got = await Promise.all(parts.map(([offset, length]) => at.read(handle, offset, length)));
    for (const [i, [offset, length]] of parts.entries())
      expect(got[i]?.equals(content.subarray(offset, offset + Math.min(length, limits.sftpReadBytes)))).toBe(true);
    await at.close(handle);
  });

  it('reads nothing at and beyond the end', async () => {
    at.put('a.nc', 'abc');
    const handle = await at.open('/a.nc');
    expect((await at.read(handle, 3, 10)).length).toBe(0);
    expect((await at.read(handle, 2 ** 52, 10)).length).toBe(0);
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    const end = await raw.request(5, opened.body, uint64(2n ** 64n - 1n), uint32(10));
    expect(statusOf(end).status).toBe(1);
  });

  it('gets 200 files in a folder, listed in batches', async () => {
    for (let i = 0; i < 200; i++) at.put(`many/O${1000 + i}.nc`, `O${1000 + i}`);
    expect((await at.list('/many')).map((entry) => entry.filename).sort()[199]).toBe('O1199.nc');
    const contents = await Promise.all(
      Array.from({ length: 200 }, (_, i) => i)
        .filter((i) => i % 5 === 0)
        .map((i) => at.get(`/many/O${1000 + i}.nc`)),
    );
    expect(contents.map(String)[39]).toBe('O1195');
    await until(() => at.ends().length === 40 && at.ends().every((end) => end.complete), '40 complete deliveries');
  });

  it('asks for 256 KiB at once and gets as much as one reply holds', async () => {
    const content = at.put('big.nc', randomBytes(300_000));
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    const reply = await raw.request(5, opened.body, uint64(0n), uint32(262_144));
    expect(reply.type).toBe(103);
    expect(reply.body.readUInt32BE(0)).toBe(limits.sftpReadBytes);
    expect(reply.body.subarray(4).equals(content.subarray(0, limits.sftpReadBytes))).toBe(true);
  });

  it('has its requests answered when it sends hundreds without waiting', async () => {
    const content = at.put('big.nc', randomBytes(500 * 1000));
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    const replies = await Promise.all(
      Array.from({ length: 500 }, (_, i) => raw.request(5, opened.body, uint64(BigInt(i * 1000)), uint32(1000))),
    );
    expect(Buffer.concat(replies.map((reply) => reply.body.subarray(4))).equals(content)).toBe(true);
    const closed = await raw.request(4, opened.body);
    expect(statusOf(closed).status).toBe(0);
    expect(at.ends()).toMatchObject([{ bytes: 500_000, complete: true }]);
  });

  it('is sent no more than it takes: what it does not read is not read from the vault', async () => {
    at.put('big.nc', randomBytes(200_000));
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/big.nc'), uint32(1), uint32(0));
    raw.channel.pause();
    const replies = Array.from({ length: 500 }, () => raw.request(5, opened.body, uint64(0n), uint32(200_000)));
    await until(() => at.door.shelf.reads > limits.sftpRequestsAtOnce, 'the first reads');
    for (let i = 0; i < 50; i++) await at.stat('/big.nc');
    // The client's SSH window of 2 MiB and what is held for it, of 100 MB asked for.
    expect(at.door.shelf.reads).toBeLessThan(40);
    raw.channel.resume();
    expect((await Promise.all(replies)).every((reply) => reply.body.length === 200_004)).toBe(true);
  });

  it('has a close wait for the reads it sent before', async () => {
    at.put('a.nc', 'abcdef');
    const gate = Promise.withResolvers<void>();
    at.door.shelf.readGate = gate.promise;
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    const reading = raw.request(5, opened.body, uint64(0n), uint32(6));
    const closing = raw.request(4, opened.body);
    const late = await raw.request(5, opened.body, uint64(0n), uint32(6));
    expect(statusOf(late)).toMatchObject({ status: 4 });
    expect(at.ends()).toEqual([]);
    gate.resolve();
    expect((await reading).type).toBe(103);
    expect(statusOf(await closing).status).toBe(0);
    expect(at.ends()).toMatchObject([{ bytes: 6, complete: true }]);
  });

  it('is told the largest read when it asks (limits@openssh.com)', async () => {
    const raw = await RawSftp.open(at.client);
    const reply = await raw.request(200, bytes('limits@openssh.com'));
    expect([reply.type, reply.body.readBigUInt64BE(8), reply.body.readBigUInt64BE(24)]).toEqual([
      201,
      BigInt(limits.sftpPreferredReadBytes),
      BigInt(limits.sftpHandlesPerSession),
    ]);
  });

  it('is told canonical paths, which never leave the shelf', async () => {
    const realpath = (path: string) => answer<string>((done) => at.sftp.realpath(path, done));
    expect(await realpath('.')).toBe('/');
    expect(await realpath('4711/./A/..')).toBe('/4711');
    expect(await realpath('/../../../etc')).toBe('/etc');
  });
});
