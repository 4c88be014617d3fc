import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PushLink } from '../../src/domain/machine-links.ts';
import { onPath } from '../debian-packages.ts';
import { bytesOf, PushDesk, program, type Served, startVsftpd } from '../helpers/push-places.ts';
import { run } from '../helpers/sftp-openssh.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

type FtpLink = Extract<PushLink, { kind: 'ftp' }>;
const older = program.replace('F20.', 'F18.');
const isThere = onPath('vsftpd') && process.getuid?.() === 0;

async function selfSigned(folder: string, name: string) {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ['-subj', '/CN=cnc', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...subject];
  await run('openssl', [...made, '-keyout', key, '-out', certificate]);
  return { certificate, key };
}

describe.skipIf(!isThere).each(['none', 'explicit'] as const)('a push to vsftpd, TLS %s', (tls) => {
  const place = temporaryFolder();
  const root = join(place.folder, 'root');
  const folder = join(root, 'programs');
  let server: Served;
  let pem: { certificate: string; key: string };
  let desk: PushDesk;

  beforeAll(async () => {
    pem = await selfSigned(place.folder, 'cnc');
    mkdirSync(root);
    writeFileSync(join(place.folder, 'secret'), 'guest\n', { mode: 0o600 });
    server = await startVsftpd(root, tls === 'none' ? undefined : pem);
  });
  afterAll(async () => {
    await server.stop();
    place.remove();
  });
  beforeEach(async () => {
    desk = new PushDesk({ secret: join(place.folder, 'secret'), answerMs: 3_000 });
    await run('find', [folder, '-type', 'f', '-delete']);
  });
  afterEach(() => desk.pushes.close());

  const link = (over: Partial<FtpLink> = {}): PushLink => ({
    ...{ kind: 'ftp', host: '127.0.0.1', port: server.port, user: 'anonymous', folder: '/programs', tls },
    ...{ secret: 'mazak-1', onRelease: false },
    ...(tls === 'none' ? {} : { certificate: readFileSync(pem.certificate, 'utf8') }),
    ...over,
  });
  const names = () => readdirSync(folder).sort();
  const there = () => readFileSync(join(folder, 'O4471.NC'), 'utf8');

  test('leaves the whole program under its name and nothing beside it, and reads it back', async () => {
    const large = `%\n${'G1 X1. Y2. F20.\n'.repeat(40_000)}%\n`;
    expect(await desk.put(link(), large)).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(large);
    expect(desk.shelf.ends).toMatchObject([{ complete: true, bytes: large.length, proof: 'read-back' }]);
    expect([...desk.shelf.channels]).toEqual([tls === 'none' ? 'ftp-push' : 'ftps-push']);
  });

  test('takes the place of what was delivered before, and of nothing else', async () => {
    expect(await desk.put(link(), older)).toMatchObject({ outcome: 'delivered' });
    expect(await desk.put(link())).toMatchObject({ outcome: 'failed', code: 'conflict', again: false });
    expect(there()).toBe(older);
    expect(await desk.put(link(), program, { replaces: [bytesOf(older)] })).toMatchObject({ outcome: 'delivered' });
    expect(names()).toEqual(['O4471.NC']);
    expect(there()).toBe(program);
  });

  test('reads back what is there, and takes away what is ours', async () => {
    await desk.put(link());
    const { machine } = desk.order(link());
    const survey = await desk.pushes.survey({ machine, link: link(), names: ['O4471.NC'] });
    expect(survey).toEqual({ listed: ['O4471.NC'], verdicts: [{ name: 'O4471.NC', verdict: 'identical' }] });
    expect(desk.returns.content().toString()).toBe(program);
    expect(await desk.pushes.remove({ machine, link: link(), name: 'O4471.NC', only: [bytesOf(program)] })).toBe(true);
    expect(names()).toEqual([]);
  });

  test.skipIf(tls === 'none')('sends no password to a server that shows another certificate', async () => {
    const other = await selfSigned(place.folder, 'other');
    const changed = link({ certificate: readFileSync(other.certificate, 'utf8') });
    expect(await desk.put(changed)).toMatchObject({ outcome: 'failed', code: 'unauthenticated', again: false });
    expect(desk.shelf.opened).toEqual([]);
  });

  test.skipIf(tls === 'none')('trusts what the pinned authority issued for this host', async () => {
    const { certificate: _, ...rest } = link() as FtpLink;
    const by = { ...rest, authority: readFileSync(pem.certificate, 'utf8') };
    expect(await desk.put(by)).toMatchObject({ outcome: 'delivered' });
    const elsewhere = { ...by, host: 'localhost' };
    expect(await desk.put(elsewhere)).toMatchObject({ outcome: 'failed', code: 'unauthenticated' });
  });
});
