import type { Finding } from '../../domain/findings.ts';
import type { PackageId } from '../../domain/ids.ts';
import type { PackageState } from '../../domain/states.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';
import { fromRaw, type PackageRow, type RawPackage } from './packages.ts';

export type PackageFilter = {
  state?: PackageState | undefined;
  part?: string | undefined;
  machineGroup?: string | undefined;
  author?: string | undefined;
};
/** `due` wants a state: what is wanted first comes first, then what waits longest; what has no day comes last. */
export type PackageOrder = 'newest' | 'due';
/** Of the last row that was looked at. */
export type PackagePosition = { due: string; index: number };

const noDay = '9999';
const due = `coalesce(due, '${noDay}')`;
export const positionOf = ({ manifest, index }: PackageRow): PackagePosition => ({ due: manifest.due ?? noDay, index });

/** The next rows behind a position. */
export function packageRows(
  db: Sqlite,
  filter: PackageFilter,
  order: PackageOrder,
  after: PackagePosition | undefined,
  rows: number,
): PackageRow[] {
  const { where, values } = behind(filter, order, after);
  const found = prepared(db, `SELECT * FROM packages ${where} LIMIT ?`).all(...values, rows);
  return (found as RawPackage[]).map(fromRaw);
}

/** The next that wait: where each is and nothing else, for whoever looks at many and shows few. */
export function waitingPackages(
  db: Sqlite,
  filter: PackageFilter,
  order: PackageOrder,
  after: PackagePosition | undefined,
  rows: number,
): (PackagePosition & { packageId: PackageId })[] {
  const { where, values } = behind({ ...filter, state: 'submitted' }, order, after);
  const columns = `id AS packageId, ${due} AS due, idx AS "index"`;
  return prepared(db, `SELECT ${columns} FROM packages ${where} LIMIT ?`).all(...values, rows) as (PackagePosition & {
    packageId: PackageId;
  })[];
}

function behind(
  filter: PackageFilter,
  order: PackageOrder,
  after: PackagePosition | undefined,
): { where: string; values: (string | number | undefined)[] } {
  // There are few packages of a part: it is their index that is to be used, not the one of the order.
  const state = filter.part === undefined ? 'state' : '+state';
  const conditions = [
    { sql: `${state} = ?`, values: [filter.state] },
    { sql: 'part = ? COLLATE NOCASE', values: [filter.part] },
    { sql: 'machine_group = ?', values: [filter.machineGroup] },
    { sql: 'author = ?', values: [filter.author] },
    order === 'newest'
      ? { sql: 'idx < ?', values: [after?.index] }
      : { sql: `(${due}, idx) > (?, ?)`, values: [after?.due, after?.index] },
  ].filter(({ values }) => values.every((value) => value !== undefined));
  const where = conditions.map(({ sql }) => sql).join(' AND ') || '1';
  const by = order === 'newest' ? 'idx DESC' : `${due}, idx`;
  return { where: `WHERE ${where} ORDER BY ${by}`, values: conditions.flatMap((condition) => condition.values) };
}

/** A job on the floor: one release at a time is in force for it. */
export type Job = { part: string; operation: string; machineGroup: string };

/** In alphabetical order, from behind `after`; `part` is how the part's name begins. */
export function jobs(db: Sqlite, part: string, after: Job | undefined, rows: number): Job[] {
  const columns = 'part, operation, machine_group';
  const from = after ? [after.part, after.operation, after.machineGroup] : ['', '', ''];
  return prepared(
    db,
    `SELECT part, operation, machine_group AS machineGroup FROM packages
       WHERE (${columns}) > (?, ?, ?) AND part >= ? AND part < ? GROUP BY ${columns} ORDER BY ${columns} LIMIT ?`,
  ).all(...from, part, `${part}\uffff`, rows) as Job[];
}

/** What there is of a job, newest first: by the index of its job, as that of its order holds all of a machine group. */
export const packagesOfJob = (db: Sqlite, { part, operation, machineGroup }: Job, rows: number): PackageRow[] =>
  (
    prepared(
      db,
      `SELECT * FROM packages WHERE part = ? AND operation = ? AND machine_group = ?
         AND state IN ('submitted', 'released') ORDER BY +idx DESC LIMIT ?`,
    ).all(part, operation, machineGroup, rows) as RawPackage[]
  ).map(fromRaw);

/** How many findings of each severity a deposit was admitted with: most have none, and their list is not read. */
export function findingCounts(db: Sqlite, depositId: string): { hold: number; warn: number; note: number } {
  const counts = { hold: 0, warn: 0, note: 0 };
  const text = plucked(db, `SELECT findings FROM deposits WHERE id = ? AND findings <> '[]'`).get(depositId);
  if (typeof text !== 'string') return counts;
  for (const { severity } of JSON.parse(text) as Finding[]) if (severity !== 'block') counts[severity]++;
  return counts;
}
