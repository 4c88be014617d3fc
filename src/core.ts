import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { RandomBytes } from './domain/ids.ts';
import type { Pusher } from './domain/pushing.ts';
import { openArrivalFile } from './door/arrival-file.ts';
import type { AnchorFolder } from './ledger/anchor.ts';
import { Ledger } from './ledger/ledger.ts';
import { Proofs } from './ledger/proofs.ts';
import { Publisher } from './ledger/publisher.ts';
import { SignerFeed } from './ledger/signer-feed.ts';
import { SpaceGuard } from './ledger/space.ts';
import { rebuildCatalogue, type StartedLedger } from './ledger/start.ts';
import { requireTimestampAuthority, timestampClient } from './ledger/timestamp-client.ts';
import { Timestamps } from './ledger/timestamps.ts';
import type { WitnessPeer } from './ledger/witness-client.ts';
import { Witnesses } from './ledger/witnesses.ts';
import type { Clock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { KeptAnswers } from './platform/kept-answers.ts';
import { OutboxPositions } from './platform/outbox-positions.ts';
import type { Policy } from './policy/decide.ts';
import type { Routes } from './policy/routes.ts';
import { AccessRecord } from './services/access-record.ts';
import { wireIdentity } from './services/accounts/identity.ts';
import {
  breakGlassOpen,
  ledgerFull,
  nonconformanceOpen,
  signerAway,
  unstamped,
  unwitnessed,
} from './services/alarm-sources.ts';
import { Alarms } from './services/alarms.ts';
import { ApprovalStatements } from './services/approval-statements.ts';
import { Authority } from './services/authority.ts';
import { BrowseService } from './services/browse.ts';
import { ChangeStatements } from './services/change-statements.ts';
import { ChangeService } from './services/changes.ts';
import { Comparison, readbackThread } from './services/comparison.ts';
import { DeliveryService } from './services/delivery.ts';
import { EntrySight } from './services/entry-sight.ts';
import { EvidenceService } from './services/evidence.ts';
import { Grounds } from './services/grounds.ts';
import { HoldingsService } from './services/holdings.ts';
import { InspectionThread } from './services/inspection-thread.ts';
import { IntakeService } from './services/intake.ts';
import { InventoryService } from './services/inventory.ts';
import { KnownPasswords } from './services/known-passwords.ts';
import { LedgerBrowse } from './services/ledger-browse.ts';
import { MachineIdentity } from './services/machine-identity.ts';
import type { MachineProfiles } from './services/machine-profiles.ts';
import { MediaService, mediaOverdue } from './services/media.ts';
import { MonitoringService } from './services/monitoring.ts';
import { PasskeyService } from './services/passkeys.ts';
import { problemsOpen } from './services/problems.ts';
import { ProvenEntries } from './services/proven-entries.ts';
import { wirePushing } from './services/pushing.ts';
import { ReadbackService } from './services/readback.ts';
import { ReadbackDesk, readbackDiffers } from './services/readback-desk.ts';
import { RegistryService } from './services/registry.ts';
import { ReleaseService } from './services/release.ts';
import { ResidueService, residueOpen } from './services/residue.ts';
import { ReturnShelf } from './services/return-shelf.ts';
import { ReturnService } from './services/returns.ts';
import { ReviewService } from './services/review.ts';
import { RunService } from './services/runs.ts';
import { wireScreens } from './services/screens.ts';
import { SendingService } from './services/sending.ts';
import { ShelfTree } from './services/shelf.ts';
import { Verification } from './services/verification.ts';
import { WaiverService } from './services/waivers.ts';
import { WebhookOutbox } from './services/webhook-outbox.ts';
import { WebhookService } from './services/webhooks.ts';
import type { Signer } from './signing/signer-client.ts';
import { describeTrouble } from './signing/signer-watch.ts';
import type { Trust } from './signing/trust.ts';
import type { BlobStore } from './vault/blob-store.ts';

export type CoreParts = {
  config: Config;
  trust: Trust;
  policy: Policy;
  routes: Routes;
  profiles: MachineProfiles;
  vault: BlobStore;
  opened: StartedLedger;
  anchor: AnchorFolder;
  peers: readonly WitnessPeer[];
  sealKey: KeyObject;
  signer: Signer;
  publicOrigin(): string;
  clock: Clock;
  random: RandomBytes;
  /** Of systemd, where secrets may stand that the configuration names. */
  credentialsFolder: string | undefined;
  log: Logger;
  onFatal(error: unknown): void;
  /** What is in force has changed. */
  onStandingChanged(): void;
};

/** The ledger and the services over it. */
export function wireCore(parts: CoreParts) {
  const { trust, policy, routes, profiles, vault, opened, sealKey, signer, clock, random, log, onFatal } = parts;
  const { reader, store, tree, hashes, latest, lastTime, standing, standingEntries, catalog, keeper } = opened;
  const witnesses = new Witnesses({
    origin: trust.origin,
    peers: parts.peers,
    quorum: parts.config.ledger.witnesses.quorum,
    store,
    reader,
    hashes,
    clock,
    log,
    onFatal,
  });
  if (latest) witnesses.offer(latest);
  const timestamps = stampedBy(parts);
  if (latest) timestamps?.offer(latest);
  const publisher = new Publisher({
    store,
    signer: {
      lastSigned: () => signer.call('lastSigned', {}),
      signCheckpoint: (head) => signer.call('signCheckpoint', head),
    },
    trust,
    hashes,
    latest,
    log,
    anchor: parts.anchor,
    onPublished: (checkpoint) => {
      witnesses.offer(checkpoint);
      timestamps?.offer(checkpoint);
      keeper.offer(checkpoint);
    },
    onInconsistent: onFatal,
    onStorageFailed: onFatal,
  });
  let screens: ReturnType<typeof wireScreens> | undefined;
  let outbox: WebhookOutbox | undefined;
  let reviewed = standing.changes;
  const onAppended = (head: { size: number; root: Buffer }) => {
    catalog.follow(head.size);
    screens?.events.appended();
    outbox?.appended();
    publisher.request(head);
    // What was taken back also ends what is under way.
    if (standing.changes !== reviewed) {
      delivery.reviewOpen();
      parts.onStandingChanged();
    }
    reviewed = standing.changes;
  };
  const space = new SpaceGuard(parts.config.data, clock);
  const ledger = new Ledger({
    reader,
    store,
    standing,
    standingEntries,
    tree,
    sealKey,
    lastTime,
    space,
    clock,
    random,
    log,
    onAppended,
    onFatal,
  });
  publisher.request(ledger.head());
  const proofs = new Proofs(reader, hashes);
  const record = new AccessRecord({ ledger, clock, log });
  const authority = new Authority(policy, standing, clock, record);
  const alarms = new Alarms({ authority, clock, log });
  alarms.from(ledgerFull(space));
  alarms.from(unwitnessed(witnesses));
  if (timestamps) alarms.from(unstamped(timestamps));
  alarms.from(readbackDiffers(standing));
  alarms.from(residueOpen(standing));
  alarms.from(mediaOverdue(standing));
  alarms.from(problemsOpen(standing));
  alarms.from(breakGlassOpen(standing));
  alarms.from(nonconformanceOpen(standing));
  alarms.from(signerAway(() => signer.trouble && describeTrouble(signer.trouble)));
  const entries = new ProvenEntries({ standing, proofs, publisher });
  const verification = new Verification({ standing, proofs, entries, trust, routes });
  const grounds = new Grounds({ standing, entries, trust });
  const inspection = new InspectionThread(log);
  const intake = new IntakeService({
    ...{ ledger, catalog, standing, vault, authority, profiles, inspection, random, log },
    onLongProgram: () => screens?.programs.expect(),
  });
  const waivers = new WaiverService({ ledger, catalog, standing, authority, profiles, intake, origin: trust.origin });
  const feed = new SignerFeed(reader, {
    followLedger: () => signer.call('followLedger', {}),
    takeLeaves: (part) => signer.call('takeLeaves', part),
  });
  const releases = new ReleaseService({
    ledger,
    publisher,
    feed,
    standing,
    vault,
    signer,
    verification,
    authority,
    routes,
    trust,
    clock,
    random,
    log,
  });
  const review = new ReviewService({ ledger, standing, authority, routes, releases });
  const holdings = new HoldingsService({ standing, authority });
  const changes = new ChangeService({ ledger, standing, authority, trust, clock });
  const browse = new BrowseService({ catalog, standing, authority, routes, record });
  const evidence = new EvidenceService({
    ...{ ledger, catalog, publisher, witnesses, timestamps, proofs, hashes, vault, authority, trust },
  });
  const runs = new RunService({ ledger, catalog, standing, authority, random });
  const statements = new ApprovalStatements({ browse, clock });
  const passkeys = new PasskeyService({ standing, authority, origin: parts.publicOrigin, clock, random });
  const shelf = new ShelfTree(standing, authority);
  const sending = new SendingService({ ledger, standing, shelf, authority, record, random });
  const passwords = new KnownPasswords({ clock, random });
  const machineIdentity = new MachineIdentity({ standing, trust, passwords, clock, log });
  const delivery = new DeliveryService({
    ledger,
    catalog,
    standing,
    identity: machineIdentity,
    shelf,
    verification,
    grounds,
    authority,
    record,
    signer,
    trust,
    clock,
    random,
    log,
  });
  const shelves = new ReturnShelf({ shelves: delivery, catalog, clock });
  const threads = { verdicts: readbackThread(), differences: readbackThread() };
  const comparison = new Comparison({ vault, profiles, log, ...threads });
  const readback = new ReadbackService({ ledger, catalog, standing, vault, comparison, random, log });
  const desk = new ReadbackDesk({ ledger, catalog, standing, authority });
  const residue = new ResidueService({ ledger, catalog, standing, authority, releases });
  const { inbound } = parts.config.paths;
  const returns = new ReturnService({ inbound, ledger, catalog, authority, vault, readback, random, log });
  const media = new MediaService({
    ...{ ledger, catalog, standing, authority, shelf, shelves, returns, openArrival: openArrivalFile, vault },
    ...{ proofs, entries, clock, random },
  });
  const monitoring = new MonitoringService({ standing, catalog, authority, clock });
  alarms.from(monitoring.alarms);
  const sight = new EntrySight({ catalog, authority });
  const ledgerBrowse = new LedgerBrowse({
    ledger,
    publisher,
    witnesses,
    ...(timestamps ? { timestamps } : {}),
    proofs,
    authority,
    sight,
    origin: trust.origin,
    rebuildCatalogue: () => rebuildCatalogue(parts.config.paths, catalog),
  });
  const signedIn = wireIdentity({
    ...{ ledger, standing, authority, record, sealKey, origin: trust.origin, publicOrigin: parts.publicOrigin },
    ...{ file: parts.config.paths.accounts, signIn: parts.config.signIn, plant: parts.config.plant },
    authorities: (timeMs) => trust.authoritiesFor('people', timeMs),
    credentialsFolder: parts.credentialsFolder,
    ...{ clock, random, log },
  });
  const answers = new KeptAnswers(parts.config.paths.answers, clock);
  const positions = new OutboxPositions(parts.config.paths.outbox);
  const hooks = { standing, positions, targets: parts.config.http.webhooks, sealKey };
  outbox = new WebhookOutbox({ ...hooks, reader, origin: trust.origin, clock, log });
  alarms.from(outbox.alarms);
  outbox.appended();
  const webhooks = new WebhookService({ ...hooks, ledger, authority, random });
  /** What the HTTP door calls. */
  const inventory = new InventoryService(standing, authority);
  const registry = new RegistryService({ standing, authority, clock });
  const changeStatements = new ChangeStatements({
    ...{ changes, standing, authority, origin: trust.origin, clock, random },
  });
  const people = { registry, inventory, holdings, changes, changeStatements, passkeys, statements };
  const jobs = { intake, waivers, review, releases, browse, runs, sending, media, monitoring, desk, residue };
  screens = wireScreens({
    ...{ catalog, standing, reader, authority, routes, vault, profiles, browse, sight, record, log },
    ...{ ledger, random, waivers, witnesses, policy, config: parts.config, origin: trust.origin, clock },
    isSignedIn: signedIn.isStillHere,
  });
  const http = {
    ...screens,
    ...jobs,
    ...people,
    evidence,
    ledgerBrowse,
    alarms,
    identity: signedIn,
    answers,
    webhooks,
  };
  const behind = { shelves, returns };
  const pushing = (pusher: Pusher) =>
    wirePushing({ ledger, catalog, standing, authority, shelf, sending, residue, alarms, clock, log }, pusher);
  return {
    ...{ ledger, publisher, witnesses, timestamps, feed, intake, releases, delivery, returns, readback, sending },
    ...{ authority, behind, record, alarms, http, pushing, monitoring },
    /** Ends the threads of these services. */
    async stop(): Promise<void> {
      await Promise.all([readback.stop(), screens?.stop()]);
      outbox?.close();
      answers.close();
      positions.close();
    },
  };
}

/** Undefined where no timestamping authority is configured. Throws `config-invalid` where none is trusted. */
function stampedBy({ config, trust, opened, clock, random, log, onFatal }: CoreParts): Timestamps | undefined {
  const { timestamps } = config.ledger;
  if (!timestamps) return undefined;
  const { url, policy, everyMinutes } = timestamps;
  const place = { url, policy, authoritiesAt: trust.timestampAuthoritiesAt };
  requireTimestampAuthority(place, clock());
  const { store, reader } = opened;
  return new Timestamps({
    ...{ ask: timestampClient(place, { clock, random }), authoritiesAt: place.authoritiesAt },
    ...{ intervalMs: everyMinutes * 60_000, store, reader, clock, log, onFatal },
  });
}
