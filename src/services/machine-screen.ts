import type { Catalog } from '../catalog/catalog.ts';
import type { MachineStanding } from '../catalog/machine-register.ts';
import { depositRow } from '../catalog/queries/deposits.ts';
import { newestDelivery } from '../catalog/queries/floor.ts';
import { packageRow } from '../catalog/queries/packages.ts';
import { type Held, heldBy } from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import type { ReleaseStanding } from '../catalog/standing-kinds.ts';
import { classificationBanner } from '../domain/classification.ts';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { fingerprintWords } from '../domain/fingerprint-words.ts';
import type { MachineId, PackageId, ReleaseId } from '../domain/ids.ts';
import { doorsOf, type Machine } from '../domain/machines.ts';
import { type FileRole, fileRoles, isProgram, type ManifestFile, onControl } from '../domain/manifest.ts';
import type { ReadbackVerdict } from '../domain/returns.ts';
import type { DeliveryState } from '../domain/states.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import { machineAsker, type ShelfTree } from './shelf.ts';

type MachineScreenParts = {
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Pick<Authority, 'decide'>;
  shelf: Pick<ShelfTree, 'find'>;
};

export type Refused = { code: ErrorCode; detail: string };
export type FloorMachine = { machineId: MachineId; cell: string; control: string; suspended: boolean };
export type Job = {
  packageId: PackageId;
  releaseId: ReleaseId;
  part: string;
  revision: string;
  operation: string;
  banner: string;
  released: string;
  program: {
    name: string;
    size: number;
    digest: ManifestFile['digest'];
    words: string;
    oNumber?: string;
    blocks?: number;
  };
  sheets: { name: string; role: FileRole; size: number }[];
  delivered?: { state: DeliveryState; time: string; bytes: number };
  readback?: { verdict: ReadbackVerdict; time: string };
  refused?: Refused;
};
export type Screen = Omit<FloorMachine, 'suspended'> & {
  link: { kind: 'send' } | { kind: 'pull'; channel: Machine['channel']; at: string };
  refused?: Refused;
  jobs: Job[];
};

/** What stands on the screen at one machine: the released jobs of its groups, and whether it gets each of them. */
export class MachineScreenService {
  readonly #parts: MachineScreenParts;

  constructor(parts: MachineScreenParts) {
    this.#parts = parts;
  }

  /** Names and places of machines, for whoever has to say at which one they stand. */
  machines(): FloorMachine[] {
    return [...this.#parts.standing.machines()].map(floorMachine).sort((a, b) => (a.machineId < b.machineId ? -1 : 1));
  }

  /** Throws `not-found` for a machine that is not registered. Jobs that the asker may not view are not in it. */
  async of(asker: Asker, machineId: string): Promise<Screen> {
    const { catalog, standing, authority } = this.#parts;
    const known = standing.machine(machineId);
    if (!known) throw new DomainError('not-found', `${machineId} is not registered.`, { field: 'machineId' });
    const db = await catalog.current();
    const held = heldBy(db, machineId);
    const { suspended, ...place } = floorMachine(known);
    const ofItsGroups = [...standing.releases()].filter(
      ({ manifest, packageId }) =>
        known.machine.groups.includes(manifest.machineGroup) &&
        authority.decide('view', asker, packageFacts(packageId, manifest)).verdict === 'permit',
    );
    return {
      ...place,
      link: linkOf(known.machine),
      ...(suspended ? { refused: suspendedBecause(known.machine.id) } : {}),
      jobs: ofItsGroups.flatMap((release) => this.#job(db, known.machine, release, held)).sort(byPart),
    };
  }

  /** Nothing for a release without a program that a control runs. */
  #job(db: Sqlite, machine: Machine, release: ReleaseStanding, held: readonly Held[]): Job[] {
    const { releaseId, packageId, manifest, time } = release;
    const sent = onControl(manifest.files);
    const main = sent.find(({ file }) => roleOf(manifest.files, file) === 'main-program') ?? sent[0];
    if (!main) return [];
    const { as, file } = main;
    const delivered = newestDelivery(db, { releaseId, machineId: machine.id, file: file.name });
    const read = held.find((one) => one.releaseId === releaseId && one.as === as);
    const refused = this.#refusal(machine, release, as);
    const job: Job = {
      ...{ packageId, releaseId, part: manifest.part, revision: manifest.revision, operation: manifest.operation },
      ...{ banner: classificationBanner(manifest.classification), released: time },
      program: { name: as, size: file.size, digest: file.digest, words: fingerprintWords(file.digest) },
      sheets: manifest.files.flatMap(sheetOf),
    };
    Object.assign(job.program, this.#facts(db, packageId, manifest.files, file));
    if (delivered) job.delivered = delivered;
    if (read && read.state !== 'unknown') job.readback = { verdict: read.state, time: read.since };
    if (refused) job.refused = refused;
    return [job];
  }

  /** What the machine itself would be told at its door. */
  #refusal(machine: Machine, { releaseId, packageId, manifest }: ReleaseStanding, as: string): Refused | undefined {
    const [channel] = doorsOf(machine);
    if (!channel) return { code: 'not-supported', detail: `No door leads to ${machine.id}.` };
    const at = { machine: machine.id, channel };
    const decision = this.#parts.authority.decide('deliver', machineAsker(at), packageFacts(packageId, manifest));
    if (decision.verdict === 'deny') return { code: 'policy-denied', detail: decision.reasons.join(' ') || unnamed };
    const found = this.#parts.shelf.find(at, ['current', as]);
    if (found?.kind === 'file' && found.release.releaseId === releaseId) return undefined;
    return { code: 'conflict', detail: `Two releases bring different programs to ${machine.id} as ${as}.` };
  }

  #facts(db: Sqlite, packageId: string, files: readonly ManifestFile[], sent: ManifestFile) {
    const name = sent.made?.from ?? sent.name;
    const number = files.find((file) => file.name === name)?.programNumber;
    const depositId = packageRow(db, packageId)?.depositId;
    const facts = depositId && depositRow(db, depositId)?.facts.find(({ file }) => file === name);
    // A form may write other lines than were deposited: their number would not be the one on the control.
    const blocks = facts && !sent.made ? facts.lines : undefined;
    return { ...(number === undefined ? {} : { oNumber: number }), ...(blocks === undefined ? {} : { blocks }) };
  }
}

const unnamed = 'No rule lets this machine have it.';

const floorMachine = ({ machine, suspended }: MachineStanding): FloorMachine => ({
  ...{ machineId: machine.id, cell: machine.cell, control: machine.control, suspended },
});

const suspendedBecause = (machineId: MachineId): Refused => ({
  code: 'policy-denied',
  detail: `${machineId} is suspended: nothing goes to it until two administrators resume it.`,
});

/** Lines and pushes go out from here; to all others a machine or a person comes. */
const linkOf = ({ channel }: Machine): Screen['link'] =>
  channel === 'serial' || channel === 'push' ? { kind: 'send' } : { kind: 'pull', channel, at: '/current' };

const roleOf = (files: readonly ManifestFile[], file: ManifestFile): ManifestFile['role'] | undefined =>
  files.find(({ name }) => name === (file.made?.from ?? file.name))?.role;

function sheetOf({ name, role, size }: ManifestFile): Job['sheets'] {
  const known = fileRoles.find((one) => one === role);
  return known && !isProgram(known) ? [{ name, role: known, size }] : [];
}

const byPart = (a: Job, b: Job): number => (`${a.part} ${a.operation}` < `${b.part} ${b.operation}` ? -1 : 1);
