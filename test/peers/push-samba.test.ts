import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushLink } from '../../src/domain/machine-links.ts';
import { onPath } from '../debian-packages.ts';
import { freePort, PushDesk, program, type Served, serving } from '../helpers/push-places.ts';
import { run } from '../helpers/sftp-openssh.ts';
import { temporaryFolder } from '../helpers/test-keys.ts';

const isThere = onPath('smbd') && onPath('smbclient') && process.getuid?.() === 0;

describe.skipIf(!isThere)('a folder that a control reads over Samba', () => {
  const place = temporaryFolder();
  const share = join(place.folder, 'share');
  let server: Served;

  beforeAll(async () => {
    for (const name of ['share', 'state']) mkdirSync(join(place.folder, name));
    const state = join(place.folder, 'state');
    const port = await freePort();
    const config = join(place.folder, 'smb.conf');
    const folders = ['lock', 'state', 'cache', 'pid', 'private'].map((what) =>
      what === 'private' ? `private dir = ${state}` : `${what} directory = ${state}`,
    );
    const global = [
      ...['[global]', `smb ports = ${port}`, 'interfaces = lo', 'bind interfaces only = yes', 'disable netbios = yes'],
      ...[
        'map to guest = Bad User',
        'guest account = root',
        'load printers = no',
        'server role = standalone',
        ...folders,
      ],
      `ncalrpc dir = ${state}/ncalrpc`,
      ...['[cnc]', `path = ${share}`, 'guest ok = yes', 'read only = yes', 'hide dot files = yes'],
    ];
    writeFileSync(config, `${global.join('\n')}\n`);
    // In a process group of its own: it ends all of its group with it.
    const child = spawn('smbd', ['--foreground', '-s', config, '-l', state], { stdio: 'ignore' });
    server = await serving(child, port, 'smbd');
  });
  afterAll(async () => {
    await server.stop();
    place.remove();
  });

  const smb = (...commands: string[]) =>
    run('smbclient', ['//127.0.0.1/cnc', '-N', '-p', String(server.port), '-c', commands.join('; ')]);

  test('holds the released program, byte for byte, and nothing beside it', async () => {
    const desk = new PushDesk({ folders: [place.folder] });
    const link: PushLink = { kind: 'folder', folder: share, share: false, onRelease: false };
    expect(await desk.put(link)).toMatchObject({ outcome: 'delivered' });
    const got = join(place.folder, 'got.nc');
    const { out, code } = await smb('ls', `get O4471.NC ${got}`);
    expect(code).toBe(0);
    expect(out.split('\n').filter((line) => /\.NC|\.part/.test(line))).toHaveLength(1);
    expect((await run('cat', [got])).out).toBe(program);
  });
});
