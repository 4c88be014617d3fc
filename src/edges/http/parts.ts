import type { Logger } from 'pino';
import type { Standing } from '../../catalog/standing.ts';
import type { RandomBytes } from '../../domain/ids.ts';
import type { Intake } from '../../domain/intake.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ApprovalStatements } from '../../services/approval-statements.ts';
import type { BrowseService } from '../../services/browse.ts';
import type { ChangeService } from '../../services/changes.ts';
import type { HoldingsService } from '../../services/holdings.ts';
import type { LedgerBrowse } from '../../services/ledger-browse.ts';
import type { PasskeyService } from '../../services/passkeys.ts';
import type { RegistryService } from '../../services/registry.ts';
import type { ReleaseService } from '../../services/release.ts';
import type { ReviewService } from '../../services/review.ts';
import type { BlobStore } from '../../vault/blob-store.ts';
import type { Readiness } from './contract/health.ts';
import type { UploadVault } from './uploads.ts';

/** What this door is wired with. It translates; every decision is a service's. */
export type HttpParts = {
  intake: Intake;
  vault: UploadVault & Pick<BlobStore, 'stream'>;
  review: Pick<ReviewService, 'record'>;
  releases: Pick<ReleaseService, 'issue' | 'withdraw'>;
  registry: Pick<RegistryService, 'register'>;
  passkeys: Pick<PasskeyService, 'registrationRequest' | 'registered' | 'assertionRequest' | 'envelope'>;
  statements: Pick<ApprovalStatements, 'approval'>;
  holdings: Pick<HoldingsService, 'of'>;
  changes: Pick<ChangeService, 'submit' | 'waiting'>;
  browse: Pick<BrowseService, 'packages' | 'package' | 'deposits' | 'deposit' | 'people' | 'machines'>;
  ledgerBrowse: Pick<LedgerBrowse, 'status' | 'entry' | 'checkpoint' | 'tile' | 'rebuild'>;
  standing: Pick<Standing, 'personByKey' | 'release' | 'releases'>;
  readiness(): Readiness;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
};
