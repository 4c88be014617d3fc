import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytes, RawSftp, statusOf, uint32, uint64 } from '../../helpers/sftp-raw.ts';
import { MachineAtDoor, refusal } from '../../helpers/sftp-test-door.ts';

let at: MachineAtDoor;
beforeEach(async () => {
  at = await MachineAtDoor.arrive();
});
afterEach(() => at.leave());

describe('a machine changes nothing', () => {
  it.each(['w', 'a', 'r+', 'wx'] as const)('by opening with %s', async (flags) => {
    at.put('a.nc', 'abc');
    const refused = await refusal(at.open('/a.nc', flags));
    expect([refused.code, refused.message]).toEqual([
      3,
      'forbidden: OPEN for writing is refused: machines pull released programs here, send programs into /from-machine, and change nothing.',
    ]);
    expect(at.door.shelf.opened).toEqual([]);
  });

  it.each([
    ['SETSTAT', 9],
    ['REMOVE', 13],
    ['MKDIR', 14],
    ['RMDIR', 15],
    ['RENAME', 18],
    ['SYMLINK', 20],
  ])('by %s', async (name, type) => {
    at.put('a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const { status, message } = statusOf(await raw.request(type, bytes('/a.nc'), bytes('/b.nc'), uint32(0)));
    expect([status, message.startsWith(`forbidden: ${name} is refused`)]).toEqual([3, true]);
  });

  it.each([
    ['WRITE', 6, [uint64(0n), bytes('G1')]],
    ['FSETSTAT', 10, [uint32(1), uint64(0n)]],
  ] as const)('by %s to the handle of what it reads', async (_name, type, rest) => {
    at.put('a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const opened = await raw.request(3, bytes('/a.nc'), uint32(1), uint32(0));
    const handle = opened.body.subarray(4);
    const { status, message } = statusOf(await raw.request(type, bytes(handle), ...rest));
    expect([status, message]).toEqual([4, 'request-invalid: This is not the handle of a file that is sent back.']);
    expect(statusOf(await raw.request(type, bytes('none'), ...rest)).status).toBe(4);
  });

  it.each(['/b.nc', '/from-machine/a.nc', '/from-machine/a.nc.filepart'])('by renaming to %s', async (newPath) => {
    at.put('a.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    for (const path of ['/a.nc', '/from-machine/a.nc', '/from-machine/a.nc.filepart']) {
      const renamed = await raw.request(200, bytes('posix-rename@openssh.com'), bytes(path), bytes(newPath));
      expect(statusOf(renamed).message).toMatch(/^forbidden: RENAME is refused/);
    }
  });

  it.each(['hardlink@openssh.com', 'copy-data', 'x'])('by the extension %s', async (name) => {
    const raw = await RawSftp.open(at.client);
    expect(statusOf(await raw.request(200, bytes(name), bytes('/a'), bytes('/b'))).status).toBe(8);
  });

  it('and what SFTP does not have is unsupported', async () => {
    const raw = await RawSftp.open(at.client);
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
    at.put('4711/op10.nc', 'abc');
    at.put('Gehäuse.nc', 'abc');
    const raw = await RawSftp.open(at.client);
    const answers = await Promise.all(paths.map(([, path]) => raw.request(type, bytes(path), ...rest)));
    const said = new Set(answers.slice(0, 8).map((reply) => statusOf(reply).message));
    expect(answers.map((reply) => statusOf(reply).status)).toEqual(paths.map(() => 2));
    expect(said.size).toBe(1);
    expect(at.door.shelf.opened).toEqual([]);
    // The session goes on.
    expect((await raw.request(17, bytes('/4711/op10.nc'))).type).toBe(105);
  });

  it('by REALPATH, but for the step up, which it resolves', async () => {
    const raw = await RawSftp.open(at.client);
    const answers = await Promise.all(paths.slice(1, 8).map(([, path]) => raw.request(16, bytes(path))));
    expect(answers.map((reply) => statusOf(reply).status)).toEqual(answers.map(() => 2));
    expect((await raw.request(16, bytes('/4711/../x'))).type).toBe(104);
  });

  it('and another machine’s file does not exist either', async () => {
    at.door.shelf.put(at.door.shelf.register('MILL-2', 'x'), 'secret.nc', 'abc');
    expect((await refusal(at.get('/secret.nc'))).code).toBe(2);
    expect((await refusal(at.stat('/secret.nc'))).code).toBe(2);
    expect(await at.list('/')).toEqual([]);
  });
});
