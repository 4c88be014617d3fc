import type { PackageId } from '../../domain/ids.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

/** Something that fits what somebody typed. `about`: the package that it belongs to. */
export type Found = { kind: FoundKind; id: string; title: string; detail: string; about: PackageId };
export type FoundKind = 'package' | 'release' | 'file' | 'serial' | 'work-order';

const between = (column: string) => `${column} >= @from COLLATE NOCASE AND ${column} < @to COLLATE NOCASE`;
const named = "p.part || ' rev ' || p.revision || ' op ' || p.operation";

/** By how it begins, upper case or lower: each over an index, so that the size of the catalogue does not matter. */
const queries = [
  `SELECT 'package' AS kind, p.id, ${named} AS title, p.state || ' · ' || p.change_order AS detail, p.id AS about
   FROM packages p WHERE ${between('p.part')} ORDER BY p.part COLLATE NOCASE, p.idx DESC LIMIT @rows`,
  `SELECT 'package' AS kind, p.id, ${named} AS title, p.state || ' · ' || p.change_order AS detail, p.id AS about
   FROM packages p WHERE ${between('p.change_order')} LIMIT @rows`,
  `SELECT 'file' AS kind, f.package_id AS id, f.name AS title, ${named} || ' · ' || p.state AS detail, p.id AS about
   FROM package_files f JOIN packages p ON p.id = f.package_id WHERE ${between('f.name')} LIMIT @rows`,
  `SELECT 'file' AS kind, f.package_id AS id, f.number || ' · ' || f.name AS title, ${named} || ' · ' || p.state AS detail,
     p.id AS about
   FROM package_files f JOIN packages p ON p.id = f.package_id
   WHERE f.number IS NOT NULL AND ${between('f.number')} LIMIT @rows`,
  `SELECT 'serial' AS kind, s.serial AS id, s.serial AS title, r.work_order || ' · ' || r.machine_id AS detail,
     l.package_id AS about
   FROM run_serials s JOIN runs r ON r.id = s.run_id JOIN releases l ON l.id = r.release_id
   WHERE ${between('s.serial')} LIMIT @rows`,
  `SELECT 'work-order' AS kind, r.work_order AS id, r.work_order AS title, r.machine_id || ' · ' || r.time AS detail,
     l.package_id AS about
   FROM runs r JOIN releases l ON l.id = r.release_id WHERE ${between('r.work_order')} LIMIT @rows`,
];

const byDigest = `SELECT 'file' AS kind, f.package_id AS id, f.name AS title, ${named} || ' · ' || f.digest AS detail,
  p.id AS about FROM package_files f JOIN packages p ON p.id = f.package_id
  WHERE f.digest >= @from AND f.digest < @to LIMIT @rows`;

/** What begins with `text`, some of each kind. */
export function foundByText(db: Sqlite, text: string, rows: number): Found[] {
  const range = { from: text, to: `${text}\uffff`, rows };
  return queries.flatMap((sql) => prepared(db, sql).all(range) as Found[]);
}

/** Files whose digest begins with these hexadecimal digits. */
export const foundByDigest = (db: Sqlite, hex: string, rows: number): Found[] =>
  prepared(db, byDigest).all({ from: `sha256:${hex}`, to: `sha256:${hex}g`, rows }) as Found[];

/** The package that an id of ours belongs to: of a package, a release, a deposit, a delivery, a run or what came back. */
export function packageOfAnyId(db: Sqlite, id: string): PackageId | undefined {
  const sql = idQueries[id.slice(0, 4)];
  return sql === undefined ? undefined : (plucked(db, sql).get(id) as PackageId | undefined);
}

const ofRelease = (table: string) =>
  `SELECT l.package_id FROM ${table} t JOIN releases l ON l.id = t.release_id WHERE t.id = ?`;
const idQueries: Record<string, string> = {
  'PKG-': 'SELECT id FROM packages WHERE id = ?',
  'DEP-': 'SELECT package_id FROM deposits WHERE id = ? AND package_id IS NOT NULL',
  'REL-': 'SELECT package_id FROM releases WHERE id = ?',
  'DLV-': ofRelease('deliveries'),
  'RUN-': ofRelease('runs'),
  'RTV-': ofRelease('retrievals'),
};
