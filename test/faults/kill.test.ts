import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PersonId } from '../../src/domain/ids.ts';
import type { PersonRole } from '../../src/domain/people.ts';
import { signStatement } from '../../src/signing/dsse.ts';
import { readPrivateKey } from '../../src/signing/keys.ts';
import { approvalStatement } from '../../src/signing/statements.ts';
import { Floor, simpleProgram, until } from '../helpers/floor.ts';

/** mulberry32: the same moments in every run. */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(20_261_123);
const roundsOf = { core: 10, signer: 5, sftp: 5 } as const;

let floor: Floor;
beforeAll(async () => {
  floor = await Floor.open();
  await floor.crew();
}, 60_000);
afterAll(() => floor.close());

/** What somebody was told is done; after any death it must still be. */
const acknowledged = {
  approvals: new Map<number, string>(),
  deposits: new Map<string, string>(),
  pulled: new Map<string, number>(),
};
let next = 1000;

async function approve(packageId: string, person: string, role: PersonRole): Promise<void> {
  const client = floor.stage.client();
  const found = await client.package(packageId);
  const statement = approvalStatement({
    decision: 'approve',
    manifest: found.manifest,
    packageId: found.packageId,
    person: PersonId.parse(person),
    role,
    meaning: 'I checked it.',
    routeVersion: found.route.version,
    time: new Date().toISOString(),
  });
  const { index } = await client.approve(found.packageId, signStatement(statement, readPrivateKey(floor.key(person))));
  acknowledged.approvals.set(index, packageId);
}

/** One job from drop to pull, as far as it gets before something dies. */
async function job(number: number): Promise<void> {
  const name = `JOB-${number}`;
  floor.drop(`${name}.keyway.json`, floor.sidecar(name, `O${number}.NC`), { [`O${number}.NC`]: simpleProgram(number) });
  const packageId = await floor.admitted(name);
  acknowledged.deposits.set(name, packageId);
  await approve(packageId, 'ME-2', 'manufacturing-engineer');
  await approve(packageId, 'QA-1', 'quality');
  const client = await floor.connect('HAAS-VF-07');
  const got = await client.pull(`/current/O${number}.NC`);
  client.close();
  if (Buffer.isBuffer(got)) acknowledged.pulled.set(packageId, number);
}

/** The process ids of the core's children that run this program now; a restarted one has another. */
function childrenOfCore(program: string): number[] {
  const { core } = floor.served.pids;
  const children = readFileSync(`/proc/${core}/task/${core}/children`, 'utf8').trim().split(' ');
  return children
    .map(Number)
    .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program));
}

async function round(victim: keyof typeof roundsOf): Promise<void> {
  const work = [job(next++), job(next++), job(next++)].map((running) => running.catch(() => {}));
  await new Promise((resolve) => setTimeout(resolve, 300 + random() * 1_200));
  if (victim === 'core') {
    await floor.stage.kill();
    await Promise.all(work);
    floor.served = await floor.stage.start();
  } else {
    const program = victim === 'signer' ? 'signer.ts' : 'door.ts';
    const killed = childrenOfCore(program);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await Promise.all(work);
    await until('another process in its place', async () =>
      childrenOfCore(program).find((pid) => !killed.includes(pid)),
    );
  }
  await until('the gateway to be ready again', async () =>
    (await floor.stage.client().ready()).ready ? true : undefined,
  );
}

