import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Client } from 'ssh2';
import { type BenchResult, type Figure, figure } from '../bench/figures.ts';
import { inTurns, median, residentKb } from './bench-doors.ts';
import { largeBytes, type Served, SftpPlace } from './bench-sftp.ts';
import { openSshVersion } from './sftp-openssh.ts';
import { connect, openSftp } from './sftp-test-door.ts';

const idleSessions = 2_000;
/** Below what one address may have before its logins. */
const loginsAtOnce = 16;
const crawlers = 50;
const sessions = 200;
const filesPerSession = 100;
const sampleMs = 5_000;

const most = { peerName: 'the most that we want', better: 'less' as const, goal: 1 };

/** What many machines at once do to one door. */
export async function measureCrowd(): Promise<BenchResult> {
  if (openSshVersion() === undefined)
    return { figures: [], notes: ["OpenSSH's client is not installed: nothing was measured with many machines."] };
  const notes: string[] = [];
  const place = new SftpPlace();
  const ours = await place.startGateway();
  const peer = await place.startPeer(notes);
  try {
    return {
      figures: [
        await besideCrawlers(place, ours),
        await manySessions(place, ours, peer),
        ...(await soak(place, ours, notes)),
        await idle(place, ours),
        await twoProcesses(place, ours, notes),
      ],
      notes,
    };
  } finally {
    await ours.stop();
    await peer?.stop();
    place.remove();
  }
}

/** One file as fast as it goes, while fifty machines take theirs at 8 kB/s. */
async function besideCrawlers(place: SftpPlace, ours: Served): Promise<Figure> {
  const rate = () => place.megabytesPerSecond(ours, 'down');
  await rate();
  const alone = median([await rate(), await rate(), await rate()]);
  const crawling = Array.from({ length: crawlers }, () =>
    begin(place, ours, [`get ${ours.large} /dev/null`], ['-l', '64']),
  );
  await rate();
  const beside = median([await rate(), await rate(), await rate()]);
  await Promise.all(crawling.map(end));
  return figure({
    what: `SFTP: one file of ${largeBytes / 1024 ** 2} MiB down beside ${crawlers} machines that crawl`,
    ...{ ours: beside, peer: alone, peerName: 'the same door, alone', unit: 'MB/s', better: 'more', goal: 0.9 },
  });
}

async function manySessions(place: SftpPlace, ours: Served, peer: Served | undefined): Promise<Figure> {
  const filesPerSecond = async (server: Served) => {
    const startedAt = performance.now();
    const all = Array.from({ length: sessions }, () => place.filesPerSecond(server, filesPerSession));
    await Promise.all(all);
    return (sessions * filesPerSession) / ((performance.now() - startedAt) / 1000);
  };
  // Once each: it takes long, and is told only.
  const what = `SFTP: ${sessions} sessions at once, ${filesPerSession} files of 20 kB each`;
  const rates = { ours: await filesPerSecond(ours), peer: peer ? await filesPerSecond(peer) : null };
  return figure({
    what,
    ...rates,
    peerName: peer?.name ?? 'OpenSSH sshd',
    unit: 'files/s',
    better: 'more',
    goal: null,
  });
}

/** How much the processes grow while machines pull without a pause. */
async function soak(place: SftpPlace, ours: Served, notes: string[]): Promise<Figure[]> {
  const minutes = Number(process.env.KEYWAY_BENCH_SOAK ?? 0);
  if (!(minutes > 0)) {
    notes.push('No soak: KEYWAY_BENCH_SOAK=10 has machines pull for ten minutes, and says how much memory grew.');
    return [];
  }
  const until = performance.now() + minutes * 60_000;
  const pulling = async () => {
    while (performance.now() < until) await place.filesPerSecond(ours, 200);
  };
  const samples: { minute: number; mb: number }[] = [];
  const sample = () => samples.push({ minute: performance.now() / 60_000, mb: residentKb(ours.pids) / 1024 });
  const sampling = setInterval(sample, sampleMs);
  await Promise.all([pulling(), pulling(), pulling(), pulling()]);
  clearInterval(sampling);
  // The first third fills what is remembered up to a bound.
  const slope = slopeOf(samples.slice(Math.floor(samples.length / 3)));
  const what = `SFTP: memory of all processes grows, over ${minutes} minutes of pulls`;
  return [figure({ what, ours: Math.max(slope, 0.001), peer: 1, unit: 'MB/min', ...most })];
}

/** Least squares. */
function slopeOf(samples: readonly { minute: number; mb: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [minute, mb] = [mean(samples.map((one) => one.minute)), mean(samples.map((one) => one.mb))];
  const over = samples.reduce((sum, one) => sum + (one.minute - minute) * (one.mb - mb), 0);
  return over / samples.reduce((sum, one) => sum + (one.minute - minute) ** 2, 0);
}

/** Machines that are logged in, each with an SFTP session, and do nothing. */
async function idle(place: SftpPlace, ours: Served): Promise<Figure> {
  const door = ours.pids.slice(2);
  const before = residentKb(door);
  const clients: Client[] = [];
  const logIn = async () => {
    while (clients.length < idleSessions) {
      const client = await connect({ port: ours.port, key: place.key }, { username: ours.user });
      clients.push(client);
      await openSftp(client);
    }
  };
  await Promise.all(Array.from({ length: loginsAtOnce }, logIn));
  const each = (residentKb(door) - before) / clients.length;
  for (const client of clients) client.destroy();
  const what = `SFTP: memory of the door for each of ${idleSessions} idle sessions`;
  return figure({ what, ours: each, peer: 60, unit: 'kB', ...most });
}

async function twoProcesses(place: SftpPlace, one: Served, notes: string[]): Promise<Figure> {
  const two = await place.startGateway(2);
  try {
    const pulls = await inTurns(two, one, async (server) => (await place.pulls(server, 160, 16)).perSecond);
    // The clients of this measurement need a core too.
    const coresAreFree = availableParallelism() >= 4;
    if (!coresAreFree) notes.push('Fewer than four cores: two door processes share theirs with the clients.');
    const what = 'SFTP: pulls of 200 kB over new connections, 16 at a time, at two door processes';
    return figure({
      what,
      ...pulls,
      peerName: one.name,
      unit: 'pulls/s',
      better: 'more',
      goal: coresAreFree ? 1.7 : null,
    });
  } finally {
    await two.stop();
  }
}

function begin(
  place: SftpPlace,
  server: Served,
  commands: readonly string[],
  options: readonly string[],
): ChildProcess {
  const child = spawn('sftp', place.arguments(server, options), { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin?.end(`${commands.join('\n')}\n`);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
