import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { seededBytes } from '../helpers/seeded.ts';
import { OpenSshHome, type Ran, run } from '../helpers/sftp-openssh.ts';
import { openTestDoor, type TestDoor, until } from '../helpers/sftp-test-door.ts';

const program = Buffer.from(seededBytes(5)(700_000));
const half = 300_000;
const policy = fileURLToPath(new URL('../vectors/ssh/ssh-audit-policy.txt', import.meta.url));
let home: OpenSshHome;
let door: TestDoor;
let keyFile: string;

beforeAll(async () => {
  home = new OpenSshHome();
  door = await openTestDoor();
  keyFile = home.writeKey(door.key);
  writeFileSync(`${keyFile}.pub`, `${door.key.public}\n`);
  door.shelf.put(door.machine, 'current/O4471.NC', program);
  door.shelf.put(door.machine, 'current/O4472.NC', 'M30\r\n');
  writeFileSync(home.path('back.nc'), program);
  // Clients look what became of what they sent; the core would show it there.
  door.shelf.put(door.machine, 'from-machine/back.nc', program);
  if (onPath('puttygen')) await run('puttygen', [keyFile, '-o', home.path('key.ppk')]);
});
afterAll(async () => {
  await door.server.close();
  home.remove();
});

/** What another program of this trade does, each in its own words. All run in the folder of the machine. */
type Client = {
  name: string;
  isThere: boolean;
  list(): Promise<Ran>;
  get(to: string): Promise<Ran>;
  /** Goes on behind what is in `to` already. */
  resume(to: string): Promise<Ran>;
  sendBack(): Promise<Ran>;
};

const here = (name: string, args: string[]) => run(name, args, { cwd: home.folder });

const psftp = (...lines: string[]) => {
  writeFileSync(home.path('batch'), `${lines.join('\n')}\n`);
  const key = ['-i', 'key.ppk', '-hostkey', door.hostKey.public.split(' ')[1] ?? ''];
  return here('psftp', ['-P', String(door.port), ...key, '-batch', '-b', 'batch', 'MILL-1@127.0.0.1']);
};

const rcloneArgs = (...args: string[]): string[] => {
  const remote = { host: '127.0.0.1', port: String(door.port), user: 'MILL-1', 'key-file': keyFile };
  const options = Object.entries(remote).flatMap(([name, value]) => [`--sftp-${name}`, value]);
  return ['--config', '/dev/null', '--sftp-shell-type', 'none', '--retries', '1', ...options, ...args];
};
const rclone = (...args: string[]) => here('rclone', rcloneArgs(...args));

const paramiko = (...lines: string[]) => {
  const login = [
    'import paramiko',
    `transport = paramiko.Transport(('127.0.0.1', ${door.port}))`,
    `transport.connect(username='MILL-1', pkey=paramiko.Ed25519Key.from_private_key_file(${JSON.stringify(keyFile)}))`,
    'sftp = paramiko.SFTPClient.from_transport(transport)',
  ];
  return here('/usr/bin/python3', ['-c', [...login, ...lines, 'transport.close()'].join('\n')]);
};

const lftp = (commands: string) => {
  const ssh = ['ssh', '-a', '-x', ...home.options(door.port, keyFile)].join(' ');
  const set = `set sftp:connect-program "${ssh}"; set net:max-retries 1; set net:timeout 10; set cmd:fail-exit true`;
  return here('lftp', ['--norc', '-c', `${set}; open -u MILL-1,x sftp://127.0.0.1:${door.port}; ${commands}`]);
};

const curl = (...args: string[]) =>
  here('curl', [
    '-sS',
    '--insecure',
    '--max-time',
    '20',
    '-u',
    'MILL-1:',
    '--key',
    keyFile,
    '--pubkey',
    `${keyFile}.pub`,
    ...args,
  ]);
const url = (path: string) => `sftp://127.0.0.1:${door.port}${path}`;

