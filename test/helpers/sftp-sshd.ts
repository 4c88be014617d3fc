import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from './sftp-test-door.ts';

const places = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'];

/** OpenSSH's server, where it is installed; KEYWAY_SSHD names it elsewhere. sshd wants to be called by its whole path. */
export const findSshd = (): string | undefined =>
  [process.env.KEYWAY_SSHD, ...places].find((path) => path !== undefined && existsSync(path));

export const sshdVersion = (sshd: string): string => {
  const { stderr } = spawnSync(sshd, ['-V'], { encoding: 'utf8' });
  return /OpenSSH_\S+/.exec(stderr)?.[0].replace(/[,_]/g, ' ').trim() ?? 'OpenSSH';
};

export type Sshd = { port: number; user: string; pid: number; stop(): Promise<void> };

/**
 * An sshd of our own on loopback that serves this account's files by its internal-sftp. Rejects with what it said when
 * it does not start: as root it wants the account `sshd` and `/run/sshd`.
 */
export async function startSshd(sshd: string, folder: string, keys: { host: KeyPair; user: KeyPair }): Promise<Sshd> {
  const port = await freePort();
  const hostKey = join(folder, 'sshd_host_key');
  writeFileSync(hostKey, keys.host.private, { mode: 0o600 });
  const authorised = join(folder, 'sshd_authorized_keys');
  writeFileSync(authorised, `${keys.user.public}\n`, { mode: 0o600 });
  const config = join(folder, 'sshd_config');
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorised}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'MaxStartups 200',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(config, `${[...lines, 'PerSourcePenalties no'].join('\n')}\n`);
  // Known from OpenSSH 9.8 on.
  if (spawnSync(sshd, ['-t', '-f', config]).status !== 0) writeFileSync(config, `${lines.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  return { port, user: userInfo().username, pid: child.pid ?? 0, stop: () => stop(child) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function listening(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (text) => {
      said += text;
      if (said.includes('Server listening')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`sshd did not start: ${said.trim()}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
