import { copyFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MachineClient } from '../../src/cli/demo/machine-client.ts';
import { type Ran, type Served, Stage } from '../../src/cli/demo/stage.ts';
import type { DepositView } from '../../src/edges/http/contract/deposits.ts';
import type { PackageView } from '../../src/edges/http/contract/packages.ts';
import { newSshKeyPair } from '../../src/edges/sftp/ssh-keys.ts';
import { keywayHere } from './keyway-here.ts';

export const sampleFolder = fileURLToPath(new URL('../../config/sample/', import.meta.url));
export const simpleProgram = (number: number, feed = 20) =>
  `%\nO${number}\nN10 G20 G90 G17\nN20 G0 X0. Y0.\nN30 G1 X1. F${feed}.\nN40 M30\n%\n`;

/** Polls until `look` gives something; a story never sleeps for a fixed time. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, deadlineMs = 20_000): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A US person by evidence that outlasts the story. */
const usPerson = ['--us-person', 'yes', '--us-evidence', 'passport', '--us-until', '2099-12-31'];

/**
 * A shop floor for a story: a gateway of real processes, people and a machine with keys of their own. Their commands run
 * in this process.
 */
export class Floor {
  readonly stage = new Stage();
  served!: Served;
  readonly #machineKeys = new Map<string, string>();

  /** `more`: further lines of the configuration. */
  static async open(more = ''): Promise<Floor> {
    const floor = new Floor();
    floor.served = await floor.stage.start(more);
    return floor;
  }

  async enrol(id: string, ...roles: string[]): Promise<void> {
    const args = ['person', 'add', id, '--name', id, '--new-key', this.key(id), ...usPerson];
    await this.done(...args, ...roles.flatMap((role) => ['--role', role]));
  }

  async crew(): Promise<void> {
    await this.enrol('CAM-1', 'programmer', 'quality');
    await this.enrol('ME-2', 'manufacturing-engineer');
    await this.enrol('QA-1', 'quality');
    await this.machine('HAAS-VF-07');
  }

  async machine(
    id: string,
    options: { groups?: string[]; country?: string; jurisdictions?: string[] } = {},
  ): Promise<void> {
    const pair = newSshKeyPair();
    const file = join(this.stage.folder, `${id}.pub`);
    writeFileSync(file, pair.public);
    writeFileSync(this.sshKey(id), pair.private, { mode: 0o600 });
    this.#machineKeys.set(id, pair.private);
    const { groups = ['HAAS-VF'], country = 'US', jurisdictions = ['ITAR', 'EAR', 'none'] } = options;
    const lists = [
      ...groups.flatMap((group) => ['--group', group]),
      ...jurisdictions.flatMap((which) => ['--jurisdiction', which]),
    ];
    await this.done('machine', 'add', id, '--cell', 'C3', '--country', country, '--ssh-key', file, ...lists);
  }

  /** A machine that comes by FTP, with its password. */
  async ftpMachine(id: string, channel: 'ftp' | 'ftps', password: string, group = 'HAAS-VF'): Promise<void> {
    const file = join(this.stage.folder, `${id}.password`);
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    const may = ['ITAR', 'EAR', 'none'].flatMap((which) => ['--jurisdiction', which]);
    const place = ['--group', group, '--cell', 'C3', '--country', 'US'];
    await this.done('machine', 'add', id, '--channel', channel, '--password-file', file, ...place, ...may);
  }

  key(person: string): string {
    return join(this.stage.folder, `${person.toLowerCase()}.key.pem`);
  }
  sshKey(machine: string): string {
    return join(this.stage.folder, `${machine}.sshkey`);
  }
  data(...path: string[]): string {
    return join(this.stage.folder, 'data', ...path);
  }