const clients: Client[] = [
  {
    name: "PuTTY's psftp",
    isThere: onPath('psftp'),
    list: () => psftp('ls /current'),
    get: (to) => psftp(`get /current/O4471.NC ${to}`),
    resume: (to) => psftp(`reget /current/O4471.NC ${to}`),
    sendBack: () => psftp('put back.nc /from-machine/back.nc'),
  },
  {
    name: 'rclone',
    isThere: onPath('rclone'),
    list: () => rclone('lsl', ':sftp:/current'),
    get: (to) => rclone('copyto', ':sftp:/current/O4471.NC', to),
    // It reads from where it is told; the shell puts it behind what is there.
    resume: (to) => {
      const args = rcloneArgs('cat', '--offset', String(half), ':sftp:/current/O4471.NC');
      return here('sh', ['-c', 'exec rclone "$@" >> "$0"', to, ...args]);
    },
    sendBack: () => rclone('copyto', '--ignore-times', 'back.nc', ':sftp:/from-machine/back.nc'),
  },
  {
    name: 'paramiko',
    isThere: existsSync('/usr/lib/python3/dist-packages/paramiko/__init__.py'),
    list: () => paramiko("print([(a.filename, a.st_size) for a in sftp.listdir_attr('/current')])"),
    get: (to) => paramiko(`sftp.get('/current/O4471.NC', '${to}')`),
    resume: (to) =>
      paramiko(
        "source = sftp.open('/current/O4471.NC')",
        `source.seek(${half})`,
        `open('${to}', 'ab').write(source.read())`,
        'source.close()',
      ),
    sendBack: () => paramiko("sftp.put('back.nc', '/from-machine/back.nc')"),
  },
  {
    name: 'lftp',
    isThere: onPath('lftp'),
    list: () => lftp('cls -l current'),
    // It closes what it has read when it goes on to something else; had it left, the core would not know that it has all.
    get: (to) => lftp(`get current/O4471.NC -o ${to}; cls current`),
    resume: (to) => lftp(`get -c current/O4471.NC -o ${to}`),
    sendBack: () => lftp('put back.nc -o from-machine/back.nc'),
  },
  {
    name: 'curl',
    isThere: onPath('curl'),
    list: () => curl(url('/current/')),
    get: (to) => curl('-o', to, url('/current/O4471.NC')),
    resume: (to) => curl('-C', '-', '-o', to, url('/current/O4471.NC')),
    sendBack: () => curl('-T', 'back.nc', url('/from-machine/back.nc')),
  },
];

describe.each(clients)('$name', (client) => {
  const judged = it.skipIf(!client.isThere);

  judged('lists what there is', async () => {
    const { code, out } = await client.list();
    expect(code).toBe(0);
    expect(out).toContain('O4471.NC');
    expect(out).toContain('O4472.NC');
  });

  judged('gets exact bytes, and the core hears that all of them went', async () => {
    const before = door.shelf.ends.length;
    rmSync(home.path('got.nc'), { force: true });
    expect(await client.get('got.nc')).toMatchObject({ code: 0 });
    expect(readFileSync(home.path('got.nc')).equals(program)).toBe(true);
    await until(() => door.shelf.ends.length > before, 'the end');
    expect(door.shelf.ends.slice(before)).toMatchObject([{ bytes: program.length, complete: true }]);
  });

  judged('goes on behind what it has', async () => {
    writeFileSync(home.path('half.nc'), program.subarray(0, half));
    expect(await client.resume('half.nc')).toMatchObject({ code: 0 });
    expect(readFileSync(home.path('half.nc')).equals(program)).toBe(true);
  });

  judged('sends a program back', async () => {
    const before = door.returns.ends.length;
    expect(await client.sendBack()).toMatchObject({ code: 0 });
    expect(door.returns.ends.slice(before)).toMatchObject([{ bytes: program.length, complete: true }]);
    expect(door.returns.accepted.at(-1)?.name).toBe('back.nc');
    expect(door.returns.content(door.returns.accepted.length - 1).equals(program)).toBe(true);
  });
});

describe.skipIf(!onPath('ssh-audit'))('ssh-audit', () => {
  it('finds on offer what the policy names, and nothing else', async () => {
    const { code, out } = await run('ssh-audit', ['-n', '-P', policy, '-p', String(door.port), '127.0.0.1']);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('Passed') });
  });
});
