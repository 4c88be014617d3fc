import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushLink } from '../../../src/domain/machine-links.ts';
import { isMounted } from '../../../src/edges/push/folder-target.ts';
import { around, bytesOf, PushDesk, partName, program, sendingId } from '../../helpers/push-places.ts';
import { run } from '../../helpers/sftp-openssh.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';

const older = program.replace('F20.', 'F18.');
const edited = program.replace('X1.', 'X2.');

let place: ReturnType<typeof temporaryFolder>;
let folder: string;
let link: PushLink;
let desk: PushDesk;
beforeEach(() => {
  place = temporaryFolder();
  folder = join(place.folder, 'mazak');
  mkdirSync(folder);
  link = { kind: 'folder', folder, share: false, onRelease: false };
  desk = new PushDesk({ folders: [place.folder] });
});
afterEach(async () => {
  await desk.pushes.close();
  place.remove();
});

const names = () => readdirSync(folder).sort();
const there = (name = 'O4471.NC') => readFileSync(join(folder, name), 'utf8');
const put = (name: string, content: string) => writeFileSync(join(folder, name), content);
const refused = { outcome: 'failed', again: false };

describe('a program that is put into a folder', () => {
  test('is there whole and alone, was read back, and is on record as delivered', async () => {
    expect(await desk.put(link)).toMatchObject({ outcome: 'delivered', deliveryId: 'DLV-0000000000' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(program);
    expect(desk.placed).toEqual(['DLV-0000000000']);
    expect(desk.shelf.ends).toEqual([
      { deliveryId: 'DLV-0000000000', bytes: program.length, complete: true, proof: 'read-back' },
    ]);
    expect([...desk.shelf.channels]).toEqual(['folder']);
  });

  test('may be larger than one part', async () => {
    const large = `%\n${'G1 X1.\n'.repeat(100_000)}%\n`;
    expect(await desk.put(link, large)).toMatchObject({ outcome: 'delivered' });
    expect(there()).toBe(large);
  });

  test('that is there already is written no second time', async () => {
    put('O4471.NC', program);
    expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
    expect(desk.placed).toEqual([]);
    expect(desk.shelf.ends).toMatchObject([{ complete: true, proof: 'read-back' }]);
  });

  test('takes the place of what was delivered there before, also in another spelling', async () => {
    put('o4471.nc', older);
    expect(await desk.put(link, program, { replaces: [bytesOf(older)] })).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(program);
  });

  test.each([
    ['another program of the same size', () => put('O4471.NC', edited)],
    ['another program of another size', () => put('O4471.NC', `${program}\n`)],
    ['another program in another spelling', () => put('o4471.NC', edited)],
    ['a folder', () => mkdirSync(join(folder, 'O4471.NC'))],
    ['a link that leads away', () => symlinkSync('/etc/hostname', join(folder, 'O4471.NC'))],
    ['a link that leads to nothing', () => symlinkSync('/nowhere', join(folder, 'O4471.NC'))],
  ])('is not put over %s, and nothing is opened', async (_what, stands) => {
    stands();
    const before = names();
    expect(await desk.put(link, program, { replaces: [bytesOf(older)] })).toMatchObject({
      ...refused,
      code: 'conflict',
    });
    expect(names()).toEqual(before);
    expect(desk.shelf.opened).toEqual([]);
  });

  test('is put there again by nobody when an earlier try may have done so and it is gone', async () => {
    expect(await desk.put(link, program, { placed: true })).toMatchObject({ ...refused, code: 'state-forbids' });
    expect(names()).toEqual([]);
    put(partName, program.slice(0, 5));
    expect(await desk.put(link, program, { placed: true })).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
  });

  test('of another release than was asked for does not go out', async () => {
    const order = desk.order(link);
    desk.order(link, older);
    expect(await desk.push(order)).toMatchObject({ ...refused, code: 'conflict' });
    expect(names()).toEqual([]);
    expect(desk.shelf.ends).toMatchObject([{ complete: false, bytes: 0 }]);
  });

  test('that is withdrawn while it is written is not given its name', async () => {
    const withdrawn = new PushDesk({
      folders: [place.folder],
      wrap: (target) =>
        around(target, {
          async write(name, bytes) {
            await target.write(name, bytes);
            withdrawn.shelf.stop('DLV-0000000000', 'The release was withdrawn.');
          },
        }),
    });
    expect(await withdrawn.put(link)).toMatchObject({ ...refused, code: 'policy-denied' });
    expect(names()).toEqual([]);
    expect(withdrawn.placed).toEqual([]);
    expect(withdrawn.shelf.ends).toMatchObject([
      { complete: false, reason: 'policy-denied: The release was withdrawn.' },
    ]);
  });

  test.each([0, 400_000])('whose stored bytes were changed from byte %i on does not go out', async (from) => {
    const order = desk.order(link, Buffer.alloc(600_000, 'G1 X1.\n'));
    desk.shelf.tamperedFrom = from;
    expect(await desk.push(order)).toMatchObject({ outcome: 'failed', code: 'bytes-differ' });
    expect(names()).toEqual([]);
    expect(desk.placed).toEqual([]);
  });

  test.each(['CON.NC', 'aux', 'COM1.NC', 'LPT9'])('called %s is no file on a share of Windows', async (name) => {
    expect(await desk.put(link, program, { name })).toMatchObject({ ...refused, code: 'form-impossible' });
    expect(names()).toEqual([]);
  });
});

describe('a folder', () => {
  test('that the configuration does not name is not opened, nor one that a link leads to', async () => {
    const elsewhere = temporaryFolder();
    const other = { ...link, folder: elsewhere.folder } as PushLink;
    expect(await desk.put(other)).toMatchObject({ ...refused, code: 'config-invalid' });
    symlinkSync(elsewhere.folder, join(place.folder, 'link'));
    const by = { ...link, folder: join(place.folder, 'link') } as PushLink;
    expect(await desk.put(by)).toMatchObject({ ...refused, code: 'config-invalid' });
    expect(readdirSync(elsewhere.folder)).toEqual([]);
    elsewhere.remove();
  });

  test.each([
    ['/mnt/cnc', true],
    ['/mnt/cnc/mazak', true],
    ['/mnt/cnc2', false],
    ['/mnt', false],
    ['/srv/my share/mazak', true],
    ['/data/cnc', false],
    ['/data/nas', true],
    ['/data/nas/old', false],
    ['/auto/cnc', true],
  ])('of a share is one only where something is mounted: %s', (at, mounted) => {
    const table = [
      '21 1 8:1 / / rw - ext4 /dev/sda1 rw',
      '40 21 0:50 / /mnt/cnc rw - cifs //nas/cnc rw',
      '41 21 0:51 / /srv/my\\040share rw - cifs //nas/my rw',
      '42 21 8:2 / /data rw shared:7 - ext4 /dev/sdb1 rw',
      '43 42 0:52 / /data/nas rw - nfs4 nas:/cnc rw',
      '44 43 8:3 / /data/nas/old rw - ext4 /dev/sdc1 rw',
      '45 21 0:53 / /auto rw - autofs auto.cnc rw',
    ];
    expect(isMounted(at, `${table.join('\n')}\n`)).toBe(mounted);
  });

  test.skipIf(process.getuid?.() !== 0)('on a disk that is full holds nothing of what does not fit', async () => {
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder]);
    if (mounted.code !== 0) throw new Error(`no small disk: ${mounted.err}`);
    try {
      const full = { outcome: 'failed', code: 'not-delivered', reason: 'The disk of the folder is full.', again: true };
      expect(await desk.put(link, Buffer.alloc(200_000, 'G1 X1.\n'))).toEqual(full);
      expect(names()).toEqual([]);
      expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
    } finally {
      await run('umount', [folder]);
    }
  });

  test('that is gone is waited for', async () => {
    const gone = { ...link, folder: join(place.folder, 'gone') } as PushLink;
    expect(await desk.put(gone)).toMatchObject({ outcome: 'failed', code: 'not-delivered', again: true });
  });
});

