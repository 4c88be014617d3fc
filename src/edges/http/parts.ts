import type { Logger } from 'pino';
import type { Standing } from '../../catalog/standing.ts';
import type { RandomBytes } from '../../domain/ids.ts';
import type { Intake } from '../../domain/intake.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Alarms } from '../../services/alarms.ts';
import type { ApprovalStatements } from '../../services/approval-statements.ts';
import type { BrowseService } from '../../services/browse.ts';
import type { ChangeService } from '../../services/changes.ts';
import type { EventFeed } from '../../services/event-feed.ts';
import type { EvidenceService } from '../../services/evidence.ts';
import type { HoldingsService } from '../../services/holdings.ts';
import type { InventoryService } from '../../services/inventory.ts';
import type { LedgerBrowse } from '../../services/ledger-browse.ts';
import type { PackagePageService } from '../../services/package-page.ts';
import type { PasskeyService } from '../../services/passkeys.ts';
import type { ProgramDesk } from '../../services/program-desk.ts';
import type { ReadbackDesk } from '../../services/readback-desk.ts';
import type { RegistryService } from '../../services/registry.ts';
import type { ReleaseService } from '../../services/release.ts';
import type { ResidueService } from '../../services/residue.ts';
import type { ReviewService } from '../../services/review.ts';
import type { RunService } from '../../services/runs.ts';
import type { SendingService } from '../../services/sending.ts';
import type { WaiverService } from '../../services/waivers.ts';
import type { BlobStore } from '../../vault/blob-store.ts';
import type { Readiness } from './contract/health.ts';
import type { Sites } from './sites.ts';
import type { UploadVault } from './uploads.ts';

/** What this door is wired with. It translates; every decision is a service's. */
export type HttpParts = {
  intake: Intake;
  vault: UploadVault & Pick<BlobStore, 'stream' | 'streamQuarantined'>;
  waivers: Pick<WaiverService, 'waive'>;
  review: Pick<ReviewService, 'record'>;
  releases: Pick<ReleaseService, 'issue' | 'withdraw'>;
  passkeys: Pick<PasskeyService, 'registrationRequest' | 'registered' | 'assertionRequest' | 'envelope'>;
  statements: Pick<ApprovalStatements, 'approval'>;
  holdings: Pick<HoldingsService, 'of'>;
  inventory: Pick<InventoryService, 'of'>;
  registry: Pick<RegistryService, 'authorizations' | 'breakGlass' | 'nonconformances'>;
  changes: Pick<ChangeService, 'submit' | 'waiting'>;
  browse: Pick<
    BrowseService,
    'packages' | 'package' | 'allowed' | 'shown' | 'deposits' | 'deposit' | 'people' | 'machines'
  >;
  events: Pick<EventFeed, 'listen' | 'close'>;
  page: Pick<PackagePageService, 'of'>;
  programs: Pick<ProgramDesk, 'compared' | 'difference' | 'toolpath'>;
  runs: Pick<RunService, 'record' | 'list'>;
  sending: Pick<SendingService, 'start' | 'get' | 'list'>;
  evidence: Pick<EvidenceService, 'export'>;
  ledgerBrowse: Pick<LedgerBrowse, 'status' | 'entry' | 'checkpoint' | 'tile' | 'rebuild'>;
  standing: Pick<Standing, 'personByKey' | 'release' | 'releases'>;
  alarms: Pick<Alarms, 'list'>;
  residue: Pick<ResidueService, 'recall' | 'list' | 'clear'>;
  desk: Pick<ReadbackDesk, 'list' | 'show' | 'file' | 'resolve' | 'holds'>;
  sites: Sites;
  readiness(): Readiness;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
};
