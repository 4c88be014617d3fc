import type { Catalog } from '../catalog/catalog.ts';
import type { PackageRow } from '../catalog/queries/packages.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import { type RetrievalRow, retrievalRow } from '../catalog/queries/returns.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import type { BrowseService } from './browse.ts';
import type { Asker } from './principals.ts';

type ControlDifferenceParts = {
  catalog: Pick<Catalog, 'current'>;
  browse: Pick<BrowseService, 'package' | 'allowed' | 'shown'>;
  vault: Pick<BlobStore, 'read' | 'readQuarantined'>;
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
    const { difference } = changed.row;
    if (difference === null) throw new DomainError('not-found', 'No difference was kept: look at the bytes.');
    return this.#read(asker, changed, difference, 'read');
  }

  /** What was sent, or what came back. Throws `not-found`, and `too-large` for what no screen shows. */
  async text(asker: Asker, id: string, side: ControlSide): Promise<{ name: string; bytes: Buffer }> {
    const changed = await this.#comparable(asker, id);
    const { name, file, digest, deliveredDigest } = changed.row;
    const [of, called, from] =
      side === 'received' ? [digest, name, 'readQuarantined' as const] : [deliveredDigest, file, 'read' as const];
    if (of === null || called === null) throw nothing();
    const bytes = await this.#read(asker, changed, of, from);
    this.#parts.browse.shown(asker, changed.package, { name: called, digest: of });
    return { name: called, bytes };
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
    const { browse, vault } = this.#parts;
    const bytes = await vault[from](digest, limits.inspectWholeBytes);
    // A right may have ended while it was read.
    for (const action of ['view', 'compare'] as const) browse.allowed(action, asker, of.package);
    return bytes;
  }
}

const nothing = () => new DomainError('not-found', 'Nothing such came back.');
