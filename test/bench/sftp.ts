import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type Digest, digestFromHex } from '../../src/domain/digest.ts';
import { doorSettings, startDoorProcess, TestVault } from '../helpers/sftp-door-process.ts';
import { FakeShelf } from '../helpers/sftp-fake-shelf.ts';
import { OpenSshHome, openSshVersion, run as runProgram } from '../helpers/sftp-openssh.ts';
import { findSshd, sshdVersion, startSshd } from '../helpers/sftp-sshd.ts';
import { type KeyPair, makeKey } from '../helpers/sftp-test-door.ts';
import { type BenchResult, figure } from './figures.ts';

const smallBytes = 200_000;
const largeBytes = 256 * 1024 * 1024;
const pieceBytes = 1024 * 1024;
const pullsPerRound = 80;
const pullsAtOnce = 8;
const rounds = 3;

/** The same on both servers, so that only the servers differ. */
const pinned = ['Ciphers=aes256-gcm@openssh.com', 'KexAlgorithms=curve25519-sha256@libssh.org'];

type BenchFile = { file: string; digest: Digest; size: number };
type Files = { small: BenchFile; large: BenchFile };
/** A server that serves both files to `user`, who logs in by `key`. */
type Served = { port: number; user: string; small: string; large: string; stop(): Promise<void> };
export type StartOurs = (files: Files, key: KeyPair) => Promise<Served>;

/**
 * Machines pull released programs: from our door, and the same files from OpenSSH's sshd beside it, by OpenSSH's own
 * client, in turns. By default ours is the real door process over real IPC with verified blobs and a shelf in memory
 * for the core; a caller with a whole gateway passes `startOurs`.
 */
export async function run(
  options: { startOurs: StartOurs; includes: string } = { startOurs: startDoorWithStub, includes: 'core stubbed' },
): Promise<BenchResult> {
  if (openSshVersion() === undefined)
    return { figures: [], notes: ["OpenSSH's client is not installed: nothing was measured."] };
  const notes: string[] = [];
  const home = new OpenSshHome();
  const key = makeKey();
  const keyFile = home.writeKey(key);
  const files = { small: randomFile(home, 'small.nc', smallBytes), large: randomFile(home, 'large.nc', largeBytes) };
  const ours = await options.startOurs(files, key);
  const peer = await startPeer(home, files, key, notes);
  try {
    const pulls = await inTurns(ours, peer, (server) => pullsPerSecond(home, keyFile, server));
    const rate = await inTurns(ours, peer, (server) => megabytesPerSecond(home, keyFile, server));
    const peerName = peer?.name ?? 'OpenSSH sshd';
    return {
      figures: [
        figure({
          what: `pulls of 200 kB over new connections, ${pullsAtOnce} at a time (door process, verified blobs, ${options.includes})`,
          ...pulls,
          peerName,
          unit: 'pulls/s',
          better: 'more',
          goal: 1,
        }),
        figure({
          what: `one file of 256 MiB down (door process, verified blobs, ${options.includes})`,
          ...rate,
          peerName,
          unit: 'MB/s',
          better: 'more',
          // sshd hashes nothing; our door hashes every chunk again before it leaves.
          goal: 0.7,
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

/** Written piece by piece: a process that holds much memory is slow to start others, and would be what is measured. */
function randomFile(home: OpenSshHome, name: string, size: number): BenchFile {
  const file = home.path(name);
  const hash = createHash('sha256');
  const fd = openSync(file, 'w');
  for (let at = 0; at < size; at += pieceBytes) {
    const piece = randomBytes(Math.min(pieceBytes, size - at));
    hash.update(piece);
    writeSync(fd, piece);
  }
  closeSync(fd);
  return { file, digest: digestFromHex(hash.digest('hex')), size };
}

async function startPeer(home: OpenSshHome, files: Files, key: KeyPair, notes: string[]) {
  const sshd = findSshd();
  if (sshd === undefined) {
    notes.push('OpenSSH sshd is not installed (Debian: openssh-server): there is nothing to compare with.');
    return undefined;
  }
  try {
    const server = await startSshd(sshd, home.folder, { host: makeKey(), user: key });
    return { ...server, small: files.small.file, large: files.large.file, name: sshdVersion(sshd) };
  } catch (error) {
    notes.push(`${(error as Error).message}; there is nothing to compare with.`);
    return undefined;
  }
}

/** One round each to warm up (our first pull of a blob hashes the whole of it), then the median of `rounds`. */
async function inTurns(
  ours: Served,
  peer: Served | undefined,
  measure: (server: Served) => Promise<number>,
): Promise<{ ours: number; peer: number | null }> {
  const measured: { ours: number; peer: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const figures = { ours: await measure(ours), peer: peer === undefined ? 0 : await measure(peer) };
    if (round > 0) measured.push(figures);
  }
  return {
    ours: median(measured.map((one) => one.ours)),
    peer: peer === undefined ? null : median(measured.map((one) => one.peer)),
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

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

async function pull(home: OpenSshHome, keyFile: string, server: Served, path: string): Promise<void> {
  const args = [...home.options(server.port, keyFile, pinned), '-q', '-b', '-', `${server.user}@127.0.0.1`];
  const { code, err } = await runProgram('sftp', args, { input: `get ${path} /dev/null\n`, timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`sftp ended with ${code}: ${err}`);
}

async function startDoorWithStub(files: Files, key: KeyPair): Promise<Served> {
  const vault = new TestVault();
  const shelf = new FakeShelf();
  const machine = shelf.register('MILL-1', key.public);
  for (const name of ['small', 'large'] as const) {
    shelf.putStored(machine, `${name}.nc`, files[name]);
    vault.link(files[name].file, files[name].digest);
  }
  const errors: unknown[] = [];
  const door = await startDoorProcess(shelf, (error) => errors.push(error));
  const { port } = await door.call('configure', doorSettings(vault, vault.file('host_key', makeKey().private)));
  return {
    port,
    user: machine,
    small: '/small.nc',
    large: '/large.nc',
    async stop() {
      await door.stop();
      vault.remove();
      const incomplete = shelf.ends.filter((end) => !end.complete);
      if (errors.length + incomplete.length > 0) throw new Error(`${incomplete.length} pulls were not complete`);
    },
  };
}
