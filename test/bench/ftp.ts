import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { onPath } from '../debian-packages.ts';
import { type BenchFile, inTurns, randomFile } from '../helpers/bench-doors.ts';
import { Floor, simpleProgram } from '../helpers/floor.ts';
import { OpenSshHome, run as runProgram } from '../helpers/sftp-openssh.ts';
import { until } from '../helpers/sftp-test-door.ts';
import { type BenchResult, figure } from './figures.ts';

const smallBytes = 200_000;
const largeBytes = 512 * 1024 * 1024;
const pullsPerRound = 80;
const pullsAtOnce = 8;
const password = 'a password of a bench';

type Files = { small: BenchFile; large: BenchFile };
type Served = { port: number; user: string; small: string; large: string; authority: string; stop(): Promise<void> };

/** Machines pull released programs by FTP and FTPS: from a whole gateway, and the same files from vsftpd, in turns. */
export async function run(): Promise<BenchResult> {
  if (!onPath('curl') || !onPath('lftp'))
    return { figures: [], notes: ['curl or lftp is not installed: nothing was measured.'] };
  const notes: string[] = [];
  const home = new OpenSshHome();
  const files = { small: randomFile(home, 'small.nc', smallBytes), large: randomFile(home, 'large.nc', largeBytes) };
  const ours = await startGateway(files);
  const peer = await startVsftpd(home, files, notes);
  const against = { peerName: 'vsftpd', better: 'more' as const };
  try {
    const pulls = await inTurns(ours, peer, pullsPerSecond);
    const rate = await inTurns(ours, peer, (server) => megabytesPerSecond(server, false));
    const overTls = await inTurns(ours, peer, (server) => megabytesPerSecond(server, true));
    return {
      figures: [
        figure({
          what: `FTP: pulls of 200 kB over new connections, ${pullsAtOnce} at a time, decided, verified, in the ledger`,
          ...{ ...pulls, ...against, unit: 'pulls/s', goal: 1 },
        }),
        figure({
          what: 'FTP: one file of 512 MiB down, decided, verified, in the ledger',
          ...{ ...rate, ...against, unit: 'MB/s', goal: 0.6 },
        }),
        figure({
          what: 'FTPS with lftp: one file of 512 MiB down, decided, verified, in the ledger',
          ...{ ...overTls, ...against, unit: 'MB/s', goal: 1 },
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

async function pullsPerSecond(server: Served): Promise<number> {
  let left = pullsPerRound;
  const worker = async () => {
    while (left-- > 0) {
      const url = `ftp://127.0.0.1:${server.port}${server.small}`;
      const { code, err } = await runProgram('curl', [
        '-sS',
        '-u',
        `${server.user}:${password}`,
        '-o',
        '/dev/null',
        url,
      ]);
      if (code !== 0) throw new Error(`curl ended with ${code}: ${err}`);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: pullsAtOnce }, worker));
  return pullsPerRound / ((performance.now() - startedAt) / 1000);
}

async function megabytesPerSecond(server: Served, tls: boolean): Promise<number> {
  const how = tls
    ? `set ssl:ca-file ${server.authority}; set ssl:verify-certificate false; set ftp:ssl-force true; set ftp:ssl-protect-data true;`
    : 'set ftp:ssl-allow false;';
  const script = `set net:max-retries 1; set cmd:fail-exit true; ${how} open -u "${server.user},${password}" ftp://127.0.0.1:${server.port}; cat ${server.large} > /dev/null`;
  const startedAt = performance.now();
  const { code, err } = await runProgram('lftp', ['--norc', '-c', script], { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`lftp ended with ${code}: ${err}`);
  return largeBytes / 1e6 / ((performance.now() - startedAt) / 1000);
}

/** A whole gateway: policy, verification, ledger with fsync, password hashing and every process are in what is measured. */
async function startGateway(files: Files): Promise<Served> {
  const floor = await Floor.open('ftp: { port: 0, plaintext: true }\n');
  await floor.crew();
  await floor.ftpMachine('BENCH-1', 'ftp', password, 'BENCH');
  const listed = ['small.nc', 'large.nc'].map((name) => ({ name, role: 'other' }));
  const over = { machineGroup: 'BENCH', files: [{ name: 'O1.NC', role: 'main-program' }, ...listed] };
  for (const name of ['small', 'large'] as const)
    copyFileSync(files[name].file, join(floor.served.dropFolder, `${name}.nc`));
  floor.drop('BENCH.keyway.json', floor.sidecar('BENCH', 'O1.NC', over), { 'O1.NC': simpleProgram(1) });
  await floor.release(await floor.admitted('BENCH'));
  return {
    port: floor.served.ftp?.ports[0] ?? 0,
    user: 'BENCH-1',
    small: '/by-part/BENCH/A/10/small.nc',
    large: '/by-part/BENCH/A/10/large.nc',
    authority: floor.data('keys', 'ca.crt.pem'),
    stop: () => floor.close(),
  };
}

/** vsftpd with a user of its own that is no user of the system (PAM's userdb would need one): an FTP login of ours. */
async function startVsftpd(home: OpenSshHome, files: Files, notes: string[]): Promise<Served | undefined> {
  if (!onPath('vsftpd') || process.getuid?.() !== 0) {
    notes.push('vsftpd is not installed, or we are not root: there is nothing to compare with.');
    return undefined;
  }
  const root = home.path('srv');
  mkdirSync(root, { mode: 0o755 });
  for (const name of ['small', 'large'] as const) copyFileSync(files[name].file, join(root, `${name}.nc`));
  const [certificate, key] = [home.path('vsftpd.crt'), home.path('vsftpd.key')];
  const subject = ['-subj', '/CN=127.0.0.1', '-days', '2', '-nodes', '-keyout', key, '-out', certificate];
  await runProgram('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...subject]);
  const port = await freePort();
  const config = home.path('vsftpd.conf');
  // Anonymous logins: vsftpd then asks no password database, which is a head start that we give it.
  const lines = [
    ...['listen=YES', 'listen_address=127.0.0.1', `listen_port=${port}`, 'background=NO', 'anonymous_enable=YES'],
    ...['local_enable=NO', 'no_anon_password=YES', `anon_root=${root}`, 'seccomp_sandbox=NO', 'ssl_enable=YES'],
    ...['allow_anon_ssl=YES', 'ssl_tlsv1=YES', 'require_ssl_reuse=YES', `rsa_cert_file=${certificate}`],
    ...[`rsa_private_key_file=${key}`, 'xferlog_enable=NO', 'ftp_username=ftp', 'max_per_ip=0', 'max_clients=0'],
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const child = spawn('vsftpd', [config], { stdio: 'ignore' });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await until(() => ended, 'the end of vsftpd');
  };
  const probe = await runProgram('curl', [
    ...['-sS', '--retry', '20', '--retry-delay', '1', '--retry-connrefused', '-u', `anonymous:${password}`],
    ...['-o', '/dev/null', `ftp://127.0.0.1:${port}/small.nc`],
  ]);
  if (probe.code === 0)
    return { port, user: 'anonymous', small: '/small.nc', large: '/large.nc', authority: certificate, stop };
  notes.push(`vsftpd did not serve (${probe.err.trim()}): there is nothing to compare with.`);
  if (!ended) await stop();
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}
