import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger } from '../ledger/ledger.ts';
import type { Witnesses, WitnessSeen } from '../ledger/witnesses.ts';
import { type CaseResult, loadCases, runCases } from '../policy/cases.ts';
import type { Policy } from '../policy/decide.ts';
import type { Routes } from '../policy/routes.ts';
import type { Authority } from './authority.ts';
import type { Asker } from './principals.ts';

type HouseKeepingParts = {
  authority: Pick<Authority, 'require'>;
  ledger: Pick<Ledger, 'size' | 'writable'>;
  witnesses: Pick<Witnesses, 'seen' | 'status'>;
  policy: Policy;
  routes: Routes;
  /** Of the table of cases beside the rules. */
  cases: string;
  paths: { data: string; vault: string; ledger: string; catalog: string };
};

export type Storage = {
  /** Of the disk that the data folder is on. */
  freeBytes: number;
  totalBytes: number;
  ledgerBytes: number;
  catalogBytes: number;
  vaultBytes: number;
  vaultFiles: number;
  entries: number;
  writable: boolean;
};
export type Rules = {
  policySet: string;
  files: { name: string; text: string }[];
  routes: { version: string; text: string };
  /** Each case of the table as the rules in force decide it; undefined where there is no table. */
  cases: CaseResult[] | undefined;
};

const vaultAgeMs = 60_000;

/** How the gateway itself does, for administrators: its disk, its witnesses and its rules. Nothing of what is in a package. */
export class HouseKeeping {
  readonly #parts: HouseKeepingParts;
  #vault: { at: number; bytes: number; files: number } | undefined;

  constructor(parts: HouseKeepingParts) {
    this.#parts = parts;
  }

  storage(asker: Asker): Storage {
    this.#requireAdministrator(asker);
    const { paths, ledger } = this.#parts;
    const { bavail, blocks, bsize } = statfsSync(paths.data);
    const { bytes, files } = this.#countVault();
    return {
      ...{ freeBytes: bavail * bsize, totalBytes: blocks * bsize, vaultBytes: bytes, vaultFiles: files },
      ...{ ledgerBytes: databaseBytes(paths.ledger), catalogBytes: databaseBytes(paths.catalog) },
      ...{ entries: ledger.size, writable: ledger.writable },
    };
  }

  /** For whoever reads the ledger, who checks the cosignatures with these keys. */
  witnesses(asker: Asker): { quorum: number; witnesses: WitnessSeen[] } {
    const { witnesses, authority } = this.#parts;
    authority.require('read-ledger', asker, { kind: 'ledger' });
    return { quorum: witnesses.status()?.quorum ?? 0, witnesses: witnesses.seen() };
  }

  rules(asker: Asker): Rules {
    this.#requireAdministrator(asker);
    const { policy, routes, cases } = this.#parts;
    const files = policy.files.map(({ name, text }) => ({ name, text }));
    const results = isThere(cases) ? runCases(policy, loadCases(cases), cases) : undefined;
    return { policySet: policy.digest, files, routes: { version: routes.version, text: routes.text }, cases: results };
  }

  #requireAdministrator(asker: Asker): void {
    this.#parts.authority.require('administer', asker, { kind: 'registry' });
  }

  /** A large vault takes a while to count: what was counted a minute ago is good enough. */
  #countVault(): { bytes: number; files: number } {
    const now = performance.now();
    if (this.#vault && now - this.#vault.at < vaultAgeMs) return this.#vault;
    const folder = join(this.#parts.paths.vault, 'quarantine');
    let [bytes, files] = [0, 0];
    for (const shard of readdirSync(folder, { withFileTypes: true })) {
      if (!shard.isDirectory()) continue;
      for (const name of readdirSync(join(folder, shard.name))) {
        bytes += statSync(join(folder, shard.name, name), { throwIfNoEntry: false })?.size ?? 0;
        files++;
      }
    }
    this.#vault = { at: now, bytes, files };
    return this.#vault;
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** With what stands in its write-ahead log. */
const databaseBytes = (path: string): number =>
  [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
