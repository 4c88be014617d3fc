import type { Reason, StoredFile } from '../../domain/events.ts';
import type { Finding, ProgramFacts } from '../../domain/findings.ts';
import type { DepositId, PackageId } from '../../domain/ids.ts';
import type { DepositState } from '../../domain/states.ts';
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
  reasons: Reason[];
  packageId: PackageId | undefined;
  index: number;
  time: string;
};

type Raw = Record<'id' | 'door' | 'name' | 'state' | 'files' | 'facts' | 'findings' | 'reasons' | 'time', string> & {
  package_id: string | null;
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
  reasons: JSON.parse(raw.reasons) as Reason[],
  packageId: (raw.package_id ?? undefined) as PackageId | undefined,
  index: raw.idx,
  time: raw.time,
});

export function depositRow(db: Sqlite, id: string): DepositRow | undefined {
  const raw = db.prepare('SELECT * FROM deposits WHERE id = ?').get(id) as Raw | undefined;
  return raw && fromRaw(raw);
}

/** The deposit or, where there is none of this id, any other one: by one query that takes as long for either. */
export function depositOrAnother(db: Sqlite, id: string): DepositRow | undefined {
  const found = '(SELECT id FROM deposits WHERE id = ?)';
  const raw = db
    .prepare(`SELECT * FROM deposits WHERE id = coalesce(${found}, (SELECT id FROM deposits LIMIT 1))`)
    .get(id) as Raw | undefined;
  return raw && fromRaw(raw);
}

/** Newest first. */
export const depositRows = (db: Sqlite, rows: number): DepositRow[] =>
  (db.prepare('SELECT * FROM deposits ORDER BY idx DESC LIMIT ?').all(rows) as Raw[]).map(fromRaw);

export function depositsInState(db: Sqlite, states: readonly DepositState[]): DepositId[] {
  const marks = states.map(() => '?').join(', ');
  return db
    .prepare(`SELECT id FROM deposits WHERE state IN (${marks}) ORDER BY idx`)
    .pluck()
    .all(...states) as DepositId[];
}
