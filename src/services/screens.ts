import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import type { Standing } from '../catalog/standing.ts';
import type { RandomBytes } from '../domain/ids.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerReader } from '../ledger/store.ts';
import type { Witnesses } from '../ledger/witnesses.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import type { Policy } from '../policy/decide.ts';
import type { Routes } from '../policy/routes.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import type { AccessRecord } from './access-record.ts';
import type { Authority } from './authority.ts';
import type { BrowseService } from './browse.ts';
import { ComputedPrograms, programThread } from './computed-programs.ts';
import { ControlDifferences } from './control-difference.ts';
import { DepositCheck } from './deposit-check.ts';
import type { EntrySight } from './entry-sight.ts';
import { EventFeed } from './event-feed.ts';
import { FloorDesk } from './floor-desk.ts';
import { HouseKeeping } from './house-keeping.ts';
import { LegalHoldService } from './legal-holds.ts';
import { ListService } from './lists.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import { PackagePageService } from './package-page.ts';
import type { Asker } from './principals.ts';
import { ProblemService } from './problems.ts';
import { ProgramDesk } from './program-desk.ts';
import { SearchService } from './search.ts';
import { Timeline } from './timeline.ts';
import { TraceService } from './trace.ts';
import { WaiverStatements } from './waiver-statements.ts';
import type { WaiverService } from './waivers.ts';
import { WhatIfService, whatIfThread } from './what-if.ts';

type ScreenParts = {
  catalog: Catalog;
  standing: Standing;
  reader: LedgerReader;
  authority: Authority;
  routes: Routes;
  vault: BlobStore;
  profiles: MachineProfiles;
  browse: BrowseService;
  sight: EntrySight;
  record: AccessRecord;
  ledger: Ledger;
  random: RandomBytes;
  waivers: WaiverService;
  witnesses: Witnesses;
  policy: Policy;
  config: Config;
  /** Of the ledger. */
  origin: string;
  clock: Clock;
  /** Whether whoever listens is still who they were. */
  isSignedIn(asker: Asker): boolean;
  log: Logger;
};

/** What only screens ask for, wired. */
export function wireScreens(parts: ScreenParts) {
  const timeline = new Timeline(parts);
  const computed = new ComputedPrograms(programThread());
  const { whatIf, house } = wireHouse(parts);
  return {
    ...{ whatIf, house },
    programs: new ProgramDesk({ ...parts, computed }),
    page: new PackagePageService({ ...parts, timeline }),
    waiverStatements: new WaiverStatements(parts),
    depositCheck: new DepositCheck(parts),
    lists: new ListService(parts),
    search: new SearchService(parts),
    trace: new TraceService({ ...parts, timeline }),
    controlDifferences: new ControlDifferences({ ...parts, computed }),
    floor: new FloorDesk(parts),
    problems: new ProblemService(parts),
    legalHolds: new LegalHoldService(parts),
    events: new EventFeed(parts),
    /** Ends the threads of these services. */
    async stop(): Promise<void> {
      await Promise.all([computed.stop(), whatIf.stop()]);
    },
  };
}

/** What administrators look at: how the gateway does, and its rules. */
function wireHouse(parts: ScreenParts) {
  const { config } = parts;
  const { paths } = config;
  const cases = join(config.policy, 'cases.yaml');
  return {
    whatIf: new WhatIfService({ ...parts, ledger: paths.ledger, cases, thread: whatIfThread() }),
    house: new HouseKeeping({
      ...{ ...parts, cases, paths: { ...paths, data: config.data } },
    }),
  };
}
