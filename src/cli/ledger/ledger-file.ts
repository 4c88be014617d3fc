import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { LedgerTiles } from '../../ledger/ledger-tiles.ts';
import type { SignedCheckpoint } from '../../ledger/publisher.ts';
import { type LedgerReader, makeLedgerReader } from '../../ledger/store.ts';
import { openLogCheckpoint } from '../../merkle/checkpoint.ts';
import { MerkleError } from '../../merkle/errors.ts';
import type { Config } from '../../platform/config.ts';
import { openSqliteReadOnly, type Sqlite } from '../../platform/sqlite.ts';
import { loadTrust, type Trust } from '../../signing/trust.ts';
import { cliContext } from '../context.ts';
import { usage } from '../output.ts';

export type FileOptions = { file?: string; trust?: string };

/** The options of every command that reads a ledger file itself, so that no gateway has to run. */
export const withFileOptions = (command: Command): Command =>
  command
    .option('--file <ledger.db>', 'the ledger file, instead of the one in the data folder')
    .option('--trust <trust.json>', 'the trust file, instead of the one in the data folder');

export type LedgerPlace = { config: Config; json: boolean; trust: Trust; file: string };

/** Throws `not-found` where there is no ledger and `config-invalid` where there is no trust file. */
export function ledgerPlace(options: FileOptions, command: Command): LedgerPlace {
  const { config, json } = cliContext(command);
  const trust = loadTrust(options.trust ?? config.paths.trust);
  const file = options.file ?? config.paths.ledger;
  if (!existsSync(file)) throw new DomainError('not-found', `${file}: there is no ledger.`);
  return { config, json, trust, file };
}

/** Reads a ledger file, while a gateway may write to it, without changing anything. */
export function readLedger<T>(file: string, read: (reader: LedgerReader, db: Sqlite) => T): T {
  const db = openSqliteReadOnly(file);
  try {
    // One read transaction: what is seen does not change meanwhile.
    db.exec('BEGIN');
    return read(makeLedgerReader(db), db);
  } finally {
    db.close();
  }
}

/** The newest checkpoint, by both ledger keys, and the tree under it. Throws `checkpoint-behind` before the first. */
export function newestTree(reader: LedgerReader, trust: Trust): { checkpoint: SignedCheckpoint; tiles: LedgerTiles } {
  const stored = reader.latestCheckpoint();
  if (!stored) throw new DomainError('checkpoint-behind', 'No signed checkpoint covers any entry yet.');
  const checkpoint = trustedCheckpoint(stored.note, trust, 'the newest checkpoint');
  return { checkpoint, tiles: new LedgerTiles(reader, checkpoint.size) };
}

/** Both ledger keys of one time in the trust file must have signed. Throws MerkleError `bad-signature`, whatever is wrong with it. */
export function trustedCheckpoint(note: Buffer | string, trust: Trust, what: string): SignedCheckpoint {
  try {
    return { ...openLogCheckpoint(note, trust), note: String(note) };
  } catch (cause) {
    if (!(cause instanceof MerkleError)) throw cause;
    throw new MerkleError('bad-signature', `${what}: ${cause.message}`, { cause });
  }
}

export function parseIndex(text: string): number {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw usage('An index is a whole number.', 'index');
  return Number(text);
}

/** Throws `not-found` beyond the end, and `checkpoint-behind` for what no checkpoint covers yet. */
export function requireCovered(reader: LedgerReader, index: number, size: number): void {
  if (index >= reader.size()) throw new DomainError('not-found', `There is no ledger entry ${index}.`);
  if (index >= size) throw new DomainError('checkpoint-behind', 'No signed checkpoint covers this entry yet.');
}
