import { spawnSync } from 'node:child_process';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { signRequest } from '../../src/edges/http/message-signature.ts';
import { digestOf } from '../../src/platform/hash.ts';
import { keyIdOf } from '../../src/signing/keys.ts';
import { Floor, simpleProgram } from './floor.ts';
import { OpenSshHome, openSshVersion, run as runProgram } from './sftp-openssh.ts';

type Asked = { perSecond: number; seconds: number; pulls: number };
export type Measured = {
  times: number[];
  answered: number;
  /** Why, and how often: refused, or the connection broke. */
  failures: ReadonlyMap<string, number>;
  seconds: number;
  pulled: number;
  /** What the core used of a processor for each request, what it does for the pulls included. */
  coreMsPerRequest: number;
};
/** `alone` is absent where the processors cannot be divided. */
export type UnderLoad = { together: Measured; alone?: Measured } | { note: string };

/** Enough that none signs more requests than one key may in its time (limits.requestNoncesPerKey). */
const people = 16;
const jobs = 20;
const connections = 64;
/** One in so many acts, the others read. */
const actsIn = 20;
/** Problems are reported there, so that the pulls of the other one go on. */
const otherMachine = 'HAAS-VF-08';
type Jobs = { packageIds: string[]; releaseId: string };
type Person = { keyId: string; key: ReturnType<typeof createPrivateKey> };
type Ask = (n: number) => Promise<number>;
type Pulls = { start(niceness: number): { stop(): Promise<number> } };

/**
 * A whole gateway of real processes, asked by signed requests at an even pace while machines pull: whoever waits is counted from
 * when they came. First with everybody on all processors; then with the core alone on one of them and the rest, whose
 * clients stand on other computers in a plant, on the others.
 */
export async function apiUnderLoad(asked: Asked): Promise<UnderLoad> {
  if (openSshVersion() === undefined)
    return { note: "OpenSSH's client is not installed: the load beside pulls was not measured." };
  const floor = await Floor.open('log: { level: fatal }\n');
  const home = new OpenSshHome();
  try {
    const jobsThere = await prepare(floor);
    const askers = await enrolled(floor);
    const { core, ...others } = floor.served.pids;
    const pulling = pullAll(floor, home, asked.pulls);
    const measured = async (niceness: number): Promise<Measured> => {
      const pulls = pulling.start(niceness);
      try {
        const figures = await measure(asked, requester(floor, askers, jobsThere), core);
        return { ...figures, pulled: await pulls.stop() };
      } finally {
        await pulls.stop();
      }
    };
    const together = await measured(0);
    if (!divideProcessors(core, [process.pid, ...Object.values(others).flat()])) return { together };
    // A crowd of clients on our own processor must not keep us from asking.
    return { together, alone: await measured(10) };
  } finally {
    // What is measured behind this has all processors again.
    pin(process.pid, `0-${lastProcessor}`);
    home.remove();
    await floor.close();
  }
}

async function measure({ perSecond, seconds }: Asked, ask: Ask, core: number): Promise<Omit<Measured, 'pulled'>> {
  // Screens keep their connections: that these are made is not what is measured.
  await Promise.all(Array.from({ length: connections }, (_, n) => ask(actsIn * n + 1)));
  const times: number[] = [];
  const failures = new Map<string, number>();
  const before = cpuMsOf(core);
  const started = performance.now();
  await Promise.all(
    Array.from({ length: perSecond * seconds }, async (_, n) => {
      const due = started + (n * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const answer = await ask(n).catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
      if (typeof answer === 'number' && answer < 300) times.push(performance.now() - due);
      else failures.set(`${answer}`, 1 + (failures.get(`${answer}`) ?? 0));
    }),
  );
  const took = (performance.now() - started) / 1000;
  const coreMsPerRequest = (cpuMsOf(core) - before) / (perSecond * seconds);
  times.sort((a, b) => a - b);
  return { times, answered: times.length, failures, seconds: took, coreMsPerRequest };
}

/** The first processor for the core, the others for the rest. False where that cannot be: one processor, or no taskset(1). */
function divideProcessors(core: number, rest: readonly (number | undefined)[]): boolean {
  if (lastProcessor < 1) return false;
  return pin(core, '0') && rest.every((pid) => pid === undefined || pin(pid, `1-${lastProcessor}`));
}

const lastProcessor = availableParallelism() - 1;
const pin = (pid: number, processors: string): boolean =>
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, `${pid}`]).status === 0;

