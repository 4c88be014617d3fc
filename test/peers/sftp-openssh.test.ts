import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenSshHome, openSshVersion, run } from '../helpers/sftp-openssh.ts';
import { makeKey, openTestDoor, type TestDoor, until } from '../helpers/sftp-test-door.ts';
import { certificateIn, SshAuthority } from '../helpers/ssh-authority.ts';

const version = openSshVersion();
if (version === undefined && !process.env.CI) console.warn("OpenSSH's client is not installed: its tests are skipped.");

it.runIf(process.env.CI)("OpenSSH's client is there to judge the door", () => {
  expect(version).toBeDefined();
});

describe.skipIf(version === undefined)("OpenSSH's own client", () => {
  let door: TestDoor;
  let home: OpenSshHome;
  let keyFile: string;
  beforeEach(async () => {
    door = await openTestDoor();
    home = new OpenSshHome();
    keyFile = home.writeKey(door.key);
  });
  afterEach(async () => {
    await door.server.close();
    home.remove();
  });

  const sftp = (batch: string[], options: string[] = [], args: string[] = []) =>
    run('sftp', [...home.options(door.port, keyFile, options), ...args, '-b', '-', 'MILL-1@127.0.0.1'], {
      input: `${batch.join('\n')}\n`,
      cwd: home.folder,
    });
  const put = (path: string, content: Buffer) => door.shelf.put(door.machine, path, content);
  const local = (name: string) => readFileSync(home.path(name));

  it('lists, walks the folders and leaves without hanging', async () => {
    put('4711/A/op10.nc', Buffer.from('%\nO4711\n%\n'));
    put('4711/Gehäuse.txt', Buffer.from('x'));
    const { code, out, err } = await sftp([
      'ls -l',
      'cd 4711/A',
      'pwd',
      'ls -la',
      'cd ..',
      'cd ../..',
      'pwd',
      'ls -1 4711',
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/dr-xr-xr-x .* 4711/);
    expect(out).toMatch(/-r--r--r-- +1 keyway +keyway +10 Mar +1 06:30 .*op10\.nc/);
    expect(out).toContain('Remote working directory: /4711/A');
    expect(out).toContain('Remote working directory: /\n');
    expect(out).toContain('4711/Gehäuse.txt');
  });

  it('gets exact bytes of small, empty and large files', async () => {
    const large = put('large.nc', randomBytes(5_000_003));
    put('empty.nc', Buffer.alloc(0));
    const small = put('small.nc', Buffer.from('%\r\nO1\r\n%'));
    expect((await sftp(['get large.nc', 'get empty.nc', 'get small.nc'])).code).toBe(0);
    expect([local('large.nc').equals(large), local('empty.nc').length, local('small.nc').equals(small)]).toEqual([
      true,
      0,
      true,
    ]);
    await until(() => door.shelf.ends.length === 3, 'three ends');
    expect(door.shelf.ends.every((end) => end.complete)).toBe(true);
  });

  it.each([
    ['reads of 256 KiB', [], ['-B', '262144']],
    ['reads of 1 kB', [], ['-B', '1000']],
    ['256 reads at a time', [], ['-R', '256']],
    ['aes128-ctr and hmac-sha2-512', ['Ciphers=aes128-ctr', 'MACs=hmac-sha2-512'], []],
    ['ecdh-sha2-nistp384', ['KexAlgorithms=ecdh-sha2-nistp384'], []],
    ['diffie-hellman-group16-sha512', ['KexAlgorithms=diffie-hellman-group16-sha512'], []],
  ])('gets exact bytes with %s', async (_what, options, args) => {
    const content = put('a.nc', randomBytes(6_000_001));
    const { code, err } = await sftp(['get a.nc'], options, args);
    expect({ code, err, same: local('a.nc').equals(content) }).toEqual({ code: 0, err: '', same: true });
    await until(() => door.shelf.ends.length === 1, 'the end');
    expect(door.shelf.ends).toMatchObject([{ bytes: 6_000_001, complete: true }]);
  });

  it('gets exact bytes while the keys are changed under the transfer', async () => {
    const content = put('a.nc', randomBytes(6_000_001));
    const { code, err } = await sftp(['get a.nc'], ['RekeyLimit=1M']);
    expect({ code, err, same: local('a.nc').equals(content) }).toEqual({ code: 0, err: '', same: true });
    expect(door.lines.filter((line) => line.msg === 'keys changed').length).toBeGreaterThan(2);
  });

  it.each([
    ['both sides', ['RekeyLimit=2M'], { rekeyBytes: 2_500_000, rekeyLookMs: 1 }],
    ['the door after so many bytes', [], { rekeyBytes: 2_500_000, rekeyLookMs: 1 }],
    ['the door after so long', [], { rekeyMs: 60, rekeyLookMs: 5 }],
  ])('gets and sends exact bytes while %s ask for new keys', async (_who, options, bounds) => {
    const eager = await openTestDoor({ bounds });
    eager.shelf.register('MILL-1', door.key.public);
    const content = eager.shelf.put(eager.machine, 'a.nc', randomBytes(8_000_001));
    const changed = () => eager.lines.filter((line) => line.msg === 'keys changed').length;
    const target = [...home.options(eager.port, keyFile, options), '-b', '-', 'MILL-1@127.0.0.1'];
    const { code, err } = await run('sftp', target, { input: 'get a.nc\n', cwd: home.folder });
    expect({ code, err, same: local('a.nc').equals(content) }).toEqual({ code: 0, err: '', same: true });
    const pulled = changed();
    expect(pulled).toBeGreaterThan(0);
    const sent = await run('sftp', target, { input: 'put a.nc /from-machine/a.nc\n', cwd: home.folder });
    expect({ code: sent.code, err: sent.err }).toEqual({ code: 0, err: '' });
    expect(eager.returns.content().equals(content)).toBe(true);
    expect(changed()).toBeGreaterThan(pulled);
    expect(eager.shelf.ends).toMatchObject([{ complete: true }]);
    await eager.server.close();
  });

  it('gets a folder with all that is in it', async () => {
    for (let i = 0; i < 200; i++) put(`many/O${1000 + i}.nc`, Buffer.from(`O${1000 + i}\n`));
    expect((await sftp(['get -r many'])).code).toBe(0);
    expect(readdirSync(home.path('many'))).toHaveLength(200);
    expect(String(local('many/O1199.nc'))).toBe('O1199\n');
  });

  it('takes up a broken transfer where it stopped; the rest alone is no complete delivery', async () => {
    const content = put('a.nc', randomBytes(1_000_000));
    writeFileSync(home.path('a.nc'), content.subarray(0, 400_000));
    expect((await sftp(['reget a.nc'])).code).toBe(0);
    expect(local('a.nc').equals(content)).toBe(true);
    await until(() => door.shelf.ends.length === 1, 'the end');
    expect(door.shelf.ends).toMatchObject([{ bytes: 600_000, complete: false }]);
  });

  it('copies with scp', async () => {
    const content = put('4711/a.nc', randomBytes(300_000));
    const options = home.options(door.port, keyFile);
    const { code, err } = await run('scp', [...options, '-s', 'MILL-1@127.0.0.1:4711/a.nc', home.path('b.nc')]);
    expect({ code, err, same: local('b.nc').equals(content) }).toEqual({ code: 0, err: '', same: true });
  });

  it('is told what does not exist and what it may not do', async () => {
    put('a.nc', Buffer.from('abc'));
    writeFileSync(home.path('up.nc'), 'G1 X999.');
    const told = async (line: string) => (await sftp([line])).err;
    expect(await told('get nothing.nc')).toContain('not found');
    expect(await told('put up.nc')).toContain('Permission denied');
    expect(await told('put up.nc a.nc')).toContain('Permission denied');
    expect(await told('rm a.nc')).toContain('Permission denied');
    expect(await told('rename a.nc b.nc')).toContain('Permission denied');
    expect(await told('mkdir x')).toContain('Permission denied');
    expect(await told('chmod 777 a.nc')).toContain('Permission denied');
    expect((await sftp(['put up.nc'])).code).toBe(1);
  });

  it('sees the file as failed when the stored bytes differ', async () => {
    put('a.nc', randomBytes(400_000));
    door.shelf.tamperedFrom = 200_000;
    const { code, err } = await sftp(['get a.nc']);
    expect(code).toBe(1);
    expect(err).toContain('Failure');
    await until(() => door.shelf.ends.length === 1, 'the end');
    expect(door.shelf.ends).toMatchObject([{ complete: false }]);
  });

  it.each(['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072'] as const)('logs in with %s', async (kind) => {
    const key = makeKey(kind);
    door.shelf.register('MILL-1', key.public);
    keyFile = home.writeKey(key, kind);
    expect(await sftp(['pwd'])).toMatchObject({ code: 0, err: '' });
  });

  it.each(['ed25519', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521', 'rsa-3072'] as const)(
    'logs in with a certificate of an authority for its %s key, and says where it comes from',
    async (kind) => {
      const authority = new SshAuthority();
      keyFile = authority.certify(makeKey(kind));
      door.shelf.register('MILL-1', `${certificateIn(keyFile).toString('base64')} 127.0.0.1`);
      expect(await sftp(['pwd'])).toMatchObject({ code: 0, err: '' });
      authority.remove();
    },
  );

  it('is put out soon after its certificate ended, though nobody changed anything', async () => {
    const watchful = await openTestDoor({ bounds: { certificateReviewMs: 20 } });
    const authority = new SshAuthority();
    const file = authority.certify(makeKey());
    const shown = `${certificateIn(file).toString('base64')} 127.0.0.1`;
    watchful.shelf.register('MILL-1', shown);
    const inside = spawn('ssh', [...home.options(watchful.port, file), '-s', 'MILL-1@127.0.0.1', 'sftp']);
    await until(() => watchful.shelf.identified.filter(({ key }) => key === shown).length >= 5, 'some reviews');
    expect(inside.exitCode).toBeNull();
    const gone = once(inside, 'close');
    watchful.shelf.strike('MILL-1');
    await gone;
    await watchful.server.close();
    authority.remove();
  });

  it('does not log in with a certificate by a SHA-1 signature', async () => {
    const authority = new SshAuthority();
    keyFile = authority.certify(makeKey('rsa-3072'));
    door.shelf.register('MILL-1', `${certificateIn(keyFile).toString('base64')} 127.0.0.1`);
    const { err } = await sftp(['pwd'], ['PubkeyAcceptedAlgorithms=ssh-rsa-cert-v01@openssh.com']);
    expect(err).toContain('Permission denied (publickey)');
    authority.remove();
  });

  it('does not log in with a SHA-1 signature', async () => {
    const key = makeKey('rsa-3072');
    door.shelf.register('MILL-1', key.public);
    keyFile = home.writeKey(key, 'rsa');
    const { code, err } = await sftp(['pwd'], ['PubkeyAcceptedAlgorithms=ssh-rsa']);
    expect(code).not.toBe(0);
    expect(err).toContain('Permission denied (publickey)');
  });

  it.each([
    'KexAlgorithms=diffie-hellman-group14-sha1',
    'KexAlgorithms=diffie-hellman-group1-sha1',
    'HostKeyAlgorithms=ssh-rsa',
    'Ciphers=3des-cbc',
    'Ciphers=aes256-cbc',
    'Ciphers=chacha20-poly1305@openssh.com',
  ])('agrees on nothing with %s', async (option) => {
    const { code, err } = await sftp(['pwd'], ['LogLevel=INFO', option]);
    expect(code).not.toBe(0);
    expect(err).toContain('no matching');
  });

  it('gets no shell and no command', async () => {
    const target = [...home.options(door.port, keyFile), 'MILL-1@127.0.0.1'];
    const command = await run('ssh', [...target, 'id']);
    expect(command).toMatchObject({ out: '' });
    expect(command.code).not.toBe(0);
    const shell = await run('ssh', target);
    expect(shell).toMatchObject({ out: '' });
    expect(shell.code).not.toBe(0);
  });
});
