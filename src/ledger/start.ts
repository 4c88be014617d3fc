import type { KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { Catalog } from '../catalog/catalog.ts';
import { discardFresh, type FoldedAnew, prepareCatalog, replaceCatalog } from '../catalog/rebuild.ts';
import { DomainError } from '../domain/errors.ts';
import type { LogKeys } from '../merkle/checkpoint.ts';
import { runWorker } from '../platform/worker.ts';
import type { AnchorFolder } from './anchor.ts';
import { requireAnchored } from './anchored-start.ts';
import { foldThread } from './fold-thread.ts';
import { openLedger } from './open.ts';
import type { RebuildSettings } from './rebuild-worker.ts';
import { SummaryKeeper } from './summary.ts';
import { verifyLedger } from './verify-parallel.ts';
import type { WitnessPeer } from './witness-client.ts';

type LedgerPaths = { ledger: string; summary: string; catalog: string; frozen: string };
type StartParts = {
  paths: LedgerPaths;
  trust: LogKeys;
  sealKey: KeyObject;
  anchor: AnchorFolder;
  peers: readonly WitnessPeer[];
  log: Logger;
  onFatal(error: unknown): void;
};

export type StartedLedger = Awaited<ReturnType<typeof startLedger>>;

/** Opens the ledger, checks it against what stands outside of it, and lets the catalogue follow it. */
export async function startLedger({ paths, trust, sealKey, anchor, peers, log, onFatal }: StartParts) {
  refuseFrozen(paths.frozen);
  const opened = openLedger({ path: paths.ledger, summary: paths.summary, trust, sealKey });
  await requireAnchored({ opened, folder: anchor, peers, trust, log });
  const { reader, hashes, tree, standingEntries, summarised } = opened;
  prepareCatalog(paths.catalog, tree.size);
  const catalog = new Catalog(paths.catalog, tree.size, () => foldThread({ ...paths, onFatal }));
  const keeper = new SummaryKeeper(
    { path: paths.summary, sealKey, reader, hashes, standing: standingEntries, log },
    summarised,
  );
  return { ...opened, catalog, keeper };
}

/** Two gateways must not both go on after one history. */
function refuseFrozen(file: string): void {
  if (!existsSync(file)) return;
  throw new DomainError(
    'state-forbids',
    `This ledger is frozen: it goes on under another origin, which ${file} names. Start the gateway of that one.`,
  );
}

/**
 * Looks at the whole history again while the gateway works, and calls `onFatal` where something differs: the next start
 * then scans every leaf. To be called once a checkpoint covers something. Never rejects; `stop` ends it early.
 */
export function verifyBehind(
  paths: Pick<LedgerPaths, 'ledger'>,
  { trust, log, onFatal }: Pick<StartParts, 'trust' | 'log' | 'onFatal'>,
  keeper: SummaryKeeper,
): { done: Promise<void>; stop(): void } {
  const stopped = new AbortController();
  const verified = verifyLedger(paths.ledger, trust, stopped.signal);
  const done = verified
    .then(({ entries, problems: [first] }) => {
      if (!first) log.info({ entries }, 'the whole ledger was verified');
      else throw new DomainError('ledger-inconsistent', `The ledger does not verify: ${first.message}`);
    })
    .catch((err: unknown) => {
      if (stopped.signal.aborted) return;
      keeper.remove();
      log.fatal({ err }, 'the ledger was changed; restore the newest copy (README, "A restored backup")');
      onFatal(err);
    });
  return { done, stop: () => stopped.abort() };
}

/** Folds the catalogue anew while the old one goes on, and puts the new one in its place where they differ. */
export async function rebuildCatalogue(
  paths: RebuildSettings,
  catalog: Catalog,
): Promise<{ entries: number; differing: string[] }> {
  const { result } = runWorker<FoldedAnew>(new URL('./rebuild-worker.ts', import.meta.url), paths);
  const { entries, fresh, differing } = await result;
  if (differing.length === 0) discardFresh(fresh);
  else await catalog.reopenAfter((path) => replaceCatalog(path, fresh));
  return { entries, differing };
}
