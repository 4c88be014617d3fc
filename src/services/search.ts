import type { Catalog } from '../catalog/catalog.ts';
import { packageRow } from '../catalog/queries/packages.ts';
import { type Found, foundByDigest, foundByText, packageOfAnyId } from '../catalog/queries/search.ts';
import type { Standing } from '../catalog/standing.ts';
import { classificationBanner } from '../domain/classification.ts';
import { limits } from '../domain/limits.ts';
import type { LedgerReader } from '../ledger/store.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';

type SearchParts = {
  catalog: Pick<Catalog, 'current'>;
  standing: Pick<Standing, 'machines' | 'people'>;
  authority: Pick<Authority, 'decide'>;
  reader: Pick<LedgerReader, 'size'>;
};

export type Hit = {
  kind: Found['kind'] | 'machine' | 'person' | 'deposit' | 'delivery' | 'run' | 'readback' | 'entry';
  id: string;
  title: string;
  detail: string;
  banner?: string;
};

type Seen = { title: string; detail: string; banner: string };

const kindOfId: Record<string, Hit['kind']> = {
  'PKG-': 'package',
  'DEP-': 'deposit',
  'REL-': 'release',
  'DLV-': 'delivery',
  'RUN-': 'run',
  'RTV-': 'readback',
};

/**
 * Whatever a person reads off paper, a part or a control: a serial, part, O-number, file, work order, change order, machine,
 * person, digest or id, by how it begins. A hit is shown to those who may see the package behind it, and to nobody else.
 */
export class SearchService {
  readonly #parts: SearchParts;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  async search(asker: Asker, q: string): Promise<Hit[]> {
    const db = await this.#parts.catalog.current();
    const text = q.trim();
    const hits = [
      ...this.#byId(db, asker, text.toUpperCase()),
      ...this.#byIndex(asker, text),
      ...this.#machines(text),
      ...this.#people(asker, text),
      ...this.#found(db, asker, text),
    ];
    return hits.slice(0, limits.searchHits);
  }

  #byId(db: Sqlite, asker: Asker, id: string): Hit[] {
    const kind = kindOfId[id.slice(0, 4)];
    const about = kind && packageOfAnyId(db, id);
    const seen = about && this.#seen(db, asker, about);
    return kind && seen ? [{ kind, id, ...seen }] : [];
  }

  /** A number alone may be a ledger index too. */
  #byIndex(asker: Asker, text: string): Hit[] {
    if (!/^[0-9]{1,12}$/.test(text) || Number(text) >= this.#parts.reader.size()) return [];
    if (this.#parts.authority.decide('read-ledger', asker, { kind: 'ledger' }).verdict === 'deny') return [];
    return [{ kind: 'entry', id: text, title: `Ledger entry ${text}`, detail: '' }];
  }

  /** Machines are no technical data: whoever stands before one reads its name off its door. */
  #machines(text: string): Hit[] {
    return [...this.#parts.standing.machines()]
      .filter(
        ({ machine }) => begins(machine.id, text) || (machine.serial !== undefined && begins(machine.serial, text)),
      )
      .slice(0, limits.searchHitsPerKind)
      .map(({ machine: { id, make, model, cell } }) => ({
        kind: 'machine',
        id,
        title: id,
        detail: `${make} ${model} · cell ${cell}`,
      }));
  }

  #people(asker: Asker, text: string): Hit[] {
    if (text.length < 2) return [];
    const { standing, authority } = this.#parts;
    const reads = authority.decide('read-ledger', asker, { kind: 'ledger' }).verdict === 'permit';
    return [...standing.people()]
      .filter(({ person }) => reads && (begins(person.id, text) || begins(person.name, text)))
      .slice(0, limits.searchHitsPerKind)
      .map(({ person: { id, name, roles } }) => ({
        kind: 'person',
        id,
        title: `${id} ${name}`,
        detail: roles.join(', '),
      }));
  }

  #found(db: Sqlite, asker: Asker, text: string): Hit[] {
    const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/i.exec(text)?.[1]?.toLowerCase();
    const rows = limits.searchRowsPerKind;
    const found = [...foundByText(db, text, rows), ...(hex === undefined ? [] : foundByDigest(db, hex, rows))];
    const hits: Hit[] = [];
    const known = new Map<string, Seen | undefined>();
    for (const { about, kind, id, title, detail } of found) {
      if (!known.has(about)) known.set(about, this.#seen(db, asker, about));
      const seen = known.get(about);
      const isNew = !hits.some((hit) => hit.kind === kind && hit.id === id && hit.title === title);
      if (seen && isNew) hits.push({ kind, id, title, detail, banner: seen.banner });
    }
    return hits;
  }

  #seen(db: Sqlite, asker: Asker, packageId: string): Seen | undefined {
    const row = packageRow(db, packageId);
    const { authority } = this.#parts;
    if (!row || authority.decide('view', asker, packageFacts(row.packageId, row.manifest)).verdict === 'deny')
      return undefined;
    const { part, revision, operation, classification } = row.manifest;
    const title = `${part} rev ${revision} op ${operation}`;
    return { title, detail: row.state, banner: classificationBanner(classification) };
  }
}

const begins = (whole: string, text: string): boolean => whole.toLowerCase().startsWith(text.toLowerCase());
