import type { Catalog } from '../catalog/catalog.ts';
import type { PackageRow } from '../catalog/queries/packages.ts';
import { releaseBefore, releasePackage } from '../catalog/queries/releases.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { isProgram, type ManifestFile } from '../domain/manifest.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import type { BrowseService } from './browse.ts';
import type { ComputedPrograms } from './computed-programs.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import type { Asker } from './principals.ts';
import type { StoredProgram, StoredSide } from './program-task.ts';

type ProgramDeskParts = {
  browse: Pick<BrowseService, 'package' | 'allowed'>;
  catalog: Pick<Catalog, 'current'>;
  standing: Pick<Standing, 'releaseOfJob'>;
  vault: Pick<BlobStore, 'path'>;
  profiles: Pick<MachineProfiles, 'forGroup'>;
  computed: Pick<ComputedPrograms, 'expect' | 'of'>;
};

/** What is compared with what. `against`: a package's or a release's id; without it, what the package goes beyond. */
export type ComparedPackages = { after: PackageRow; before: PackageRow };

/** Programs as people look at them: what changed between two packages, and the path of the tool. */
export class ProgramDesk {
  readonly #parts: ProgramDeskParts;

  constructor(parts: ProgramDeskParts) {
    this.#parts = parts;
  }

  /** Both packages, once the asker may compare each. Throws `not-found` for one that they may not see, and where there is none. */
  async compared(asker: Asker, packageId: string, against?: string): Promise<ComparedPackages> {
    const after = await this.#comparable(asker, packageId);
    const other = against ?? (await this.#goesBeyond(after));
    if (other === undefined) throw new DomainError('not-found', 'There is no earlier release of this job.');
    return { after, before: await this.#comparable(asker, await this.#packageOf(other)) };
  }

  /** A difference will be asked for. */
  expect(): void {
    this.#parts.computed.expect();
  }

  /** JSON of the difference of one program (domain/nc-difference.ts). Throws `not-found`, `too-large`, `busy`. */
  async difference(asker: Asker, packageId: string, name: string, against?: string): Promise<Buffer> {
    const { after, before } = await this.compared(asker, packageId, against);
    const task = {
      kind: 'difference' as const,
      before: this.#side(before, name),
      after: this.#side(after, name),
      profile: this.#parts.profiles.forGroup(after.manifest.machineGroup),
    };
    const bytes = await this.#parts.computed.of(task);
    // A right may have ended while it was computed.
    for (const row of [after, before]) this.#parts.browse.allowed('compare', asker, row);
    return bytes;
  }

  /** The packed path of one program (toolpath-pack.ts), of the package or of what it is compared with. Throws as `difference`. */
  async toolpath(
    asker: Asker,
    packageId: string,
    name: string,
    { of, against }: { of: 'before' | 'after'; against?: string | undefined },
  ): Promise<Buffer> {
    const row =
      of === 'after'
        ? await this.#comparable(asker, packageId)
        : (await this.compared(asker, packageId, against)).before;
    const profile = this.#parts.profiles.forGroup(row.manifest.machineGroup);
    const bytes = await this.#parts.computed.of({ kind: 'toolpath', of: this.#side(row, name), profile });
    this.#parts.browse.allowed('compare', asker, row);
    return bytes;
  }

  async #comparable(asker: Asker, packageId: string): Promise<PackageRow> {
    const { row } = await this.#parts.browse.package(asker, packageId, 1);
    this.#parts.browse.allowed('compare', asker, row);
    return row;
  }

  async #goesBeyond(row: PackageRow): Promise<string | undefined> {
    if (row.state === 'submitted') return this.#parts.standing.releaseOfJob(row.manifest)?.packageId;
    if (row.firstArticle) return row.firstArticle.against;
    return row.releaseId && releaseBefore(await this.#parts.catalog.current(), row.releaseId);
  }

  async #packageOf(id: string): Promise<string> {
    if (!id.startsWith('REL-')) return id;
    return releasePackage(await this.#parts.catalog.current(), id)?.packageId ?? id;
  }

  #side({ manifest }: PackageRow, name: string): StoredSide {
    const programs = manifest.files.filter(({ role }) => isProgram(role));
    const file = programs.find((program) => program.name.toLowerCase() === name.toLowerCase());
    if (!file) throw new DomainError('not-found', `There is no program ${name} on both sides.`, { field: 'name' });
    if (file.size > limits.inspectWholeBytes)
      throw new DomainError('too-large', `${name} is too large to be computed.`);
    const small = programs.filter(({ size }) => size <= limits.inspectWholeBytes);
    return { name: file.name, programs: small.map((one) => this.#stored(one)) };
  }

  #stored({ name, digest }: ManifestFile): StoredProgram {
    return { name, digest, path: this.#parts.vault.path(digest) };
  }
}