/** User and system time of a process so far: fields 14 and 15 of proc_pid_stat(5), a hundred a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Small jobs of one author, released, so that lists have something in them. */
async function prepare(floor: Floor): Promise<Jobs> {
  await floor.crew();
  await floor.machine(otherMachine);
  const packageIds: string[] = [];
  for (let n = 0; n < jobs; n++) {
    const name = `BENCH-${n}`;
    floor.drop(`${name}.keyway.json`, floor.sidecar(name, `O${100 + n}.NC`), {
      [`O${100 + n}.NC`]: simpleProgram(100 + n),
    });
    packageIds.push(await floor.admitted(name));
  }
  const { releaseId = '' } = await floor.release(packageIds[0] ?? '');
  return { packageIds, releaseId };
}

async function enrolled(floor: Floor): Promise<Person[]> {
  const askers: Person[] = [];
  for (let n = 0; n < people; n++) {
    await floor.enrol(`QA-${100 + n}`, 'quality', 'manufacturing-engineer');
    const key = createPrivateKey(readFileSync(floor.key(`QA-${100 + n}`)));
    askers.push({ keyId: keyIdOf(key), key });
  }
  return askers;
}

/** What screens ask for, about as often; one in twenty is an act that is on record before it is answered. */
function requester(floor: Floor, askers: readonly Person[], { packageIds, releaseId }: Jobs): Ask {
  const { host, port } = floor.served.https;
  const agent = new https.Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false });
  const reading = (n: number): string => {
    if (n % 5 < 2) return '/packages?turn=me&rows=50';
    if (n % 5 === 2) return `/packages/${packageIds[n % packageIds.length]}/page`;
    return n % 5 === 3 ? `/search?q=BENCH-${n % jobs}` : '/ledger/state';
  };
  const problem = { releaseId, machineId: otherMachine, reason: 'Measured.' };
  return (n) => {
    const asker = askers[n % askers.length] as Person;
    if (n % actsIn === 0) return send({ host, port, agent }, asker, 'POST', '/problems', problem);
    return send({ host, port, agent }, asker, 'GET', reading(n));
  };
}

async function send(to: https.RequestOptions, asker: Person, method: string, url: string, body?: object) {
  try {
    return await sendOnce(to, asker, method, url, body);
  } catch (error) {
    // A connection that was kept and closed from the other side meanwhile says nothing: what changes nothing is asked again
    // (RFC 9112 9.3.1), as browsers do.
    if (method !== 'GET' || !(error instanceof KeptTooLong)) throw error;
    return sendOnce(to, asker, method, url, body);
  }
}

class KeptTooLong extends Error {}

function sendOnce(
  to: https.RequestOptions,
  { keyId, key }: Person,
  method: string,
  url: string,
  body?: object,
): Promise<number> {
  const [path = '', query = ''] = url.split('?');
  const bytes = body && Buffer.from(JSON.stringify(body));
  const about = { method, path, query, bodyDigest: bytes && digestOf(bytes) };
  const signed = signRequest({
    ...{ ...about, created: Math.floor(Date.now() / 1000), nonce: randomBytes(18).toString('base64url') },
    ...{ privateKey: key, keyId },
  });
  const length = bytes ? { 'content-type': 'application/json', 'content-length': String(bytes.length) } : {};
  return new Promise((resolve, reject) => {
    const request = https.request({ ...to, method, path: url, headers: { ...length, ...signed } }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.on('error', reject);
    });
    // More than once, where a connection breaks under an answer.
    request.on('error', (error: NodeJS.ErrnoException) =>
      reject(request.reusedSocket && error.code === 'ECONNRESET' ? new KeptTooLong(error.code) : error),
    );
    request.end(bytes);
  });
}

/**
 * So many machines' worth of pulls at a time, over new connections, until they are told to stop. Shells start the clients: we
 * have to ask at an even pace meanwhile.
 */
function pullAll(floor: Floor, home: OpenSshHome, pulls: number): Pulls {
  const keyFile = join(floor.stage.folder, 'HAAS-VF-07.sshkey');
  const command = [
    'sftp',
    ...home.options(floor.served.sftp.port, keyFile, []),
    '-q',
    '-b',
    '-',
    'HAAS-VF-07@127.0.0.1',
  ];
  const [batch, stopped] = [home.path('pull.batch'), home.path('stopped')];
  writeFileSync(batch, 'get /by-part/BENCH-0/A/10/O100.NC /dev/null\n');
  const loop = 'stopped=$1; batch=$2; shift 2; until [ -e "$stopped" ]; do "$@" <"$batch" >/dev/null && echo; done';
  return {
    start(niceness) {
      rmSync(stopped, { force: true });
      const args = ['-c', loop, 'pull', stopped, batch, 'nice', '-n', `${niceness}`, ...command];
      const ended = Array.from({ length: pulls }, () => runProgram('sh', args, { timeoutMs: 600_000 }));
      return {
        async stop() {
          writeFileSync(stopped, '');
          return (await Promise.all(ended)).reduce((sum, { out }) => sum + out.length, 0);
        },
      };
    },
  };
}
