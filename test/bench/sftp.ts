import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchFile, inTurns, randomFile } from '../helpers/bench-doors.ts';
import { Floor, simpleProgram } from '../helpers/floor.ts';
import { OpenSshHome, openSshVersion, run as runProgram } from '../helpers/sftp-openssh.ts';
import { findSshd, sshdVersion, startSshd } from '../helpers/sftp-sshd.ts';
import { type KeyPair, makeKey } from '../helpers/sftp-test-door.ts';
import { type BenchResult, figure } from './figures.ts';

const smallBytes = 200_000;
const largeBytes = 256 * 1024 * 1024;
const pullsPerRound = 80;
const pullsAtOnce = 8;

/** The same on both servers, so that only the servers differ. */
const pinned = ['Ciphers=aes256-gcm@openssh.com', 'KexAlgorithms=curve25519-sha256@libssh.org'];

type Files = { small: BenchFile; large: BenchFile };
/** A server that serves both files to `user`, who logs in by `key`. */
type Served = { port: number; user: string; small: string; large: string; up: string; stop(): Promise<void> };

/**
 * Machines pull released programs: from a whole gateway, and the same files from OpenSSH's sshd beside it, by OpenSSH's
 * own client, in turns.
 */
export async function run(): Promise<BenchResult> {
  if (openSshVersion() === undefined)
    return { figures: [], notes: ["OpenSSH's client is not installed: nothing was measured."] };
  const notes: string[] = [];
  const home = new OpenSshHome();
  const key = makeKey();
  const keyFile = home.writeKey(key);
  const files = { small: randomFile(home, 'small.nc', smallBytes), large: randomFile(home, 'large.nc', largeBytes) };
  const ours = await startGateway(files, key);
  const peer = await startPeer(home, files, key, notes);
  try {
    const pulls = await inTurns(ours, peer, (server) => pullsPerSecond(home, keyFile, server));
    const rate = await inTurns(ours, peer, (server) => megabytesPerSecond(home, keyFile, server));
    const up = await inTurns(ours, peer, (server) => megabytesPerSecondUp(home, keyFile, server));
    const peerName = peer?.name ?? 'OpenSSH sshd';
    return {
      figures: [
        figure({
          what: `pulls of 200 kB over new connections, ${pullsAtOnce} at a time, decided, verified, in the ledger`,
          ...pulls,
          peerName,
          unit: 'pulls/s',
          better: 'more',
          goal: 2,
        }),
        figure({
          what: 'one file of 256 MiB down, decided, verified, in the ledger',
          ...rate,
          peerName,
          unit: 'MB/s',
          better: 'more',
          // sshd hashes nothing; our door hashes every chunk again before it leaves.
          goal: 1.1,
        }),
        figure({
          what: 'one file of 256 MiB up, hashed, durable, judged, in the ledger',
          ...up,
          peerName,
          unit: 'MB/s',
          better: 'more',
          // sshd neither hashes nor waits for the disk.
          goal: 1,
        }),
      ],
      notes,
    };
  } finally {
    await ours.stop();
    await peer?.stop();
    home.remove();
  }
}

async function startPeer(home: OpenSshHome, files: Files, key: KeyPair, notes: string[]) {
  const sshd = findSshd();
  if (sshd === undefined) {
    notes.push('OpenSSH sshd is not installed (Debian: openssh-server): there is nothing to compare with.');
    return undefined;
  }
  try {
    const server = await startSshd(sshd, home.folder, { host: makeKey(), user: key });
    const { small, large } = files;
    const served = { small: small.file, large: large.file, up: home.path('up.nc') };
    return { ...server, ...served, name: sshdVersion(sshd) };
  } catch (error) {
    notes.push(`${(error as Error).message}; there is nothing to compare with.`);
    return undefined;
  }
}

async function pullsPerSecond(home: OpenSshHome, keyFile: string, server: Served): Promise<number> {
  let left = pullsPerRound;
  const worker = async () => {
    while (left-- > 0) await pull(home, keyFile, server, server.small);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: pullsAtOnce }, worker));
  return pullsPerRound / ((performance.now() - startedAt) / 1000);
}

async function megabytesPerSecond(home: OpenSshHome, keyFile: string, server: Served): Promise<number> {
  const startedAt = performance.now();
  await pull(home, keyFile, server, server.large);
  return largeBytes / 1e6 / ((performance.now() - startedAt) / 1000);
}

async function megabytesPerSecondUp(home: OpenSshHome, keyFile: string, server: Served): Promise<number> {
  const startedAt = performance.now();
  await sftp(home, keyFile, server, `put ${home.path('large.nc')} ${server.up}`);
  return largeBytes / 1e6 / ((performance.now() - startedAt) / 1000);
}

const pull = (home: OpenSshHome, keyFile: string, server: Served, path: string): Promise<void> =>
  sftp(home, keyFile, server, `get ${path} /dev/null`);

async function sftp(home: OpenSshHome, keyFile: string, server: Served, command: string): Promise<void> {
  const args = [...home.options(server.port, keyFile, pinned), '-q', '-b', '-', `${server.user}@127.0.0.1`];
  const { code, err } = await runProgram('sftp', args, { input: `${command}\n`, timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`sftp ended with ${code}: ${err}`);
}

/** A whole gateway: policy, verification, ledger with fsync and every process are in what is measured. */
async function startGateway(files: Files, key: KeyPair): Promise<Served> {
  const floor = await Floor.open();
  await floor.crew();
  const publicKey = join(floor.stage.folder, 'bench.pub');
  writeFileSync(publicKey, key.public);
  const may = ['--group', 'BENCH', '--jurisdiction', 'none', '--ssh-key', publicKey];
  await floor.done('machine', 'add', 'BENCH-1', '--cell', 'C1', '--country', 'US', ...may);
  const listed = ['small.nc', 'large.nc'].map((name) => ({ name, role: 'other' }));
  const over = { machineGroup: 'BENCH', files: [{ name: 'O1.NC', role: 'main-program' }, ...listed] };
  for (const name of ['small', 'large'] as const)
    copyFileSync(files[name].file, join(floor.served.dropFolder, `${name}.nc`));
  floor.drop('BENCH.keyway.json', floor.sidecar('BENCH', 'O1.NC', over), { 'O1.NC': simpleProgram(1) });
  await floor.release(await floor.admitted('BENCH'));
  return {
    port: floor.served.sftp.port,
    user: 'BENCH-1',
    small: '/by-part/BENCH/A/10/small.nc',
    large: '/by-part/BENCH/A/10/large.nc',
    up: '/from-machine/large.nc',
    stop: () => floor.close(),
  };
}
