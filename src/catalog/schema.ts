import type { Migration } from '../platform/sqlite.ts';

/** Raised whenever the fold changes: a catalogue of another version is thrown away and folded anew at start. */
export const catalogVersion = 8;

/** Every table of the read model. All of it is derived from the ledger and none of it is believed by a delivery. */
export const catalogTables = [
  'people',
  'machines',
  'deposits',
  'packages',
  'package_files',
  'approvals',
  'releases',
  'release_files',
  'deliveries',
  'refusals',
  'runs',
  'run_serials',
  'retrievals',
  'residue',
  'history',
] as const;

export const catalogMigrations: readonly Migration[] = [
  {
    id: 1,
    sql: `
  CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, version INTEGER NOT NULL) STRICT;

  CREATE TABLE people (id TEXT PRIMARY KEY, data TEXT NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL) STRICT;
  CREATE TABLE machines (id TEXT PRIMARY KEY, data TEXT NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL) STRICT;

  CREATE TABLE deposits (
    id TEXT PRIMARY KEY, door TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    files TEXT NOT NULL, facts TEXT NOT NULL, findings TEXT NOT NULL, more_findings INTEGER NOT NULL,
    reasons TEXT NOT NULL, package_id TEXT, idx INTEGER NOT NULL, time TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deposits_state ON deposits (state, idx);

  CREATE TABLE packages (
    id TEXT PRIMARY KEY, deposit_id TEXT NOT NULL, part TEXT NOT NULL, revision TEXT NOT NULL, operation TEXT NOT NULL,
    machine_group TEXT NOT NULL, author TEXT NOT NULL, state TEXT NOT NULL, manifest TEXT NOT NULL,
    manifest_digest TEXT NOT NULL, reason TEXT, release_id TEXT, idx INTEGER NOT NULL, time TEXT NOT NULL
  ) STRICT;
  CREATE INDEX packages_job ON packages (part, operation, machine_group, revision);
  CREATE INDEX packages_state ON packages (state, idx);

  CREATE TABLE approvals (
    idx INTEGER PRIMARY KEY, package_id TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, verdict TEXT NOT NULL,
    detail TEXT NOT NULL, time TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approvals_package ON approvals (package_id, idx);

  CREATE TABLE releases (
    id TEXT PRIMARY KEY, package_id TEXT NOT NULL, part TEXT NOT NULL, revision TEXT NOT NULL, operation TEXT NOT NULL,
    machine_group TEXT NOT NULL, state TEXT NOT NULL, manifest_digest TEXT NOT NULL, signatures TEXT NOT NULL,
    reason TEXT, superseded_by TEXT, idx INTEGER NOT NULL, time TEXT NOT NULL, ended_idx INTEGER
  ) STRICT;
  CREATE INDEX releases_state ON releases (state, machine_group);
  CREATE INDEX releases_part ON releases (part, idx);

  CREATE TABLE release_files (
    release_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, digest TEXT NOT NULL,
    size INTEGER NOT NULL, PRIMARY KEY (release_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, release_id TEXT NOT NULL, machine_id TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL,
    size INTEGER NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, bytes INTEGER NOT NULL, reason TEXT,
    idx INTEGER NOT NULL, time TEXT NOT NULL, ended_idx INTEGER, ended_time TEXT
  ) STRICT;
  CREATE INDEX deliveries_machine ON deliveries (machine_id, idx);
  CREATE INDEX deliveries_release ON deliveries (release_id, idx);
  CREATE INDEX deliveries_open ON deliveries (state) WHERE state = 'started';

  CREATE TABLE refusals (
    idx INTEGER PRIMARY KEY, subject TEXT NOT NULL, about TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    time TEXT NOT NULL
  ) STRICT;

  CREATE TABLE history (subject TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (subject, idx)) STRICT, WITHOUT ROWID;`,
  },
  {
    id: 2,
    sql: `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY, release_id TEXT NOT NULL, machine_id TEXT NOT NULL, work_order TEXT NOT NULL,
    operator TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, note TEXT, superseded INTEGER NOT NULL,
    idx INTEGER NOT NULL, time TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_release ON runs (release_id, idx);
  CREATE INDEX runs_work_order ON runs (work_order, idx);
  CREATE TABLE run_serials (serial TEXT NOT NULL, idx INTEGER NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (serial, idx))
    STRICT, WITHOUT ROWID;
  CREATE INDEX run_serials_run ON run_serials (run_id);
  CREATE INDEX releases_time ON releases (time);`,
  },
  {
    id: 3,
    sql: `
  ALTER TABLE packages ADD COLUMN replaced_by TEXT;
  ALTER TABLE packages ADD COLUMN replaces TEXT;`,
  },
  {
    id: 4,
    sql: `
  ALTER TABLE deposits ADD COLUMN waived TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE deposits ADD COLUMN waivers TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE packages ADD COLUMN first_article TEXT;
  ALTER TABLE approvals ADD COLUMN first_article TEXT;`,
  },
  {
    id: 5,
    sql: `
  CREATE TABLE retrievals (
    id TEXT PRIMARY KEY, machine_id TEXT NOT NULL, channel TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    digest TEXT, canonical TEXT, bytes INTEGER NOT NULL, reason TEXT, verdict TEXT, delivery_id TEXT, release_id TEXT,
    file TEXT, matched_by TEXT, delivered_digest TEXT, delivered_canonical TEXT, held INTEGER NOT NULL, deposit_id TEXT,
    same_as TEXT, difference TEXT, difference_size INTEGER, sentences TEXT NOT NULL, disposition TEXT, resolution TEXT,
    idx INTEGER NOT NULL, time TEXT NOT NULL, ended_idx INTEGER, ended_time TEXT
  ) STRICT;
  CREATE INDEX retrievals_delivery ON retrievals (delivery_id, idx);
  CREATE INDEX retrievals_machine ON retrievals (machine_id, idx);
  CREATE INDEX retrievals_open ON retrievals (state) WHERE state = 'started';
  CREATE TABLE residue (
    release_id TEXT NOT NULL, machine_id TEXT NOT NULL, file TEXT NOT NULL, idx INTEGER NOT NULL, time TEXT NOT NULL,
    cleared_by TEXT, cleared_idx INTEGER, cleared_time TEXT, PRIMARY KEY (release_id, machine_id, file)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX retrievals_different ON retrievals (disposition) WHERE verdict = 'different';`,
  },
  {
    id: 6,
    sql: `
  ALTER TABLE packages ADD COLUMN due TEXT;
  ALTER TABLE packages ADD COLUMN change_order TEXT NOT NULL DEFAULT '';
  ALTER TABLE deposits ADD COLUMN person TEXT;
  CREATE TABLE package_files (
    package_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, number TEXT, digest TEXT NOT NULL,
    PRIMARY KEY (package_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX package_files_name ON package_files (name COLLATE NOCASE);
  CREATE INDEX package_files_number ON package_files (number COLLATE NOCASE) WHERE number IS NOT NULL;
  CREATE INDEX package_files_digest ON package_files (digest);
  CREATE INDEX packages_newest ON packages (idx);
  CREATE INDEX packages_due ON packages (state, coalesce(due, '9999'), idx);
  CREATE INDEX packages_part ON packages (part COLLATE NOCASE, idx);
  CREATE INDEX packages_change_order ON packages (change_order COLLATE NOCASE);
  CREATE INDEX packages_author ON packages (author, idx);
  CREATE INDEX packages_group ON packages (machine_group, idx);
  CREATE INDEX deposits_newest ON deposits (idx);
  CREATE INDEX deposits_person ON deposits (person, idx);
  CREATE INDEX runs_serial ON run_serials (serial COLLATE NOCASE);
  CREATE INDEX runs_order ON runs (work_order COLLATE NOCASE);
  CREATE INDEX releases_newest ON releases (idx);
  CREATE INDEX releases_superseded_by ON releases (superseded_by) WHERE superseded_by IS NOT NULL;
  CREATE INDEX retrievals_digest ON retrievals (digest) WHERE digest IS NOT NULL;
  CREATE INDEX retrievals_release ON retrievals (release_id, idx) WHERE release_id IS NOT NULL;
  CREATE INDEX approvals_person ON approvals (person, package_id);
  CREATE INDEX runs_machine ON runs (machine_id, idx);`,
  },
  { id: 7, sql: 'ALTER TABLE retrievals ADD COLUMN counts TEXT;' },
];
