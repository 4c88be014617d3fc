import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from './sftp-test-door.ts';

/** The version line of OpenSSH's client, or undefined where it is not installed. */
export function openSshVersion(): string | undefined {
  const { stderr, status } = spawnSync('ssh', ['-V'], { encoding: 'utf8' });
  const hasSftp = spawnSync('sftp', ['-?']).error === undefined;
  return status === 0 && hasSftp ? stderr.trim() : undefined;
}

export type Ran = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string };

/** Runs a program to its end; killed after `timeoutMs`, which then shows as its signal. */
export function run(
  program: string,
  args: readonly string[],
  options: { input?: string; cwd?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  // In a plain C locale OpenSSH prints every letter beyond ASCII as an escape.
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const spawnOptions: SpawnOptions = { stdio: 'pipe', timeout: options.timeoutMs ?? 30_000, env };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
  const child = spawn(program, args, spawnOptions);
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout?.on('data', (bytes) => {
      out += bytes;
    });
    child.stderr?.on('data', (bytes) => {
      err += bytes;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** A folder of its own for OpenSSH's client: the machine's key and what it downloads. */
export class OpenSshHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'keyway-openssh-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  writeKey(key: KeyPair, name = 'key'): string {
    writeFileSync(this.path(name), key.private, { mode: 0o600 });
    return this.path(name);
  }

  /** The first word on an option counts, so `extra` goes before. Nothing of the account is read or written. */
  options(port: number, keyFile: string, extra: readonly string[] = []): string[] {
    const fixed = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'GlobalKnownHostsFile=/dev/null',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'BatchMode=yes',
      'LogLevel=ERROR',
      `IdentityFile=${keyFile}`,
      `Port=${port}`,
    ];
    return ['-F', '/dev/null', ...[...extra, ...fixed].flatMap((option) => ['-o', option])];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