describe('after SIGKILL at any moment', () => {
  it.each(Object.entries(roundsOf) as [keyof typeof roundsOf, number][])(
    'of the %s nothing that was acknowledged is missing and the ledger verifies',
    async (victim, rounds) => {
      for (let n = 0; n < rounds; n++) await round(victim);
      const report = await floor.done('ledger', 'verify', '--catalogue');
      expect(report.out).toMatchObject({ verified: true, problems: [] });

      const client = floor.stage.client();
      for (const [index, packageId] of acknowledged.approvals) {
        const entry = await until(`a checkpoint over entry ${index}`, () => client.entry(index).catch(() => undefined));
        expect(entry).toMatchObject({ type: 'approval.given', event: { data: { packageId } } });
      }
      const packages = await client.packages(500);
      const parts = packages.map(({ part }) => part);
      for (const [name, packageId] of acknowledged.deposits)
        expect(packages.find(({ part }) => part === name)?.packageId).toBe(packageId);
      // Nothing was taken twice: each job is one package, whatever died while it was taken.
      expect(new Set(parts).size).toBe(parts.length);
      for (const [packageId] of acknowledged.pulled) {
        const { deliveries } = await client.package(packageId);
        expect(deliveries.length).toBeGreaterThan(0);
        expect(deliveries.every(({ state }) => state !== 'started')).toBe(true);
      }
    },
    240_000,
  );

  it('every job that was dropped arrives in the end, and its bytes are the dropped ones', async () => {
    for (let number = 1000; number < next; number++) {
      const packageId = await floor.admitted(`JOB-${number}`);
      const { manifest, state } = await floor.stage.client().package(packageId);
      expect(manifest.files[0]?.name).toBe(`O${number}.NC`);
      expect(['submitted', 'released']).toContain(state);
    }
    expect(readFileSync(floor.data('trust.json'), 'utf8')).toContain('ledgerKeys');
  }, 120_000);
});

describe('while the signer hangs', () => {
  it('deliveries and releases are refused and say why, deposits are still taken, and it goes on by itself', async () => {
    const health = async () => (await floor.stage.client().ready()).checks.signer;
    const [pid] = childrenOfCore('signer.ts');
    process.kill(Number(pid), 'SIGSTOP');
    try {
      await until('the gateway to notice', async () => ((await health()) ? undefined : true));
      const number = next++;
      floor.drop(`JOB-${number}.keyway.json`, floor.sidecar(`JOB-${number}`, `O${number}.NC`), {
        [`O${number}.NC`]: simpleProgram(number),
      });
      const packageId = await floor.admitted(`JOB-${number}`);
      await approve(packageId, 'ME-2', 'manufacturing-engineer');
      await approve(packageId, 'QA-1', 'quality');
      await expect(floor.stage.client().release(packageId)).rejects.toMatchObject({ code: 'signer-unavailable' });
      const client = await floor.connect('HAAS-VF-07');
      const [name] = await client.list('/current');
      expect(await client.pull(`/current/${name}`)).toContain('signer-unavailable');
      client.close();
      process.kill(Number(pid), 'SIGCONT');
      await until('the release', async () =>
        (await floor.stage.client().package(packageId)).state === 'released' ? true : undefined,
      );
    } finally {
      process.kill(Number(pid), 'SIGCONT');
    }
  }, 90_000);
});

describe('after SIGTERM under load', () => {
  it('the gateway is gone within 30 s, and every delivery that it began has its end on record', async () => {
    await job(next++);
    const machines = await Promise.all(Array.from({ length: 12 }, () => floor.connect('HAAS-VF-07')));
    const [name] = (await machines[0]?.list('/current')) ?? [];
    let pulled = 0;
    const pulling = machines.map(async (machine) => {
      while (Buffer.isBuffer(await machine.pull(`/current/${name}`))) pulled++;
    });
    await until('pulls by all', async () => (pulled > 3 * machines.length ? true : undefined));
    const began = performance.now();
    process.kill(floor.served.pids.core, 'SIGTERM');
    await floor.stage.wait();
    expect(performance.now() - began).toBeLessThan(30_000);
    await Promise.all(pulling);
    const { entries } = (await floor.done('ledger', 'tail', '--count', '100000')).out as {
      entries: { type: string }[];
    };
    const of = (...types: string[]) => entries.filter(({ type }) => types.includes(type));
    const started = of('delivery.started').length;
    expect(started).toBeGreaterThanOrEqual(pulled);
    expect(of('delivery.completed', 'delivery.failed')).toHaveLength(started);
    expect((await floor.done('ledger', 'verify', '--catalogue')).out).toMatchObject({ verified: true });
  }, 90_000);
});
