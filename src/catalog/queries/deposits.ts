import type { EventData, Reason, StoredFile } from '../../domain/events.ts';
import type { Finding, ProgramFacts } from '../../domain/findings.ts';
import type { DepositId, PackageId, PersonId } from '../../domain/ids.ts';
import type { DepositState } from '../../domain/states.ts';
import type { SignedWaiver } from '../../domain/waivers.ts';
import { plucked, prepared } from '../../platform/prepared.ts';
import type { Sqlite } from '../../platform/sqlite.ts';

export type DepositRow = {
  depositId: DepositId;
  door: 'drop-folder' | 'http' | 'machine';
  name: string;
  state: DepositState;
  files: StoredFile[];
  facts: ProgramFacts[];
  findings: Finding[];
  moreFindings: number;
  /** What was found and may stand, and every waiver that was signed. */
  waived: NonNullable<EventData<'deposit.inspected'>['waived']>;
  waivers: SignedWaiver[];
  reasons: Reason[];
  packageId: PackageId | undefined;
  /** Whose it is: who sent it, where its door knows, or the author of what it became. */
  person: PersonId | undefined;
  index: number;
  time: string;
};

type Text =
  | 'id'
  | 'door'
  | 'name'
  | 'state'
  | 'files'
  | 'facts'
  | 'findings'
  | 'waived'
  | 'waivers'
  | 'reasons'
  | 'time';
type Raw = Record<Text, string> & {
  package_id: string | null;
  person: string | null;
  more_findings: number;
  idx: number;
};

const fromRaw = (raw: Raw): DepositRow => ({
  depositId: raw.id as DepositId,
  door: raw.door as DepositRow['door'],
  name: raw.name,
  state: raw.state as DepositState,
  files: JSON.parse(raw.files) as StoredFile[],
  facts: JSON.parse(raw.facts) as ProgramFacts[],
  findings: JSON.parse(raw.findings) as Finding[],
  moreFindings: raw.more_findings,
  waived: JSON.parse(raw.waived) as DepositRow['waived'],
  waivers: JSON.parse(raw.waivers) as SignedWaiver[],
  reasons: JSON.parse(raw.reasons) as Reason[],
  packageId: (raw.package_id ?? undefined) as PackageId | undefined,
  person: (raw.person ?? undefined) as PersonId | undefined,
  index: raw.idx,
  time: raw.time,
});

export function depositRow(db: Sqlite, id: string): DepositRow | undefined {
  const raw = prepared(db, 'SELECT * FROM deposits WHERE id = ?').get(id) as Raw | undefined;
  return raw && fromRaw(raw);
}

/** The deposit or, where there is none of this id, any other one: by one query that takes as long for either. */
export function depositOrAnother(db: Sqlite, id: string): DepositRow | undefined {
  const found = '(SELECT id FROM deposits WHERE id = ?)';
  const raw = prepared(
    db,
    `SELECT * FROM deposits WHERE id = coalesce(${found}, (SELECT id FROM deposits LIMIT 1))`,
  ).get(id) as Raw | undefined;
  return raw && fromRaw(raw);
}

export type DepositFilter = { state?: DepositState | undefined; person?: string | undefined };

/** Newest first, from behind entry `after`. */
export function depositRows(db: Sqlite, filter: DepositFilter, after: number | undefined, rows: number): DepositRow[] {
  const conditions = [
    ...(filter.state === undefined ? [] : [{ sql: 'state = ?', value: filter.state }]),
    ...(filter.person === undefined ? [] : [{ sql: 'person = ?', value: filter.person }]),
    ...(after === undefined ? [] : [{ sql: 'idx < ?', value: after }]),
  ];
  const where = conditions.map(({ sql }) => sql).join(' AND ') || '1';
  const values = conditions.map(({ value }) => value);
  return (
    prepared(db, `SELECT * FROM deposits WHERE ${where} ORDER BY idx DESC LIMIT ?`).all(...values, rows) as Raw[]
  ).map(fromRaw);
}

export function depositsInState(db: Sqlite, states: readonly DepositState[]): DepositId[] {
  const marks = states.map(() => '?').join(', ');
  return plucked(db, `SELECT id FROM deposits WHERE state IN (${marks}) ORDER BY idx`).all(...states) as DepositId[];
}
