import type { Catalog } from '../catalog/catalog.ts';
import { depositRow } from '../catalog/queries/deposits.ts';
import { packageRow } from '../catalog/queries/packages.ts';
import { releaseOfDelivery, releasePackage } from '../catalog/queries/releases.ts';
import { retrievalRow } from '../catalog/queries/returns.ts';
import type { Action } from '../domain/decisions.ts';
import type { EventOf, EventType, Sequenced } from '../domain/events.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts, type Resource } from './authority.ts';
import { releasesOf } from './evidence-scope.ts';
import type { Asker } from './principals.ts';

type EntrySightParts = { catalog: Pick<Catalog, 'current'>; authority: Pick<Authority, 'decide'> };
/** Ids of packages, or undefined for what belongs to no package that is known: only the host's account sees that. */
type About = (string | undefined)[];
/** What an entry is about, looked up once for everybody who may ask. */
export type EntrySubject = { type: EventType; packages: readonly (Resource | undefined)[] };

/**
 * Whether somebody may see the body of an entry: not where it is about a package that they may not view, and where it is
 * about none only whoever may read the ledger. That the entry is there, with its type and time, every tile shows.
 */
export class EntrySight {
  readonly #parts: EntrySightParts;

  constructor(parts: EntrySightParts) {
    this.#parts = parts;
  }

  async maySee(asker: Asker, event: Sequenced['event']): Promise<boolean> {
    return this.maySeeSubject(asker, subjectReader(await this.#parts.catalog.current())(event));
  }

  /** `actions`: any of them is enough; whoever sends programs to machines need not be one who views them. */
  maySeeSubject(asker: Asker, { type, packages }: EntrySubject, actions: readonly Action[] = ['view']): boolean {
    if (asker.principal.kind === 'local') return true;
    const { authority } = this.#parts;
    const may = (action: Action, resource: Resource) => authority.decide(action, asker, resource).verdict === 'permit';
    if (packages.length === 0 || auditTypes.has(type)) if (!may('read-ledger', { kind: 'ledger' })) return false;
    return packages.every((about) => about !== undefined && actions.some((action) => may(action, about)));
  }
}

/** Who looked at what, and was refused: for whoever reads the ledger, also where it is about a package. */
const auditTypes: ReadonlySet<EventType> = new Set(['access.refused', 'access.listed', 'evidence.exported']);

/**
 * Looks up what entries are about, in the tables of this moment: for one pass over entries, most of which are about the same
 * few packages.
 */
export function subjectReader(db: Sqlite): (event: Sequenced['event']) => EntrySubject {
  const packageOf = remembering((id) => packageOfId(db, id));
  const factsOf = remembering((id) => {
    const row = packageRow(db, id);
    return row && packageFacts(row.packageId, row.manifest);
  });
  return (event) => {
    const packages = packagesOf(db, event, packageOf);
    return { type: event.type, packages: packages.map((id) => (id === undefined ? undefined : factsOf(id))) };
  };
}

function remembering<Found>(look: (id: string) => Found): (id: string) => Found {
  const known = new Map<string, { found: Found }>();
  return (id) => {
    const before = known.get(id);
    if (before) return before.found;
    const found = look(id);
    known.set(id, { found });
    return found;
  };
}

function packagesOf(db: Sqlite, event: Sequenced['event'], packageOf: (id: string) => About): About {
  if (event.type === 'access.refused') return packagesAsked(event.data);
  if (event.type === 'evidence.exported') {
    const found = releasesOf(db, event.data.question).map(({ packageId }) => packageId);
    return found.length > 0 ? found : [undefined];
  }
  const data: Record<string, unknown> = event.data;
  if (event.type === 'legal-hold.placed') return event.data.releases.flatMap(packageOf);
  return ['packageId', 'depositId', 'releaseId', 'deliveryId', 'retrievalId', 'by'].flatMap((field) => {
    const id = data[field];
    return typeof id === 'string' ? packageOf(id) : [];
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
