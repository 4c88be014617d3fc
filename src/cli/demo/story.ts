import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalAnswer, PackageView } from '../../edges/http/contract/packages.ts';
import { systemClock } from '../../platform/clock.ts';
import { digestOf } from '../../platform/hash.ts';
import type { Job, Jobs } from './jobs.ts';
import { mustFail } from './must-fail.ts';
import { machine, Scene } from './scene.ts';
import { Stage } from './stage.ts';
import { Teller } from './teller.ts';

/** Tells the whole main job on real processes and protocols; returns the exit code. */
export async function runStory(jobs: Jobs, options: { keep: boolean }): Promise<number> {
  const stage = new Stage();
  const stop = () => void stage.stop().then(() => process.exit(1));
  process.once('SIGINT', stop);
  const tell = new Teller();
  try {
    const scene = await open(stage, tell, jobs);
    await tellAll(scene, jobs);
    tell.end();
    if (options.keep) {
      process.off('SIGINT', stop);
      sayHowToLook(scene);
      await stage.wait();
    }
    return tell.failures > 0 ? 1 : 0;
  } finally {
    await stage.stop();
  }
}

async function tellAll(scene: Scene, jobs: Jobs): Promise<void> {
  await enrol(scene, jobs.released);
  const released = [];
  for (const job of jobs.released) {
    const found = await release(scene, job);
    if (found) released.push({ job, found });
  }
  const [first] = released;
  if (!first) return scene.tell.check('a program was released', false);
  await pull(scene, released);
  await scene.verifyLedger();
  await mustFail(scene, jobs.unapproved, first);
}

async function open(stage: Stage, tell: Teller, jobs: Jobs): Promise<Scene> {
  tell.step('Start the gateway: core, signer and SFTP door, each a process of its own');
  const served = await stage.start();
  const { pids, https, sftp, dropFolder } = served;
  tell.say(`core pid ${pids.core}, signer pid ${pids.signer}, SFTP door pid ${pids.sftp.join(', ')}`);
  tell.say(`https://${https.host}:${https.port}   sftp://${sftp.host}:${sftp.port}   drop folder ${dropFolder}`);
  for (const skipped of jobs.skipped) tell.say(`not taken: ${skipped}`);
  return new Scene(stage, tell, served);
}

async function enrol(scene: Scene, released: readonly Job[]): Promise<void> {
  scene.tell.step('Enrol people, each signed for by two administrators, and a machine; each has a key of their own');
  const usPerson = ['--us-person', 'yes', '--us-evidence', 'demo: made up', '--us-until', lastDayOfNextYear()];
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
      ...usPerson,
      '--new-key',
      scene.key(id),
      ...roles.flatMap((role) => ['--role', role]),
    ];
    const { out } = await scene.expectDone(args);
    scene.tell.say(`${id.padEnd(8)} ${roles.join(', ').padEnd(36)} entry ${(out as { index: number }).index}`);
  }
  const publicKey = join(scene.stage.folder, 'machine.pub');
  writeFileSync(publicKey, `${scene.machineKey.public}\n`);
  writeFileSync(join(scene.stage.folder, 'machine.key'), scene.machineKey.private, { mode: 0o600 });
  const groups = [...new Set(released.map((job) => job.group))].flatMap((group) => ['--group', group]);
  const where = ['--cell', 'C3', '--country', 'US', '--make', 'Haas', '--model', 'VF-4', '--control', 'NGC'];
  const may = ['ITAR', 'EAR', 'none'].flatMap((which) => ['--jurisdiction', which]);
  const { out } = await scene.expectDone([
    'machine',
    'add',
    machine,
    ...groups,
    ...where,
    ...may,
    '--ssh-key',
    publicKey,
  ]);
  scene.tell.say(
    `${machine.padEnd(8)} machine, ${groups
      .filter((_, at) => at % 2 === 1)
      .join(', ')
      .padEnd(27)} entry ${(out as { index: number }).index}`,
  );
}

