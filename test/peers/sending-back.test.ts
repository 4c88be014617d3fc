import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onPath } from '../debian-packages.ts';
import { type FtpTestDoor, ftpAuthority, machinePassword, openFtpDoor } from '../helpers/ftp-test-door.ts';
import { OpenSshHome, openSshVersion, run } from '../helpers/sftp-openssh.ts';
import { openTestDoor, type TestDoor } from '../helpers/sftp-test-door.ts';

/** Beyond one packet, one SSH window and one piece of any client. */
const program = Buffer.from(`%\nO4471\n${'G1 X1.234 Y5.678 F20.\r\n'.repeat(150_000)}M30\n%\n`);
let home: OpenSshHome;
let ssh: TestDoor;
let ftp: FtpTestDoor;
beforeAll(async () => {
  home = new OpenSshHome();
  writeFileSync(home.path('O4471.NC'), program);
  writeFileSync(home.path('ca.pem'), ftpAuthority);
  [ssh, ftp] = [await openTestDoor(), await openFtpDoor()];
  // Clients look for the folder first.
  ssh.shelf.put(ssh.machine, 'from-machine/before.nc', 'G1');
  ftp.shelf.put(ftp.machine, 'from-machine/before.nc', 'G1');
});
afterAll(async () => {
  await Promise.all([ssh.server.close(), ftp.server.close()]);
  home.remove();
});

const last = ({ returns }: TestDoor | FtpTestDoor) => ({
  ...returns.ends.at(-1),
  whole: returns.content(returns.accepted.length - 1).equals(program),
  name: returns.accepted.at(-1)?.name,
});
const whole = { bytes: program.length, complete: true, whole: true, name: 'O4471.NC' };
const keyed = () => home.options(ssh.port, home.writeKey(ssh.key));
const url = (path: string) => `ftp://localhost:${ftp.port}${path}`;

describe.skipIf(openSshVersion() === undefined)("OpenSSH's clients send a program back", () => {
  it('by sftp put, with its times', async () => {
    const input = 'put -p O4471.NC /from-machine/\n';
    const ran = await run('sftp', [...keyed(), '-b', '-', 'MILL-1@127.0.0.1'], { input, cwd: home.folder });
    expect({ ...ran, sent: last(ssh) }).toMatchObject({ code: 0, sent: whole });
  });

  it('by sftp in small pieces and few at a time', async () => {
    const input = 'put O4471.NC /from-machine/O4471.NC\n';
    const args = [...keyed(), '-B', '4096', '-R', '3', '-b', '-', 'MILL-1@127.0.0.1'];
    expect(await run('sftp', args, { input, cwd: home.folder })).toMatchObject({ code: 0 });
    expect(last(ssh)).toMatchObject(whole);
  });

  it('by scp', async () => {
    const args = [...keyed(), '-s', home.path('O4471.NC'), 'MILL-1@127.0.0.1:/from-machine/'];
    expect(await run('scp', args)).toMatchObject({ code: 0 });
    expect(last(ssh)).toMatchObject(whole);
  });

  it('and is told when it may not', async () => {
    const input = 'put O4471.NC /current/O4471.NC\n';
    const ran = await run('sftp', [...keyed(), '-b', '-', 'MILL-1@127.0.0.1'], { input, cwd: home.folder });
    expect(ran.code).not.toBe(0);
    expect(ran.err).toMatch(/denied/i);
  });
});

describe.skipIf(!onPath('curl'))('curl sends a program back', () => {
  it.each([
    ['in clear text', []],
    ['over TLS', ['--ssl-reqd', '--cacert', 'ca.pem']],
  ])('%s', async (_how, more) => {
    const args = ['-sS4', '-u', `MILL-1:${machinePassword}`, ...more, '-T', 'O4471.NC', url('/from-machine/')];
    expect(await run('curl', args, { cwd: home.folder })).toMatchObject({ code: 0 });
    expect(last(ftp)).toMatchObject(whole);
  });
});

describe.skipIf(!onPath('lftp'))('lftp sends a program back', () => {
  it('by put, over TLS', async () => {
    const commands = [
      'set ftp:ssl-force yes; set ssl:ca-file ca.pem; set net:max-retries 1; set net:timeout 10; set cmd:fail-exit yes',
      `open -u MILL-1,"${machinePassword}" ${url('/')}`,
      'cd from-machine; put O4471.NC',
      'quit',
    ];
    const ran = await run('lftp', ['-c', commands.join('; ')], { cwd: home.folder });
    expect({ ...ran, sent: last(ftp) }).toMatchObject({ code: 0, sent: whole });
  });
});
