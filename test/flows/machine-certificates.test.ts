import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';
import { OpenSshHome, openSshVersion, run } from '../helpers/sftp-openssh.ts';
import { makeKey } from '../helpers/sftp-test-door.ts';
import { SshAuthority } from '../helpers/ssh-authority.ts';
import { rewriteTrust } from '../helpers/test-keys.ts';

const floor = new Floor();
const key = makeKey();
const program = simpleProgram(4711);
let home: OpenSshHome;
let authority: SshAuthority;

/** A gateway whose trust root names the authority for machines, with two processes at the SFTP door. */
describe.skipIf(openSshVersion() === undefined)('machines with certificates', () => {
  beforeAll(async () => {
    home = new OpenSshHome();
    authority = new SshAuthority();
    writeFileSync(floor.stage.configFile, 'data: data\n');
    await floor.done('init');
    rewriteTrust(floor.data(), (root) => {
      const certificate = authority.certificate.toString();
      root.authorities.push({ name: 'Machines', certificate, for: ['machines'], from: root.created });
    });
    floor.served = await floor.stage.start('sftp: { port: 0, processes: 2 }\n');
    await floor.crew();
    const may = ['--group', 'HAAS-VF', '--jurisdiction', 'none', '--cell', 'C3', '--country', 'US'];
    await floor.done('machine', 'add', 'MILL-1', ...may, '--ssh-certificates', 'yes');
    floor.drop('JOB.keyway.json', floor.sidecar('JOB', 'O4711.NC'), { 'O4711.NC': program });
    await floor.release(await floor.admitted('JOB'));
  });
  afterAll(async () => {
    await floor.close();
    authority.remove();
    home.remove();
  });

  const pull = async (keyFile: string, machine = 'MILL-1') => {
    const target = `${machine}@127.0.0.1`;
    const args = [...home.options(floor.served.sftp.port, keyFile), '-b', '-', target];
    const { code } = await run('sftp', args, { input: `get /current/O4711.NC ${home.path('got.nc')}\n` });
    return code === 0 ? readFileSync(home.path('got.nc'), 'utf8') : 'refused';
  };

  it('pull what is released to them, and nobody does by the certificate of another', async () => {
    expect(await pull(authority.certify(key))).toBe(program);
    expect(await pull(authority.certify(key, { principals: ['HAAS-VF-07'] }))).toBe('refused');
    expect(await pull(authority.certify(key, { principals: ['HAAS-VF-07'] }), 'HAAS-VF-07')).toBe('refused');
    expect(await pull(authority.certify(key, { options: ['source-address=10.0.0.0/8'] }))).toBe('refused');
  });

  it('go on pulling while one of the processes at the door is gone', async () => {
    const [first = 0, ...others] = floor.served.pids.sftp;
    expect(others).toHaveLength(1);
    process.kill(first, 'SIGKILL');
    const keyFile = authority.certify(key);
    await until('a pull', async () => ((await pull(keyFile)) === program ? true : undefined));
  });

  it('stay outside once one administrator has revoked a certificate, or the key of all', async () => {
    await floor.done('machine', 'key-revoke', 'MILL-1', '--certificate-serial', '12', '--reason', 'Control replaced.');
    expect(await pull(authority.certify(key, { serial: 12 }))).toBe('refused');
    expect(await pull(authority.certify(key, { serial: 13 }))).toBe(program);
    const { out } = await run('ssh-keygen', ['-l', '-f', authority.certify(key)]);
    const fingerprint = out.split(' ')[1] ?? '';
    await floor.done('machine', 'key-revoke', 'MILL-1', '--fingerprint', fingerprint, '--reason', 'Key lost.');
    expect(await pull(authority.certify(key, { serial: 13 }))).toBe('refused');
    const again = await floor.refused('machine', 'key-revoke', 'MILL-1', '--fingerprint', fingerprint);
    expect(again.code).toBe('conflict');
  });
});
