import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { firstSince } from '../ledger/entry-range.ts';
import { sequencedEntries } from '../ledger/open.ts';
import { makeLedgerReader } from '../ledger/store.ts';
import { openSqliteReadOnly } from '../platform/sqlite.ts';
import { loadCases, runCases } from '../policy/cases.ts';
import type { PolicyFile } from '../policy/policy-files.ts';
import { type AskedAgain, askAgain, type OtherDecision, withFile } from '../policy/what-if.ts';

export type WhatIfTask = {
  inForce: readonly PolicyFile[];
  file: PolicyFile;
  /** The first day, UTC. */
  since: string;
  ledger: string;
  /** The table of cases; undefined where there is none. */
  cases: string | undefined;
};
export type WhatIfAnswer = { found: WhatIfFound } | { refused: string };
export type WhatIfFound = Pick<AskedAgain, 'asked' | 'stoppedAt'> & {
  policySet: string;
  /** All that would be others, and the first of them. */
  differing: number;
  differences: OtherDecision[];
  notAsked: number;
  /** Cases that the set would decide otherwise than the table says. */
  cases: { of: number; wrong: { case: string; expected: string; verdict: Decision['verdict'] }[] } | undefined;
};

/** What a set with this file in it would have decided. What is wrong with the file comes back as one sentence. */
export function runWhatIf({ inForce, file, since, ledger, cases }: WhatIfTask): WhatIfAnswer {
  try {
    const changed = withFile(inForce, file);
    const results = cases === undefined ? undefined : runCases(changed, loadCases(cases), cases);
    const { asked, stoppedAt, differences, notAsked } = readEntries(ledger, since, (entries) =>
      askAgain(entries, changed, limits.whatIfDecisions),
    );
    const found: WhatIfFound = {
      ...{ policySet: changed.digest, asked, differing: differences.length, notAsked: notAsked.length },
      differences: differences.slice(0, limits.whatIfRows),
      cases: results && {
        of: results.length,
        wrong: results.flatMap(({ case: name, expected, decision, good }) =>
          good ? [] : { case: name, expected, verdict: decision.verdict },
        ),
      },
      ...(stoppedAt ? { stoppedAt } : {}),
    };
    return { found };
  } catch (error) {
    if (error instanceof DomainError && error.code === 'config-invalid') return { refused: error.message };
    throw error;
  }
}

/** Beside the gateway that writes, in one read transaction: what is seen does not change meanwhile. */
function readEntries<T>(path: string, since: string, read: (entries: ReturnType<typeof sequencedEntries>) => T): T {
  const db = openSqliteReadOnly(path);
  try {
    db.exec('BEGIN');
    const reader = makeLedgerReader(db);
    return read(sequencedEntries(reader, firstSince(reader, since), reader.size()));
  } finally {
    db.close();
  }
}