  /** `keyway ARGS --json`; a refusal is an answer too. */
  async #keyway(args: readonly string[]): Promise<Ran> {
    // A gateway that is not refused would go on in this process, and the module of a token keeps what its first environment said.
    const wantsOwn = args[0] === 'serve' || args.some((arg) => arg === '--token' || arg.startsWith('pkcs11:'));
    if (wantsOwn) return this.stage.keyway(...args);
    const { code, out, err } = await keywayHere('--config', this.stage.configFile, '--json', ...args);
    return { code, out: out === '' ? undefined : JSON.parse(out), text: `${out}${err}`.trim() };
  }

  async done(...args: string[]): Promise<Ran> {
    const ran = await this.#keyway(args);
    if (ran.code !== 0) throw new Error(`keyway ${args.join(' ')}: ${ran.code} ${ran.text}`);
    return ran;
  }

  /** The refusal of a command that must not succeed. */
  async refused(...args: string[]): Promise<{ exit: number; code: string; message: string; field?: string }> {
    const ran = await this.#keyway(args);
    if (ran.code === 0) throw new Error(`keyway ${args.join(' ')} was not refused: ${ran.text}`);
    return { exit: ran.code, ...(ran.out as { error: { code: string; message: string } }).error };
  }

  /** What a command found that is not as it must be. */
  async refusedToVerify(...args: string[]): Promise<unknown> {
    const ran = await this.#keyway(args);
    if (ran.code !== 4) throw new Error(`keyway ${args.join(' ')} ended with ${ran.code}: ${ran.text}`);
    return ran.out;
  }

  /** Once a checkpoint covers all that is recorded so far: a person's next command comes later than that. */
  async covered(): Promise<void> {
    const client = this.stage.client();
    const { size } = await client.ledger();
    await until(`a checkpoint over ${size} entries`, async () => {
      const { checkpoint } = await client.ledger();
      return checkpoint && checkpoint.size >= size ? true : undefined;
    });
  }

  /** Puts a job into the drop folder; the sidecar comes last. */
  drop(sidecarName: string, sidecar: string | object, files: Record<string, string | Buffer>): void {
    const folder = this.served.dropFolder;
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const text = typeof sidecar === 'string' ? sidecar : JSON.stringify(sidecar);
    writeFileSync(join(folder, `.${sidecarName}`), text);
    renameSync(join(folder, `.${sidecarName}`), join(folder, sidecarName));
  }

  dropSample(from = sampleFolder): void {
    const names = readdirSync(from).filter((name) => statSync(join(from, name)).isFile());
    for (const name of names.sort((a, b) => Number(a.includes('.keyway.')) - Number(b.includes('.keyway.')))) {
      copyFileSync(join(from, name), join(this.served.dropFolder, name));
    }
  }

  /** The sidecar of a small job. */
  sidecar(part: string, file: string, over: object = {}): object {
    return {
      part,
      revision: 'A',
      operation: '10',
      machineGroup: 'HAAS-VF',
      author: 'CAM-1',
      changeOrder: 'ECO-1',
      classification: { jurisdiction: 'none' },
      files: [{ name: file, role: 'main-program' }],
      ...over,
    };
  }

  /** The deposit of this name, once it is disposed of. */
  disposed(name: string): Promise<DepositView> {
    return until(`the disposition of ${name}`, async () => {
      const deposits = await this.stage.client().deposits();
      return deposits.find(
        (deposit) => deposit.name === name && (deposit.state === 'admitted' || deposit.state === 'rejected'),
      );
    });
  }

  async admitted(name: string): Promise<string> {
    const deposit = await this.disposed(name);
    if (!deposit.packageId) throw new Error(`${name} was rejected: ${JSON.stringify(deposit.reasons)}`);
    return deposit.packageId;
  }

  approve(packageId: string, person: string, ...rest: string[]): Promise<Ran> {
    return this.done('approve', packageId, '--as', person, '--key', this.key(person), ...rest);
  }

  async release(packageId: string): Promise<PackageView> {
    await this.approve(packageId, 'ME-2');
    const { route } = await this.stage.client().package(packageId);
    const decided = route.change === 'program' ? ['--first-article', 'accept', '--reason', 'As drafted.'] : [];
    await this.approve(packageId, 'QA-1', ...decided);
    return this.stage.client().package(packageId);
  }

  async connect(machine: string): Promise<MachineClient> {
    const client = new MachineClient();
    await client.connect(this.served.sftp, machine, this.#machineKeys.get(machine) ?? '');
    return client;
  }

  close(): Promise<void> {
    return this.stage.stop();
  }
}
