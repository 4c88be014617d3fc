import type { Catalog } from '../catalog/catalog.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import type { Standing } from '../catalog/standing.ts';
import type { LegalHold } from '../catalog/stop-register.ts';
import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import { type LegalHoldId, newLegalHoldId, type RandomBytes, type ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { type Authority, packageFacts, type Resource } from './authority.ts';
import type { Asker } from './principals.ts';

type LegalHoldParts = {
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  random: RandomBytes;
};

/**
 * Freezing what an investigation needs (DFARS 252.204-7012(e): kept for 90 days). One person freezes; letting go is a change that
 * two people sign. The ledger and the vault delete nothing as it is: a hold binds whatever may come to delete.
 */
export class LegalHoldService {
  readonly #parts: LegalHoldParts;

  constructor(parts: LegalHoldParts) {
    this.#parts = parts;
  }

  /** Whoever may stop a release may freeze it, whether or not it is in force still. Throws `not-found`, `policy-denied`, `busy`. */
  async place(
    asker: Asker,
    { releases, reason }: { releases: readonly ReleaseId[]; reason: string },
  ): Promise<{ holdId: LegalHoldId; index: number }> {
    const { ledger, catalog, standing, authority, random } = this.#parts;
    const db = await catalog.current();
    const about = [...new Set(releases)].map((id) => this.#visible(db, asker, id));
    const holdId = newLegalHoldId(random);
    const { receipt } = await ledger.commit(() => {
      if (standing.stops.legalHolds.size >= limits.legalHolds)
        throw new DomainError('busy', 'Too many legal holds are in force; let go of one first.');
      const [decision] = about.map((resource): Decision => authority.require('withdraw', asker, resource));
      if (!decision)
        throw new DomainError('request-invalid', 'A legal hold names at least one release.', { field: 'releases' });
      const data = { holdId, releases: [...new Set(releases)], reason, decision };
      return { events: [makeEvent('legal-hold.placed', asker.principal, data)], result: undefined };
    });
    return { holdId, index: receipt.index };
  }

  /** In force now, of releases that the asker may all see; the oldest first. */
  async list(asker: Asker): Promise<LegalHold[]> {
    const db = await this.#parts.catalog.current();
    return [...this.#parts.standing.stops.legalHolds.values()].filter(({ releases }) =>
      releases.every((id) => {
        const resource = this.#ofRelease(db, id);
        return resource && this.#may('view', asker, resource);
      }),
    );
  }

  #visible(db: Sqlite, asker: Asker, id: ReleaseId): Resource {
    const resource = this.#ofRelease(db, id);
    if (resource && this.#may('view', asker, resource)) return resource;
    throw new DomainError('not-found', 'There is no such release.', { field: 'releases' });
  }

  #may(action: 'view', asker: Asker, resource: Resource): boolean {
    return this.#parts.authority.decide(action, asker, resource).verdict === 'permit';
  }

  #ofRelease(db: Sqlite, id: string): Resource | undefined {
    const made = releasePackage(db, id);
    return made && packageFacts(made.packageId, made.manifest);
  }
}