async function release(scene: Scene, job: Job): Promise<PackageView | undefined> {
  scene.tell.step(`Drop ${job.label} into the folder; two people approve it; it is released and signed`);
  const deposit = await scene.drop(job);
  if (deposit.state !== 'admitted' || !deposit.packageId) {
    for (const { code, field, message } of deposit.reasons)
      scene.tell.say(`kept in quarantine: ${code} (${field}) ${message}`);
    return undefined;
  }
  for (const file of deposit.files) scene.tell.say(`${file.digest}  ${file.name}`);
  const counts = { block: 0, hold: 0, warn: 0, note: 0 };
  for (const { severity } of deposit.findings) counts[severity]++;
  scene.tell.say(
    `${deposit.depositId} entry ${deposit.index}: hashed, inspected (${counts.hold} holds, ${counts.warn} warnings, ${counts.note} notes), admitted as ${deposit.packageId}`,
  );
  for (const person of ['ME-2', 'QA-1']) {
    const { out } = await scene.expectDone(['approve', deposit.packageId, '--as', person, '--key', scene.key(person)]);
    const answer = out as ApprovalAnswer;
    const then =
      answer.release.state === 'released'
        ? `released as ${answer.release.releaseId}, entry ${answer.release.index}`
        : answer.release.state;
    scene.tell.say(`${person} approved with their own key, entry ${answer.index}: ${then}`);
  }
  const { out } = await scene.expectDone(['status', deposit.packageId]);
  const found = out as PackageView;
  scene.tell.check(`${job.label} is released, manifest ${found.manifestDigest}`, found.state === 'released');
  return found;
}

async function pull(scene: Scene, released: { job: Job; found: PackageView }[]): Promise<void> {
  scene.tell.step(`${machine} lists its shelf and pulls over SFTP with its own key; openssl checks what came`);
  const client = await scene.connect();
  scene.tell.say(`host key ${client.hostKey}`);
  scene.tell.say(`/current: ${(await client.list('/current')).join('  ')}`);
  for (const { job, found } of released) {
    const folder = `/by-part/${found.part}/${found.revision}/${found.operation}`;
    for (const file of job.files) {
      const got = await client.pull(`${folder}/${file.name}`);
      const signature = await client.pull(`${folder}/${file.name}.p7s`);
      const same = Buffer.isBuffer(got) && got.equals(file.bytes);
      scene.tell.check(`${file.name}: ${Buffer.isBuffer(got) ? `${got.length} bytes, ${digestOf(got)}` : got}`, same);
      if (Buffer.isBuffer(got) && Buffer.isBuffer(signature)) await openssl(scene, file.name, got, signature);
    }
  }
  client.close();
}

async function openssl(scene: Scene, name: string, content: Buffer, signature: Buffer): Promise<void> {
  const folder = join(scene.stage.folder, 'pulled');
  mkdirSync(folder, { recursive: true });
  const [file, p7s] = [join(folder, name), join(folder, `${name}.p7s`)];
  writeFileSync(file, content);
  writeFileSync(p7s, signature);
  const authority = join(scene.stage.folder, 'data', 'keys', 'ca.crt.pem');
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
  const { code, text } = await scene.stage.run('openssl', args);
  if (code === 127) return scene.tell.say('openssl is not installed here: its check was left out');
  scene.tell.check(`openssl cms -verify -binary ${name}: ${text.split('\n')[0]}`, code === 0);
}

function sayHowToLook(scene: Scene): void {
  const { sftp } = scene.served;
  scene.tell.step('The gateway is left running; Ctrl-C ends it and removes its folder');
  scene.tell.say(`npm run -s keyway -- --config ${scene.stage.configFile} status`);
  scene.tell.say(`sftp -P ${sftp.port} -i ${join(scene.stage.folder, 'machine.key')} ${machine}@${sftp.host}`);
}

const lastDayOfNextYear = (): string => `${new Date(systemClock()).getUTCFullYear() + 1}-12-31`;
