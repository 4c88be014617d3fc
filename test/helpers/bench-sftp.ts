import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchFile, processorMs, randomFile } from './bench-doors.ts';
import { Floor, simpleProgram } from './floor.ts';
import { OpenSshHome, run as runProgram } from './sftp-openssh.ts';
import { findSshd, sshdVersion, startSshd } from './sftp-sshd.ts';
import { type KeyPair, makeKey } from './sftp-test-door.ts';

export const smallBytes = 200_000;
export const largeBytes = 512 * 1024 * 1024;
const littleBytes = 20_000;
const littleFiles = 50;

/** The same on both servers, so that only the servers differ. */
const pinned = ['Ciphers=aes256-gcm@openssh.com', 'KexAlgorithms=curve25519-sha256@libssh.org'];

type Files = { small: BenchFile; large: BenchFile; little: BenchFile[] };

/** A server that serves the same files to `user`, who logs in by `key`. `pids` are all of its processes. */
export type Served = {
  name: string;
  port: number;
  user: string;
  small: string;
  large: string;
  little: string[];
  up: string;
  pids: readonly number[];
  stop(): Promise<void>;
};

/** Files and the key of a machine, and what is started to serve them. */
export class SftpPlace {
  readonly home = new OpenSshHome();
  readonly key: KeyPair = makeKey();
  readonly #keyFile = this.home.writeKey(this.key);
  readonly #files: Files;

  constructor() {
    this.#files = {
      small: randomFile(this.home, 'small.nc', smallBytes),
      large: randomFile(this.home, 'large.nc', largeBytes),
      little: Array.from({ length: littleFiles }, (_, n) => randomFile(this.home, `little-${n}.nc`, littleBytes)),
    };
  }

  remove(): void {
    this.home.remove();
  }

  get largeFile(): string {
    return this.#files.large.file;
  }

  /** A whole gateway: policy, verification, ledger with fsync and every process are in what is measured. */
  async startGateway(processes = 1): Promise<Served> {
    const floor = await Floor.open(`sftp: { port: 0, processes: ${processes} }\n`);
    await floor.crew();
    const publicKey = join(floor.stage.folder, 'bench.pub');
    writeFileSync(publicKey, this.key.public);
    const may = ['--group', 'BENCH', '--jurisdiction', 'none', '--ssh-key', publicKey];
    await floor.done('machine', 'add', 'BENCH-1', '--cell', 'C1', '--country', 'US', ...may);
    const names = ['small', 'large', ...this.#files.little.map((_, n) => `little-${n}`)].map((name) => `${name}.nc`);
    for (const name of names) copyFileSync(this.home.path(name), join(floor.served.dropFolder, name));
    const files = [{ name: 'O1.NC', role: 'main-program' }, ...names.map((name) => ({ name, role: 'other' }))];
    const sidecar = floor.sidecar('BENCH', 'O1.NC', { machineGroup: 'BENCH', files });
    floor.drop('BENCH.keyway.json', sidecar, { 'O1.NC': simpleProgram(1) });
    await floor.release(await floor.admitted('BENCH'));
    const { core, signer, sftp } = floor.served.pids;
    const at = (name: string) => `/by-part/BENCH/A/10/${name}.nc`;
    return {
      ...{ name: `${processes} door ${processes === 1 ? 'process' : 'processes'}`, user: 'BENCH-1' },
      ...{ port: floor.served.sftp.port, pids: [core, signer, ...sftp], up: '/from-machine/large.nc' },
      ...{ small: at('small'), large: at('large'), little: this.#files.little.map((_, n) => at(`little-${n}`)) },
      stop: () => floor.close(),
    };
  }

  /** OpenSSH's own server; undefined, and a note, where there is none. */
  async startPeer(notes: string[]): Promise<Served | undefined> {
    const sshd = findSshd();
    if (sshd === undefined) {
      notes.push('OpenSSH sshd is not installed (Debian: openssh-server): there is nothing to compare with.');
      return undefined;
    }
    try {
      const server = await startSshd(sshd, this.home.folder, { host: makeKey(), user: this.key });
      const { small, large, little } = this.#files;
      return {
        ...{ ...server, name: sshdVersion(sshd), pids: [server.pid] },
        ...{ small: small.file, large: large.file, little: little.map(({ file }) => file) },
        up: this.home.path('up.nc'),
      };
    } catch (error) {
      notes.push(`${(error as Error).message}; there is nothing to compare with.`);
      return undefined;
    }
  }

  /** OpenSSH's client, new for each call. */
  async sftp(server: Served, commands: readonly string[], options: readonly string[] = []): Promise<void> {
    const args = this.arguments(server, options);
    const { code, err } = await runProgram('sftp', args, { input: `${commands.join('\n')}\n`, timeoutMs: 600_000 });
    if (code !== 0) throw new Error(`sftp ended with ${code}: ${err}`);
  }

  arguments(server: Served, options: readonly string[] = []): string[] {
    const login = this.home.options(server.port, this.#keyFile, pinned);
    return [...login, ...options, '-q', '-b', '-', `${server.user}@127.0.0.1`];
  }

  pull = (server: Served, path: string): Promise<void> => this.sftp(server, [`get ${path} /dev/null`]);

  /** Pulls over new connections, so many at a time: how fast, and what one costs the server. */
  async pulls(server: Served, count: number, atOnce: number): Promise<{ perSecond: number; processorMs: number }> {
    let left = count;
    const worker = async () => {
      while (left-- > 0) await this.pull(server, server.small);
    };
    const before = processorMs(server.pids);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: atOnce }, worker));
    const perSecond = count / ((performance.now() - startedAt) / 1000);
    return { perSecond, processorMs: (processorMs(server.pids) - before) / count };
  }

  /** Files over one connection, one after the other, as a client does that gets a folder. */
  async filesPerSecond(server: Served, count: number): Promise<number> {
    const commands = Array.from({ length: count }, (_, n) => `get ${server.little[n % littleFiles]} /dev/null`);
    const startedAt = performance.now();
    await this.sftp(server, commands);
    return count / ((performance.now() - startedAt) / 1000);
  }

  async megabytesPerSecond(server: Served, way: 'down' | 'up'): Promise<number> {
    const down = `get ${server.large} /dev/null`;
    const startedAt = performance.now();
    await this.sftp(server, [way === 'down' ? down : `put ${this.largeFile} ${server.up}`]);
    return largeBytes / 1e6 / ((performance.now() - startedAt) / 1000);
  }
}
