import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PushLink } from '../../../src/domain/machine-links.ts';
import { FakeFtpServer } from '../../helpers/fake-ftp-server.ts';
import { PushDesk, partName, program } from '../../helpers/push-places.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';

let place: ReturnType<typeof temporaryFolder>;
let server: FakeFtpServer;
let link: PushLink;
let desk: PushDesk;
beforeEach(async () => {
  place = temporaryFolder();
  server = new FakeFtpServer();
  const secret = join(place.folder, 'secret');
  writeFileSync(secret, 'a word of the shop\n', { mode: 0o600 });
  desk = new PushDesk({ secret, answerMs: 1_000 });
  link = {
    ...{ kind: 'ftp', host: '127.0.0.1', port: await server.listen(), user: 'cnc', folder: '/programs', tls: 'none' },
    ...{ secret: 'mazak-1', onRelease: false },
  };
});
afterEach(async () => {
  await desk.pushes.close();
  await server.close();
  place.remove();
});

test('an honest server gets the program, by its temporary name first', async () => {
  expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
  expect(server.files.get('O4471.NC')?.toString()).toBe(program);
  expect(server.commands).toEqual(expect.arrayContaining([`STOR ${partName}`, `RNFR ${partName}`, 'RNTO O4471.NC']));
  expect(server.commands).not.toContain('STOR O4471.NC');
});

test('a server that wants the data sent to another computer gets nothing, and that is for a person to look at', async () => {
  server.pasvHost = '10,20,7,99';
  const refused = { outcome: 'failed', code: 'unauthenticated', again: false };
  expect(await desk.put(link)).toMatchObject(refused);
  expect(desk.shelf.opened).toEqual([]);
});

test('names that lead out of the folder are not believed, whatever they are said to hold', async () => {
  server.listed = ['../O4471.NC', '..', '/etc/passwd', 'a/b.nc', 'C:\\AUTOEXEC.BAT', 'O9.NC'];
  expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
  const { machine } = desk.order(link);
  const { listed } = await desk.pushes.survey({ machine, link, names: ['O4471.NC'] });
  expect(listed.sort()).toEqual(['O4471.NC', 'O9.NC']);
});

test.each(['452 The disk is full.', '552 The disk is full.'])(
  'a server that answers %s is tried again later',
  async (stored) => {
    server.stored = stored;
    expect(await desk.put(link)).toMatchObject({ outcome: 'failed', code: 'not-delivered', again: true });
    expect([...server.files.keys()]).toEqual([]);
    expect(desk.shelf.ends).toMatchObject([{ complete: false }]);
  },
);

test('a server that keeps other bytes than it was sent is found out before the program has its name', async () => {
  const set = server.files.set.bind(server.files);
  server.files.set = (name, bytes) => set(name, Buffer.from(bytes.toString('latin1').replace('X1.', 'X2.'), 'latin1'));
  expect(await desk.put(link)).toMatchObject({ outcome: 'failed', code: 'bytes-differ' });
  expect([...server.files.keys()]).toEqual([]);
});
