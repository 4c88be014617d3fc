import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DepositView } from '../../edges/http/contract/deposits.ts';
import { newSshKeyPair } from '../../edges/sftp/ssh-keys.ts';
import type { Job } from './jobs.ts';
import { MachineClient } from './machine-client.ts';
import type { Ran, Served, Stage } from './stage.ts';
import type { Teller } from './teller.ts';

export const machine = 'MILL-01';
const depositDeadlineMs = 15_000;

/** What every step of the story does on the running gateway: drop, look, connect, call the command. */
export class Scene {
  readonly stage: Stage;
  readonly tell: Teller;
  readonly served: Served;
  readonly machineKey = newSshKeyPair();

  constructor(stage: Stage, tell: Teller, served: Served) {
    this.stage = stage;
    this.tell = tell;
    this.served = served;
  }

  /** Files first, the sidecar last and by rename, as a CAM system or a careful person would. */
  async drop(job: Job): Promise<DepositView> {
    const folder = this.served.dropFolder;
    const before = new Set((await this.deposits()).map(({ depositId }) => depositId));
    for (const file of job.files) writeFileSync(join(folder, file.name), file.bytes);
    writeFileSync(join(folder, `.${job.sidecarName}`), job.sidecar);
    renameSync(join(folder, `.${job.sidecarName}`), join(folder, job.sidecarName));
    const deadline = performance.now() + depositDeadlineMs;
    for (;;) {
      const made = (await this.deposits()).find(({ depositId }) => !before.has(depositId));
      if (made) {
        const { out } = await this.expectDone(['status', made.depositId]);
        const deposit = out as DepositView;
        if (deposit.state === 'admitted' || deposit.state === 'rejected') return deposit;
      }
      if (performance.now() > deadline) throw new Error(`the gateway did not take ${job.label} out of the drop folder`);
      await pause(100);
    }
  }

  async deposits(): Promise<DepositView[]> {
    return this.stage.client().deposits();
  }

  async connect(): Promise<MachineClient> {
    const client = new MachineClient();
    await client.connect(this.served.sftp, machine, this.machineKey.private);
    return client;
  }

  async expectDone(args: string[]): Promise<Ran> {
    const ran = await this.stage.keyway(...args);
    if (ran.code !== 0) throw new Error(`keyway ${args.join(' ')} ended with ${ran.code}: ${ran.text}`);
    return ran;
  }

  key(person: string): string {
    return join(this.stage.folder, `${person.toLowerCase()}.key.pem`);
  }

  async verifyLedger(): Promise<void> {
    this.tell.step(
      'Verify the ledger in a separate process that shares nothing with the gateway but the file it reads',
    );
    const { code, out, text } = await this.stage.keyway('ledger', 'verify');
    const { entries, covered, checkpoints, root } = (out ?? {}) as Record<string, unknown>;
    this.tell.check(`${entries} entries, ${covered} under ${checkpoints} signed checkpoints, root ${root}`, code === 0);
    if (code !== 0) this.tell.say(text);
  }
}
