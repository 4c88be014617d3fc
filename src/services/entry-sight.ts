import type { Catalog } from '../catalog/catalog.ts';
import { depositRow } from '../catalog/queries/deposits.ts';
import { packageRow } from '../catalog/queries/packages.ts';
import { releaseOfDelivery, releasePackage } from '../catalog/queries/releases.ts';
import { retrievalRow } from '../catalog/queries/returns.ts';
import type { EventOf, Sequenced } from '../domain/events.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts } from './authority.ts';
import { releasesOf } from './evidence-scope.ts';
import type { Asker } from './principals.ts';

type EntrySightParts = { catalog: Pick<Catalog, 'current'>; authority: Pick<Authority, 'decide'> };
/** Ids of packages, or undefined for what belongs to no package that is known: only the host's account sees that. */
type About = (string | undefined)[];

/**
 * Whether whoever reads the ledger may see the body of an entry: not where it is about a package that they may not view.
 * That the entry is there, with its type and time, every tile shows.
 */
export class EntrySight {
  readonly #parts: EntrySightParts;

  constructor(parts: EntrySightParts) {
    this.#parts = parts;
  }

  async maySee(asker: Asker, event: Sequenced['event']): Promise<boolean> {
    if (asker.principal.kind === 'local') return true;
    const db = await this.#parts.catalog.current();
    return packagesOf(db, event).every((id) => {
      const row = id === undefined ? undefined : packageRow(db, id);
      const facts = row && packageFacts(row.packageId, row.manifest);
      return facts !== undefined && this.#parts.authority.decide('view', asker, facts).verdict === 'permit';
    });
  }
}

function packagesOf(db: Sqlite, event: Sequenced['event']): About {
  if (event.type === 'access.refused') return packagesAsked(event.data);
  if (event.type === 'evidence.exported') {
    const found = releasesOf(db, event.data.question).map(({ packageId }) => packageId);
    return found.length > 0 ? found : [undefined];
  }
  const data: Record<string, unknown> = event.data;
  return ['packageId', 'depositId', 'releaseId', 'deliveryId', 'retrievalId', 'by'].flatMap((field) => {
    const id = data[field];
    return typeof id === 'string' ? packageOfId(db, id) : [];
  });
}

/** What was asked for need not exist: an answer that differs would tell whether it does. */
function packagesAsked({ action, asked }: EventOf<'access.refused'>['data']): About {
  if (action === 'administer' || action === 'read-ledger') return [];
  return asked.map((id) => (id.startsWith('PKG-') ? id : undefined));
}

function packageOfId(db: Sqlite, id: string): About {
  switch (id.slice(0, 4)) {
    case 'PKG-':
      return [id];
    case 'DEP-':
      return [depositRow(db, id)?.packageId];
    case 'RTV-':
      return packageOfRetrieval(db, id);
    case 'REL-':
      return [releasePackage(db, id)?.packageId];
    default:
      return [releasePackage(db, releaseOfDelivery(db, id)[0] ?? '')?.packageId];
  }
}

/** What is of no release is about no package; what did not come whole may have been of any. */
function packageOfRetrieval(db: Sqlite, id: string): About {
  const row = retrievalRow(db, id);
  if (row?.verdict === 'unmatched') return [];
  return [releasePackage(db, row?.releaseId ?? '')?.packageId];
}
