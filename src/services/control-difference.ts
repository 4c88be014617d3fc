import type { Catalog } from '../catalog/catalog.ts';
import type { PackageRow } from '../catalog/queries/packages.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import { type RetrievalRow, retrievalRow } from '../catalog/queries/returns.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { calledOnControl, isProgram, type ManifestFile, onControl, toControl } from '../domain/manifest.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import type { BrowseService } from './browse.ts';
import type { ComputedPrograms } from './computed-programs.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import type { Asker } from './principals.ts';
import type { StoredSide } from './program-task.ts';

type ControlDifferenceParts = {
  catalog: Pick<Catalog, 'current'>;
  browse: Pick<BrowseService, 'package' | 'allowed' | 'shown'>;
  vault: Pick<BlobStore, 'read' | 'readQuarantined' | 'path' | 'quarantinePath'>;
  profiles: Pick<MachineProfiles, 'forGroup'>;
  computed: Pick<ComputedPrograms, 'of'>;
};
export const controlSides = ['delivered', 'received'] as const;
export type ControlSide = (typeof controlSides)[number];
type Changed = { row: RetrievalRow; package: PackageRow };

/**
 * What a control changed of a program that it was sent, to look at. What came back is in quarantine and is as controlled as what
 * it came from: who may see it is decided, and put on record, as for the files of that package.
 */
export class ControlDifferences {
  readonly #parts: ControlDifferenceParts;

  constructor(parts: ControlDifferenceParts) {
    this.#parts = parts;
  }

  /** JSON of the difference (domain/nc-difference.ts), as it was kept. Throws `not-found` also where none could be made. */
  async difference(asker: Asker, id: string): Promise<Buffer> {
    const changed = await this.#comparable(asker, id);
    return this.#read(asker, changed, keptDifference(changed.row), 'read');
  }

  /** What was sent, or what came back. Throws `not-found`, and `too-large` for what no screen shows. */
  async text(asker: Asker, id: string, side: ControlSide): Promise<{ name: string; bytes: Buffer }> {
    const changed = await this.#comparable(asker, id);
    const { name, digest } = fileOf(changed.row, side);
    const bytes = await this.#read(asker, changed, digest, side === 'received' ? 'readQuarantined' : 'read');
    this.#parts.browse.shown(asker, changed.package, { name, digest });
    return { name, bytes };
  }

  /**
   * The packed path (toolpath-pack.ts) of what was sent, or of what came back. Throws `not-found` also where no difference could be
   * made, `too-large` and `busy`.
   */
  async toolpath(asker: Asker, id: string, side: ControlSide): Promise<Buffer> {
    const changed = await this.#comparable(asker, id);
    keptDifference(changed.row);
    const shown = fileOf(changed.row, side);
    const profile = this.#parts.profiles.forGroup(changed.package.manifest.machineGroup);
    const bytes = await this.#parts.computed.of({ kind: 'toolpath', of: this.#side(changed, side), profile });
    this.#stillAllowed(asker, changed);
    this.#parts.browse.shown(asker, changed.package, shown);
    return bytes;
  }

  /** Whatever the asker may not see is refused, and answered, as a package that there is not. */
  async #comparable(asker: Asker, id: string): Promise<Changed> {
    const { catalog, browse } = this.#parts;
    const db = await catalog.current();
    const row = retrievalRow(db, id);
    const of = row?.verdict === 'different' && row.releaseId ? releasePackage(db, row.releaseId) : undefined;
    const found = await browse.package(asker, of?.packageId ?? id, 1);
    if (!row || !of) throw nothing();
    browse.allowed('compare', asker, found.row);
    return { row, package: found.row };
  }

  async #read(asker: Asker, of: Changed, digest: Digest, from: 'read' | 'readQuarantined'): Promise<Buffer> {
    const bytes = await this.#parts.vault[from](digest, limits.inspectWholeBytes);
    this.#stillAllowed(asker, of);
    return bytes;
  }

  /** A right may have ended while it was read or computed. */
  #stillAllowed(asker: Asker, of: Changed): void {
    for (const action of ['view', 'compare'] as const) this.#parts.browse.allowed(action, asker, of.package);
  }

  #side({ row, package: { manifest } }: Changed, side: ControlSide): StoredSide {
    const file = manifest.files.find(({ name }) => name === row.file);
    if (!file || !(isProgram(file.role) || file.role === toControl))
      throw new DomainError('not-found', 'What came back is no program: it has no path.');
    if ((side === 'received' ? row.bytes : file.size) > limits.inspectWholeBytes)
      throw new DomainError('too-large', `${file.name} is too large for its path to be drawn.`);
    const { vault } = this.#parts;
    const { digest } = fileOf(row, side);
    const path = side === 'received' ? vault.quarantinePath(digest) : vault.path(digest);
    const name = calledOnControl(manifest.files, file.name);
    const others = besideOnControl(manifest.files, file.name);
    return {
      name,
      programs: [{ name, digest, path }, ...others.map((one) => ({ ...one, path: vault.path(one.digest) }))],
    };
  }
}

const nothing = () => new DomainError('not-found', 'Nothing such came back.');

function keptDifference({ difference }: RetrievalRow): Digest {
  if (difference === null) throw new DomainError('not-found', 'No difference was kept: look at the bytes.');
  return difference;
}

/** What is shown of a side: the name that it had on its way, and its bytes. */
function fileOf(
  { name, file, digest, deliveredDigest }: RetrievalRow,
  side: ControlSide,
): { name: string; digest: Digest } {
  const [called, of] = side === 'received' ? [name, digest] : [file, deliveredDigest];
  if (called === null || of === null) throw nothing();
  return { name: called, digest: of };
}

/** The other programs of a release as its control has them: whatever is done to one there, it calls those. */
const besideOnControl = (files: readonly ManifestFile[], name: string): { name: string; digest: Digest }[] =>
  onControl(files)
    .filter(({ file }) => file.name !== name && file.made?.from !== name && file.size <= limits.inspectWholeBytes)
    .map(({ as, file: { digest } }) => ({ name: as, digest }));
