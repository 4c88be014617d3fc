import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { DepositView } from '../../edges/http/contract/deposits.ts';
import type { ApprovalAnswer, PackageView } from '../../edges/http/contract/packages.ts';
import { newSshKeyPair } from '../../edges/sftp/ssh-keys.ts';
import { digestOf } from '../../platform/hash.ts';
import type { Job, Jobs } from './jobs.ts';
import { MachineClient } from './machine-client.ts';
import { type Served, Stage } from './stage.ts';
import { Teller } from './teller.ts';

const machine = 'MILL-01';
const depositDeadlineMs = 15_000;

/** Tells the whole main job on real processes and protocols; returns the exit code. */
export async function runStory(jobs: Jobs, options: { keep: boolean }): Promise<number> {
  const stage = new Stage();
  const stop = () => void stage.stop().then(() => process.exit(1));
  process.once('SIGINT', stop);
  const tell = new Teller();
  try {
    const story = new Story(stage, tell, jobs);
    await story.run();
    tell.end();
    if (!options.keep) return tell.failures > 0 ? 1 : 0;
    process.off('SIGINT', stop);
    story.sayHowToLook();
    await stage.wait();
    return tell.failures > 0 ? 1 : 0;
  } finally {
    await stage.stop();
  }
}

class Story {
  readonly #stage: Stage;
  readonly #tell: Teller;
  readonly #jobs: Jobs;
  readonly #machineKey = newSshKeyPair();
  #served!: Served;

  constructor(stage: Stage, tell: Teller, jobs: Jobs) {
    this.#stage = stage;
    this.#tell = tell;
    this.#jobs = jobs;
  }

  async run(): Promise<void> {
    await this.#open();
    await this.#enrol();
    const released = [];
    for (const job of this.#jobs.released) {
      const found = await this.#release(job);
      if (found) released.push({ job, found });
    }
    if (released.length === 0) return this.#tell.check('a program was released', false);
    await this.#pull(released);
    await this.#verifyLedger();
    await this.#mustFail(released[0] as (typeof released)[number]);
  }