describe('a look into the folder', () => {
  test('lists every name and sends back what was delivered', async () => {
    put('O4471.NC', program);
    put('O9.NC', older);
    const survey = await desk.pushes.survey({ machine: desk.order(link).machine, link, names: ['o4471.nc', 'O1.NC'] });
    expect(survey.listed.sort()).toEqual(['O4471.NC', 'O9.NC']);
    expect(survey.verdicts).toEqual([{ name: 'o4471.nc', verdict: 'identical' }]);
    expect(desk.returns.accepted).toMatchObject([{ channel: 'folder', name: 'o4471.nc' }]);
    expect(desk.returns.content().toString()).toBe(program);
  });

  test('takes away what is byte for byte ours, and nothing else', async () => {
    const { machine } = desk.order(link);
    put('O4471.NC', edited);
    const order = { machine, link, name: 'O4471.NC', only: [bytesOf(program)] };
    expect(await desk.pushes.remove(order)).toBe(false);
    expect(names()).toEqual(['O4471.NC']);
    put('O4471.NC', program);
    expect(await desk.pushes.remove(order)).toBe(true);
    expect(names()).toEqual([]);
  });
});

test('what a sending that was given up left is taken away, and nothing else', async () => {
  put(partName, 'half of it');
  put('.keyway-SND-0000000002.part', 'of another sending');
  put('O4471.NC', edited);
  await desk.pushes.clear({ machine: desk.order(link).machine, link, sendingId });
  await desk.pushes.clear({ machine: desk.order(link).machine, link, sendingId });
  expect(names()).toEqual(['.keyway-SND-0000000002.part', 'O4471.NC']);
  const gone = { ...link, folder: join(place.folder, 'gone') } as PushLink;
  await expect(desk.pushes.clear({ machine: desk.order(link).machine, link: gone, sendingId })).rejects.toMatchObject({
    code: 'not-delivered',
  });
});

test('every try of one sending leaves at most one temporary file, of its own', async () => {
  const at = { ...link, folder: folder } as PushLink;
  desk.order(at);
  put(partName, 'left by a crash');
  put('.keyway-SND-0000000002.part', 'of another sending');
  expect(await desk.put(at)).toMatchObject({ outcome: 'delivered' });
  expect(names()).toEqual(['.keyway-SND-0000000002.part', 'O4471.NC']);
  expect(sendingId).not.toBe('SND-0000000002');
});
