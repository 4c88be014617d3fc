import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { type FtpTestDoor, ftpAuthority, machinePassword, openFtpDoor } from '../helpers/ftp-test-door.ts';
import { seededBytes } from '../helpers/seeded.ts';
import { run } from '../helpers/sftp-openssh.ts';

let door: FtpTestDoor;
let folder: string;
let authority: string;
const program = Buffer.from(seededBytes(11)(700_000));
beforeEach(async () => {
  door = await openFtpDoor();
  door.shelf.put(door.machine, 'current/O4471.NC', program);
  door.shelf.put(door.machine, 'current/O4472.NC', 'M30\r\n');
  folder = mkdtempSync(join(tmpdir(), 'keyway-ftp-'));
  authority = join(folder, 'ca.pem');
  writeFileSync(authority, ftpAuthority);
});
afterEach(async () => {
  await door.server.close();
  rmSync(folder, { recursive: true, force: true });
});
const got = (name: string) => readFileSync(join(folder, name));

describe.skipIf(!onPath('lftp'))('lftp', () => {
  const lftp = (tls: string, url: string, commands: string) =>
    run('lftp', [
      '--norc',
      '-c',
      `set net:max-retries 1; set net:timeout 10; set cmd:fail-exit true; ${tls} open -u "MILL-1,${machinePassword}" ${url}; lcd ${folder}; ${commands}`,
    ]);
  const overTls = () => `set ssl:ca-file ${authority}; set ftp:ssl-force true; set ftp:ssl-protect-data true;`;

  it.each([
    ['in clear text', () => 'set ftp:ssl-allow false;', () => `ftp://127.0.0.1:${door.port}`],
    ['with explicit TLS', overTls, () => `ftp://127.0.0.1:${door.port}`],
    ['with implicit TLS', overTls, () => `ftps://127.0.0.1:${door.implicitPort}`],
  ])('lists and pulls a whole folder %s', async (_how, tls, url) => {
    const { code, err } = await lftp(tls(), url(), 'mirror current here');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(got('here/O4471.NC').equals(program)).toBe(true);
    expect(got('here/O4472.NC').toString()).toBe('M30\r\n');
  });

  it('goes on with what it has after a break', async () => {
    writeFileSync(join(folder, 'O4471.NC'), program.subarray(0, 300_000));
    const { code } = await lftp('set ftp:ssl-allow false;', `ftp://127.0.0.1:${door.port}`, 'get -c current/O4471.NC');
    expect(code).toBe(0);
    expect(got('O4471.NC').equals(program)).toBe(true);
  });

  it('is told why it may not send a program', async () => {
    writeFileSync(join(folder, 'X.NC'), 'G0');
    const { code, err } = await lftp('set ftp:ssl-allow false;', `ftp://127.0.0.1:${door.port}`, 'put X.NC');
    expect(code).not.toBe(0);
    expect(err).toContain('Machines pull released programs here');
  });
});

describe.skipIf(!onPath('curl'))('curl', () => {
  const curl = (...args: string[]) =>
    run('curl', ['-sS', '--max-time', '20', '-u', `MILL-1:${machinePassword}`, '-o', join(folder, 'out'), ...args]);
  const file = () => `ftp://localhost:${door.port}/current/O4471.NC`;

  it.each([
    ['passive', []],
    ['passive as old controls say it', ['--disable-epsv']],
    ['active', ['-P', '127.0.0.1']],
    ['active as old controls say it', ['-P', '127.0.0.1', '--disable-eprt']],
  ])('pulls with %s data connections', async (_how, args) => {
    expect(await curl('-4', ...args, file())).toMatchObject({ code: 0, err: '' });
    expect(got('out').equals(program)).toBe(true);
  });

  it('pulls over TLS and holds the door to its certificate', async () => {
    expect(await curl('-4', '--ssl-reqd', '--cacert', authority, file())).toMatchObject({ code: 0, err: '' });
    expect(got('out').equals(program)).toBe(true);
    expect((await curl('-4', '--ssl-reqd', file())).code).not.toBe(0);
  });

  it('is refused with a password that is not the machine’s', async () => {
    const { code } = await run('curl', ['-sS', '-u', 'MILL-1:guess', file()]);
    expect(code).toBe(67);
  });
});
