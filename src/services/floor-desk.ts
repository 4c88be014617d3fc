import type { Catalog } from '../catalog/catalog.ts';
import type { MachineStanding } from '../catalog/machine-register.ts';
import { depositRow } from '../catalog/queries/deposits.ts';
import { newestDelivery, packageRow } from '../catalog/queries/packages.ts';
import { heldBy } from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import type { ReleaseStanding } from '../catalog/standing-kinds.ts';
import type { ReportedProblem } from '../catalog/stop-register.ts';
import { classificationBanner } from '../domain/classification.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { fingerprintOf } from '../domain/fingerprint.ts';
import type { MachineId, PackageId, ReleaseId } from '../domain/ids.ts';
import { doorsOf } from '../domain/machines.ts';
import { isProgram, type ManifestFile, onControl, toControl } from '../domain/manifest.ts';
import type { ReadbackVerdict } from '../domain/returns.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import type { AccessRecord } from './access-record.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';
import { machineAsker } from './shelf.ts';

type FloorDeskParts = {
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  record: Pick<AccessRecord, 'refused' | 'listed'>;
};

/** A released program as whoever stands at the machine looks for it. */
export type FloorProgram = {
  releaseId: ReleaseId;
  packageId: PackageId;
  job: { part: string; revision: string; operation: string };
  banner: string;
  since: string;
  /** Its name on the control, and the number that it gives itself. */
  as: string;
  programNumber: string | undefined;
  digest: Digest;
  words: string;
  size: number;
  lines: number | undefined;
  /** Why it does not go there now. */
  stopped: string | undefined;
  documents: { name: string; role: ManifestFile['role']; digest: Digest; size: number }[];
  /** The newest delivery of it to this machine, however it ended, and what came back since. */
  delivered: ReturnType<typeof newestDelivery>;
  readback: { verdict: ReadbackVerdict; time: string } | undefined;
};
export type FloorScreen = { machine: MachineStanding; programs: FloorProgram[]; problems: ReportedProblem[] };
export type FloorMachine = Pick<MachineStanding, 'machine' | 'suspended'> & { problems: number; differs: number };

/** What an operator sees at one machine, and nothing else: the right programs, by name and fingerprint, and their papers. */
export class FloorDesk {
  readonly #parts: FloorDeskParts;

  constructor(parts: FloorDeskParts) {
    this.#parts = parts;
  }

  /** Every machine, to choose from. That it is there is no technical data. */
  machines(): FloorMachine[] {
    const { standing } = this.#parts;
    const held = [...standing.readbackHolds()];
    return [...standing.machines()].map(({ machine, suspended }) => ({
      ...{ machine, suspended },
      problems: standing.stops.problemsOf(machine.id).length,
      differs: held.filter(({ machineId }) => machineId === machine.id).length,
    }));
  }

  /** Releases of the machine's groups that the asker may have sent there. Throws `not-found` for a machine that is not registered. */
  async screen(asker: Asker, machineId: string): Promise<FloorScreen> {
    const machine = this.#machine(machineId);
    const db = await this.#parts.catalog.current();
    const releases = this.#releasesFor(asker, machine);
    const programs = releases.flatMap((release) => this.#programs(db, machine, release));
    const ids = programs.map(({ releaseId }) => releaseId);
    this.#parts.record.listed(asker, `floor ${machine.machine.id}`, ids);
    const known = new Set<string>(ids);
    const problems = this.#parts.standing.stops.problemsOf(machineId).filter(({ releaseId }) => known.has(releaseId));
    return { machine, programs, problems };
  }

  /** A paper of a release that goes to this machine, to be looked at there: never a program. Throws `not-found`. */
  document(
    asker: Asker,
    machineId: string,
    releaseId: string,
    name: string,
  ): { file: ManifestFile; still: () => void } {
    const machine = this.#machine(machineId);
    const ask = (): ManifestFile | undefined =>
      this.#releasesFor(asker, machine)
        .find((release) => release.releaseId === releaseId)
        ?.manifest.files.find((file) => file.name === name && isPaper(file));
    const file = ask();
    if (!file) {
      this.#parts.record.refused(asker, 'send', [releaseId, name], undefined);
      throw nothingSuch();
    }
    this.#parts.record.listed(asker, 'file', [releaseId, name, file.digest]);
    const still = () => {
      if (!ask()) throw nothingSuch();
    };
    return { file, still };
  }

  #machine(id: string): MachineStanding {
    const known = this.#parts.standing.machine(id);
    if (!known) throw new DomainError('not-found', `${id} is not registered.`, { field: 'machineId' });
    return known;
  }

  #releasesFor(asker: Asker, { machine }: MachineStanding): ReleaseStanding[] {
    const { standing, authority } = this.#parts;
    return [...standing.releases()]
      .filter(({ manifest }) => machine.groups.includes(manifest.machineGroup))
      .filter(
        ({ packageId, manifest }) =>
          authority.decide('send', asker, packageFacts(packageId, manifest)).verdict === 'permit',
      );
  }

  #programs(db: Sqlite, machine: MachineStanding, release: ReleaseStanding): FloorProgram[] {
    const { releaseId, packageId, manifest, time } = release;
    const { part, revision, operation, files, classification } = manifest;
    const linesOf = this.#linesOf(db, packageId);
    const documents = files.filter(isPaper).map(({ name, role, digest, size }) => ({ name, role, digest, size }));
    const held = heldBy(db, machine.machine.id);
    const common = {
      ...{ releaseId, packageId, job: { part, revision, operation }, since: time, documents },
      banner: classificationBanner(classification),
      stopped: this.#whyStopped(machine, release),
    };
    const main = files.find(({ role }) => role === 'main-program')?.name;
    return onControl(files)
      .filter(({ file }) => (file.made?.from ?? file.name) === main)
      .map(({ as, file }) => {
        const source = files.find(({ name }) => name === (file.made?.from ?? file.name)) ?? file;
        const { digest, size } = file;
        const lines = linesOf(source.name);
        const read = held.find((one) => one.releaseId === releaseId && one.as === as);
        return {
          ...common,
          as,
          digest,
          size,
          lines,
          programNumber: source.programNumber,
          words: fingerprintOf(digest),
          delivered: newestDelivery(db, { releaseId, machineId: machine.machine.id, file: file.name }),
          readback: read && read.state !== 'unknown' ? { verdict: read.state, time: read.since } : undefined,
        };
      });
  }

  /** As the machine itself would be refused. */
  #whyStopped(
    { machine, suspended }: MachineStanding,
    { packageId, manifest, doubted }: ReleaseStanding,
  ): string | undefined {
    if (suspended) return 'The machine is suspended.';
    if (doubted !== undefined) return doubted;
    const [channel] = doorsOf(machine);
    if (!channel) return undefined;
    const at = machineAsker({ machine: machine.id as MachineId, channel });
    const { verdict, reasons } = this.#parts.authority.decide('deliver', at, packageFacts(packageId, manifest));
    return verdict === 'deny' ? reasons.join(' ') : undefined;
  }

  #linesOf(db: Sqlite, packageId: string): (name: string) => number | undefined {
    const depositId = packageRow(db, packageId)?.depositId;
    const facts = depositId === undefined ? [] : (depositRow(db, depositId)?.facts ?? []);
    return (name) => facts.find(({ file }) => file === name)?.lines;
  }
}

const isPaper = ({ role }: ManifestFile): boolean => !isProgram(role) && role !== toControl;
const nothingSuch = () => new DomainError('not-found', 'There is no such paper for this machine.');
