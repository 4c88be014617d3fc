import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PushLink } from '../../../src/domain/machine-links.ts';
import { FakeSftpServer } from '../../helpers/fake-sftp-server.ts';
import { PushDesk, program } from '../../helpers/push-places.ts';
import { temporaryFolder } from '../../helpers/test-keys.ts';

let place: ReturnType<typeof temporaryFolder>;
let server: FakeSftpServer;
let desk: PushDesk;
let link: PushLink;
beforeEach(async () => {
  place = temporaryFolder();
  server = new FakeSftpServer();
  const secret = join(place.folder, 'secret');
  writeFileSync(secret, 'a word of the shop\n', { mode: 0o600 });
  desk = new PushDesk({ secret, answerMs: 5_000 });
  link = {
    ...{ kind: 'sftp', host: '127.0.0.1', port: await server.listen(), user: 'cnc', folder: '/programs' },
    ...{ secret: 'mazak-1', onRelease: false, hostKey: server.hostKey.public },
  };
});
afterEach(async () => {
  await desk.pushes.close();
  await server.close();
  place.remove();
});
const survey = () => desk.pushes.survey({ machine: desk.order(link).machine, link, names: ['O4471.NC'] });

test('an honest server gets the program, and nothing stays beside it', async () => {
  expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
  expect([...server.files].map(([path, bytes]) => [path, bytes.toString()])).toEqual([['/programs/O4471.NC', program]]);
});

const strange: readonly (string | Buffer)[] = [
  ...['../O4471.NC', '..', '.', '', 'a/O4471.NC', '/programs/O4471.NC', 'C:\\O4471.NC', 'O4471.NC\0.txt'],
  ...['O4471.NC\nO9.NC', '\u001b[2JO4471.NC', '\u009b2JO4471.NC', 'O4471\u202eCN.', 'O'.repeat(256)],
  Buffer.from('O4471\xff.NC', 'latin1'),
];

test('names that lead out of the folder, steer a screen or are no text are not believed, whatever they are said to hold', async () => {
  server.listed = [['O9.NC', ...strange].map((name) => Buffer.from(name as string))];
  expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
  expect((await survey()).listed.sort()).toEqual(['O4471.NC', 'O9.NC']);
  expect([...server.files.keys()]).toEqual(['/programs/O4471.NC']);
});

test('a folder that lists a program in another spelling is not written over', async () => {
  server.listed = [[Buffer.from('o4471.nc')]];
  expect(await desk.put(link)).toMatchObject({ outcome: 'failed', code: 'conflict', again: false });
  expect([...server.files.keys()].filter((path) => !path.endsWith('o4471.nc'))).toEqual([]);
});

test.each([
  ['names', Buffer.from('O4471.NC')],
  ['what is no name', Buffer.from('../x')],
])('a folder without end of %s is given up', async (_what, name) => {
  server.listed = [Array.from({ length: 1_000 }, () => name)];
  server.forever = true;
  expect(await desk.put(link)).toMatchObject({ outcome: 'failed', code: 'conflict', again: false });
  expect(server.asked).toBeLessThan(30);
  expect(server.files.size).toBe(0);
});

test('a folder that is listed by answers with nothing in them is given up', async () => {
  server.listed = [[]];
  server.forever = true;
  expect(await desk.put(link)).toMatchObject({ outcome: 'failed', code: 'not-delivered', again: true });
  expect(server.asked).toBeLessThan(6);
  expect(server.files.size).toBe(0);
});