  async #open(): Promise<void> {
    this.#tell.step('Start the gateway: core, signer and SFTP door, each a process of its own');
    this.#served = await this.#stage.start();
    const { pids, https, sftp, dropFolder } = this.#served;
    this.#tell.say(`core pid ${pids.core}, signer pid ${pids.signer}, SFTP door pid ${pids.sftp.join(', ')}`);
    this.#tell.say(
      `https://${https.host}:${https.port}   sftp://${sftp.host}:${sftp.port}   drop folder ${dropFolder}`,
    );
    for (const skipped of this.#jobs.skipped) this.#tell.say(`not taken: ${skipped}`);
  }

  async #enrol(): Promise<void> {
    this.#tell.step('Enrol people and a machine, each with a key of their own');
    const people = [
      ['CAM-1', 'CAM programmer 1', 'programmer', 'manufacturing-engineer'],
      ['ME-2', 'Manufacturing engineer 2', 'manufacturing-engineer'],
      ['QA-1', 'Quality engineer 1', 'quality'],
    ] as const;
    for (const [id, name, ...roles] of people) {
      const args = [
        'person',
        'add',
        id,
        '--name',
        name,
        '--us-person',
        'yes',
        '--new-key',
        this.#key(id),
        ...roles.flatMap((role) => ['--role', role]),
      ];
      const { out } = await this.#expectDone(args);
      this.#tell.say(`${id.padEnd(8)} ${roles.join(', ').padEnd(36)} entry ${(out as { index: number }).index}`);
    }
    const publicKey = join(this.#stage.folder, 'machine.pub');
    writeFileSync(publicKey, `${this.#machineKey.public}\n`);
    writeFileSync(join(this.#stage.folder, 'machine.key'), this.#machineKey.private, { mode: 0o600 });
    const groups = [...new Set(this.#jobs.released.map((job) => job.group))].flatMap((group) => ['--group', group]);
    const where = ['--cell', 'C3', '--country', 'US', '--make', 'Haas', '--model', 'VF-4', '--control', 'NGC'];
    const may = ['ITAR', 'EAR', 'none'].flatMap((which) => ['--jurisdiction', which]);
    const { out } = await this.#expectDone([
      'machine',
      'add',
      machine,
      ...groups,
      ...where,
      ...may,
      '--ssh-key',
      publicKey,
    ]);
    this.#tell.say(
      `${machine.padEnd(8)} machine, ${groups
        .filter((_, at) => at % 2 === 1)
        .join(', ')
        .padEnd(27)} entry ${(out as { index: number }).index}`,
    );
  }

  async #release(job: Job): Promise<PackageView | undefined> {
    this.#tell.step(`Drop ${job.label} into the folder; two people approve it; it is released and signed`);
    const deposit = await this.#drop(job);
    if (deposit.state !== 'admitted' || !deposit.packageId) {
      for (const { code, field, message } of deposit.reasons)
        this.#tell.say(`kept in quarantine: ${code} (${field}) ${message}`);
      return undefined;
    }
    for (const file of deposit.files) this.#tell.say(`${file.digest}  ${file.name}`);
    const counts = { warn: 0, note: 0, block: 0 };
    for (const { severity } of deposit.findings) counts[severity]++;
    this.#tell.say(
      `${deposit.depositId} entry ${deposit.index}: hashed, inspected (${counts.warn} warnings, ${counts.note} notes), admitted as ${deposit.packageId}`,
    );
    for (const person of ['ME-2', 'QA-1']) {
      const { out } = await this.#expectDone([
        'approve',
        deposit.packageId,
        '--as',
        person,
        '--key',
        this.#key(person),
      ]);
      const answer = out as ApprovalAnswer;
      const then =
        answer.release.state === 'released'
          ? `released as ${answer.release.releaseId}, entry ${answer.release.index}`
          : answer.release.state;
      this.#tell.say(`${person} approved with their own key, entry ${answer.index}: ${then}`);
    }
    const { out } = await this.#expectDone(['status', deposit.packageId]);
    const found = out as PackageView;
    this.#tell.check(`${job.label} is released, manifest ${found.manifestDigest}`, found.state === 'released');
    return found;
  }

  async #pull(released: { job: Job; found: PackageView }[]): Promise<void> {
    this.#tell.step(`${machine} lists its shelf and pulls over SFTP with its own key; openssl checks what came`);
    const client = await this.#connect();
    this.#tell.say(`host key ${client.hostKey}`);
    this.#tell.say(`/current: ${(await client.list('/current')).join('  ')}`);
    for (const { job, found } of released) {
      const folder = `/by-part/${found.part}/${found.revision}/${found.operation}`;
      for (const file of job.files) {
        const got = await client.pull(`${folder}/${file.name}`);
        const signature = await client.pull(`${folder}/${file.name}.p7s`);
        const same = Buffer.isBuffer(got) && got.equals(file.bytes);
        this.#tell.check(`${file.name}: ${Buffer.isBuffer(got) ? `${got.length} bytes, ${digestOf(got)}` : got}`, same);
        if (Buffer.isBuffer(got) && Buffer.isBuffer(signature)) await this.#openssl(file.name, got, signature);
      }
    }
    client.close();
  }

  async #openssl(name: string, content: Buffer, signature: Buffer): Promise<void> {
    const folder = join(this.#stage.folder, 'pulled');
    mkdirSync(folder, { recursive: true });
    const [file, p7s] = [join(folder, name), join(folder, `${name}.p7s`)];
    writeFileSync(file, content);
    writeFileSync(p7s, signature);
    const authority = join(this.#stage.folder, 'data', 'keys', 'ca.crt.pem');
    const args = [
      'cms',
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-in',
      p7s,
      '-content',
      file,
      '-CAfile',
      authority,
      '-out',
      '/dev/null',
    ];
    const { code, text } = await this.#stage.run('openssl', args);
    if (code === 127) return this.#tell.say('openssl is not installed here: its check was left out');
    this.#tell.check(`openssl cms -verify -binary ${name}: ${text.split('\n')[0]}`, code === 0);
  }

  async #verifyLedger(): Promise<void> {
    this.#tell.step(
      'Verify the ledger in a separate process that shares nothing with the gateway but the file it reads',
    );
    const { code, out, text } = await this.#stage.keyway('ledger', 'verify');
    const { entries, covered, checkpoints, root } = (out ?? {}) as Record<string, unknown>;
    this.#tell.check(
      `${entries} entries, ${covered} under ${checkpoints} signed checkpoints, root ${root}`,
      code === 0,
    );
    if (code !== 0) this.#tell.say(text);
  }

  async #mustFail({ job, found }: { job: Job; found: PackageView }): Promise<void> {
    this.#tell.step('Three things that must fail');
    const later = this.#jobs.unapproved;
    const deposit = await this.#drop(later);
    const client = await this.#connect();
    const revisions = await client.list(`/by-part/${found.part}`);
    this.#tell.check(
      `1. ${later.label} (${deposit.packageId ?? deposit.state}) is not approved, so it is not on the shelf: ${revisions.join(', ')}`,
      deposit.state === 'admitted' && revisions.join() === found.revision,
    );

    const own = await this.#stage.keyway(
      'approve',
      deposit.packageId ?? '',
      '--as',
      'CAM-1',
      '--key',
      this.#key('CAM-1'),
      '--role',
      'manufacturing-engineer',
    );
    const refusal = (own.out as { error?: { code: string; message: string } } | undefined)?.error;
    this.#tell.check(
      `2. the author's own approval: ${refusal?.code}: ${refusal?.message}`,
      own.code !== 0 && refusal?.code === 'author-may-not-approve',
    );

    const program = job.files[0]?.name ?? '';
    const path = `/by-part/${found.part}/${found.revision}/${found.operation}/${program}`;
    this.#editCatalogue(found, deposit);
    const afterEdit = await client.pull(path);
    this.#tell.check(
      `3. catalog.db edited by hand to point ${program} at other bytes: ${afterEdit}`,
      typeof afterEdit === 'string',
    );
    const stillHidden = await client.list(`/by-part/${found.part}`);
    this.#tell.check(
      `   the unapproved revision, marked "released" there, is still not on the shelf`,
      stillHidden.join() === found.revision,
    );

    const { out } = await this.#expectDone(['ledger', 'rebuild']);
    const differing = (out as { differing: string[] }).differing.join(', ');
    const mended = await client.pull(path);
    this.#tell.check(
      `   "keyway ledger rebuild" names what was edited (${differing}) and delivery goes on`,
      Buffer.isBuffer(mended),
    );
    client.close();
    await this.#verifyLedger();
  }

  /** What somebody with a SQLite shell could try. */
  #editCatalogue(found: PackageView, other: DepositView): void {
    const db = new Database(join(this.#stage.folder, 'data', 'catalog.db'));
    db.prepare('UPDATE release_files SET digest = ? WHERE release_id = ? AND position = 0').run(
      other.files[0]?.digest,
      found.releaseId,
    );
    db.prepare("UPDATE packages SET state = 'released' WHERE id = ?").run(other.packageId);
    db.prepare(
      `INSERT INTO releases (id, package_id, part, revision, operation, machine_group, state, manifest_digest, signatures, idx, time)
       SELECT 'REL-0000000000', id, part, revision, operation, machine_group, 'in-force', manifest_digest, '[]', idx, time FROM packages WHERE id = ?`,
    ).run(other.packageId);
    db.close();
  }

  /** Files first, the sidecar last and by rename, as a CAM system or a careful person would. */
  async #drop(job: Job): Promise<DepositView> {
    const folder = this.#served.dropFolder;
    const before = new Set((await this.#deposits()).map(({ depositId }) => depositId));
    for (const file of job.files) writeFileSync(join(folder, file.name), file.bytes);
    writeFileSync(join(folder, `.${job.sidecarName}`), job.sidecar);
    renameSync(join(folder, `.${job.sidecarName}`), join(folder, job.sidecarName));
    const deadline = performance.now() + depositDeadlineMs;
    for (;;) {
      const made = (await this.#deposits()).find(({ depositId }) => !before.has(depositId));
      if (made) {
        const { out } = await this.#expectDone(['status', made.depositId]);
        const deposit = out as DepositView;
        if (deposit.state === 'admitted' || deposit.state === 'rejected') return deposit;
      }
      if (performance.now() > deadline) throw new Error(`the gateway did not take ${job.label} out of the drop folder`);
      await pause(100);
    }
  }

  async #deposits(): Promise<DepositView[]> {
    return this.#stage.client().deposits();
  }

  async #connect(): Promise<MachineClient> {
    const client = new MachineClient();
    await client.connect(this.#served.sftp, machine, this.#machineKey.private);
    return client;
  }

  async #expectDone(args: string[]) {
    const ran = await this.#stage.keyway(...args);
    if (ran.code !== 0) throw new Error(`keyway ${args.join(' ')} ended with ${ran.code}: ${ran.text}`);
    return ran;
  }

  #key(person: string): string {
    return join(this.#stage.folder, `${person.toLowerCase()}.key.pem`);
  }

  sayHowToLook(): void {
    const { sftp } = this.#served;
    this.#tell.step('The gateway is left running; Ctrl-C ends it and removes its folder');
    this.#tell.say(`npm run -s keyway -- --config ${this.#stage.configFile} status`);
    this.#tell.say(`sftp -P ${sftp.port} -i ${join(this.#stage.folder, 'machine.key')} ${machine}@${sftp.host}`);
  }
}
