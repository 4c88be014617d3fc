import type { Catalog } from '../catalog/catalog.ts';
import { wasDelivered } from '../catalog/queries/packages.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import { type RunRow, type RunsBy, runRows } from '../catalog/queries/runs.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import { newRunId, type RandomBytes, type RunId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { RunReport } from '../domain/runs.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Authority, packageFacts } from './authority.ts';
import type { Asker } from './principals.ts';

type RunParts = { ledger: Ledger; catalog: Catalog; standing: Standing; authority: Authority; random: RandomBytes };

/** Which serials were cut with which release: the link from a part back to the bytes (AS9100D 8.5.2). */
export class RunService {
  readonly #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /**
   * Records a run. Throws `not-found` for a release that the asker may not know, `unknown-operator`, and `not-delivered`
   * where the machine never got the release: then nobody can say what it ran.
   */
  async record(asker: Asker, report: RunReport): Promise<{ runId: RunId; index: number; superseded: boolean }> {
    const { ledger, catalog, standing, authority, random } = this.#parts;
    const db = await catalog.current();
    const made = releasePackage(db, report.releaseId);
    const facts = made && packageFacts(made.packageId, made.manifest);
    if (!facts || authority.decide('record-run', asker, facts).verdict === 'deny')
      throw new DomainError('not-found', 'There is no such release.');
    // A delivery that was completed stays so: nothing can take it back between here and the commit.
    if (!wasDelivered(db, report.releaseId, report.machineId))
      throw new DomainError('not-delivered', `${report.machineId} never got release ${report.releaseId} from here.`, {
        field: 'machineId',
      });
    const runId = newRunId(random);
    const { receipt, result } = await ledger.commit(() => {
      if (!standing.person(report.operator))
        throw new DomainError('not-found', `${report.operator} is not enrolled.`, { field: 'operator' });
      const decision = authority.require('record-run', asker, facts);
      const superseded = standing.release(report.releaseId) === undefined;
      const event = makeEvent('run.recorded', asker.principal, { runId, ...report, superseded, decision });
      return { events: [event], result: superseded };
    });
    return { runId, index: receipt.index, superseded: result };
  }

  /** Newest first, of those that the asker may see. */
  async list(asker: Asker, by: RunsBy): Promise<RunRow[]> {
    const { catalog, authority } = this.#parts;
    const db = await catalog.current();
    return runRows(db, by, limits.runRows).filter(({ releaseId }) => {
      const made = releasePackage(db, releaseId);
      return made && authority.decide('view', asker, packageFacts(made.packageId, made.manifest)).verdict === 'permit';
    });
  }
}
