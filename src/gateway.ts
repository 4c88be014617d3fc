/** The composition root of `serve`: wires every room, and nothing else does. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Catalog } from './catalog/catalog.ts';
import { discardFresh, foldAnew, openCatalog, replaceCatalog } from './catalog/rebuild.ts';
import { Standing } from './catalog/standing.ts';
import { DomainError } from './domain/errors.ts';
import { type Event, makeEvent } from './domain/events.ts';
import { limits } from './domain/limits.ts';
import { DropFolder } from './edges/drop-folder/drop-folder.ts';
import { listenHttp } from './edges/http/listen.ts';
import { startSftpDoors } from './edges/sftp/doors.ts';
import { AnchorFolder } from './ledger/anchor.ts';
import { requireAnchored } from './ledger/anchored-start.ts';
import { Ledger } from './ledger/ledger.ts';
import { type OpenedLedger, openLedger, sequencedEntries } from './ledger/open.ts';
import { Proofs } from './ledger/proofs.ts';
import { Publisher } from './ledger/publisher.ts';
import { SpaceGuard } from './ledger/space.ts';
import { type WitnessPeer, witnessPeers } from './ledger/witness-client.ts';
import { Witnesses } from './ledger/witnesses.ts';
import { systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { holdLock } from './platform/sqlite.ts';
import { Policy } from './policy/decide.ts';
import { loadRoutes, type Routes } from './policy/routes.ts';
import { Authority } from './services/authority.ts';
import { BrowseService } from './services/browse.ts';
import { DeliveryService } from './services/delivery.ts';
import { IntakeService } from './services/intake.ts';
import { LedgerBrowse } from './services/ledger-browse.ts';
import { MachineProfiles } from './services/machine-profiles.ts';
import { RegistryService } from './services/registry.ts';
import { ReleaseService } from './services/release.ts';
import { ReviewService } from './services/review.ts';
import { ShelfTree } from './services/shelf.ts';
import { Verification } from './services/verification.ts';
import { keyFiles } from './signing/key-files.ts';
import { type Signer, startSigner } from './signing/signer-client.ts';
import { isDevelopmentCertificate, isDevelopmentTrust, loadTrust, type Trust } from './signing/trust.ts';
import { BlobStore } from './vault/blob-store.ts';

export type Gateway = {
  addresses: {
    https: { host: string; port: number };
    sftp: { host: string; port: number };
    socket: string;
    dropFolder: string;
  };
  pids: () => { signer: number | undefined; sftp: (number | undefined)[] };
  close(): Promise<void>;
};

const clock = systemClock;
const random = (size: number) => randomBytes(size);

/** Starts everything. Throws before any port is open when the configuration, the keys or the ledger are not right. */
export async function startGateway(config: Config, log: Logger, onFatal: (error: unknown) => void): Promise<Gateway> {
  const { paths } = config;
  const trust = checkedTrust(config);
  const policy = Policy.load(config.policy);
  const routes = loadRoutes(config.routes);
  const profiles = MachineProfiles.load(config.machineProfiles);
  const peers = witnessPeers(config.ledger.witnesses.list);
  for (const folder of [paths.vault, paths.signer]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(config.dropFolder.path, { recursive: true });
  const lock = holdLock(paths.lock);
  const vault = new BlobStore(paths.vault);
  vault.recover();
  const standing = new Standing();
  const sealKey = Buffer.from(readFileSync(join(paths.keys, keyFiles.seal), 'utf8'), 'hex');
  const opened = openLedger({ path: paths.ledger, trust, sealKey, standing });
  const anchor = new AnchorFolder(config.ledger.anchor, trust.origin, log);
  await requireAnchored({ opened, folder: anchor, peers, trust, log });
  const catalog = openCatalog(paths.catalog, {
    size: opened.tree.size,
    entries: (from) => sequencedEntries(opened.reader, from, opened.tree.size),
  });

  const signer = startSigner({
    settings: {
      keysFolder: paths.keys,
      stateFile: paths.signerState,
      trustFile: paths.trust,
      routesFile: config.routes,
    },
    vaultFolder: paths.vault,
    log: log.child({ room: 'signer' }),
  });
  const core = wireCore({
    config,
    trust,
    policy,
    routes,
    profiles,
    vault,
    standing,
    opened,
    anchor,
    peers,
    catalog,
    sealKey,
    signer,
    log,
    onFatal,
  });
  const opening = openingEvents(core.ledger.size, trust, policy, routes, standing);
  // Also on a full disk: what is in force must be on record before anything else is.
  await core.ledger.commit(() => ({ events: opening, result: undefined }), { ending: true });
  await core.intake.resume();
  await core.delivery.closeInterrupted();
  // What waited for the signer or for the disk goes on by itself, however it came to wait.
  const retryReleases = setInterval(() => {
    if (signer.ready) void core.releases.issueWaiting();
  }, limits.releaseRetryMs);
  const retryDeposits = setInterval(() => void core.intake.resume(), limits.intakeRetryMs);

  const doors = await startSftpDoors({ config, shelf: core.delivery, log: log.child({ room: 'sftp' }) });
  const readiness = () => {
    const checks = {
      ledger: core.ledger.writable,
      signer: signer.ready,
      sftp: doors.ready,
      checkpoint: core.publisher.isCurrent,
    };
    return { ready: Object.values(checks).every(Boolean), checks };
  };
  const { intake, review, releases, registry, browse, ledgerBrowse } = core;
  const services = { intake, review, releases, registry, browse, ledgerBrowse };
  const pem = (name: string) => readFileSync(join(paths.keys, name), 'utf8');
  const http = await listenHttp({
    parts: {
      ...services,
      vault,
      standing,
      readiness,
      clock,
      random,
      log: log.child({ room: 'http' }),
    },
    host: config.http.host,
    port: config.http.port,
    tls: { key: pem(keyFiles.tls), cert: pem(keyFiles.tlsCertificate) },
    socketPath: config.socket,
  });
  const { path: folder, settleMs, orphanMs } = config.dropFolder;
  const drop = new DropFolder({
    folder,
    intake: core.intake,
    clock,
    random,
    log: log.child({ room: 'drop-folder' }),
    settleMs,
    orphanMs,
  });
  await drop.recover();
  drop.start();

  return {
    addresses: {
      https: { host: config.http.host, port: http.port },
      sftp: { host: config.sftp.host, port: doors.port },
      socket: config.socket,
      dropFolder: folder,
    },
    pids: () => ({ signer: signer.pid, sftp: doors.pids() }),
    async close() {
      // Doors first, so that what is under way ends while it can still be recorded; the signer last.
      clearInterval(retryReleases);
      clearInterval(retryDeposits);
      await drop.stop();
      await Promise.all([doors.stop(), http.close()]);
      core.publisher.close();
      core.witnesses.close();
      await signer.stop();
      opened.store.close();
      catalog.close();
      lock.release();
    },
  };
}

type CoreParts = {
  config: Config;
  trust: Trust;
  policy: Policy;
  routes: Routes;
  profiles: MachineProfiles;
  vault: BlobStore;
  standing: Standing;
  opened: OpenedLedger;
  anchor: AnchorFolder;
  peers: readonly WitnessPeer[];
  catalog: Catalog;
  sealKey: Buffer;
  signer: Signer;
  log: Logger;
  onFatal(error: unknown): void;
};

/** The ledger and the services over it. */
function wireCore(parts: CoreParts) {
  const { trust, policy, routes, vault, standing, opened, catalog, sealKey, signer, log, onFatal } = parts;
  const { reader, store, tree, hashes, latest, lastTime } = opened;
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
    onPublished: (checkpoint) => witnesses.offer(checkpoint),
    onInconsistent: onFatal,
    onStorageFailed: onFatal,
  });
  const onAppended = (head: { size: number; root: Buffer }) => publisher.request(head);
  const ledger = new Ledger({
    reader,
    store,
    catalog,
    standing,
    tree,
    sealKey,
    lastTime,
    space: new SpaceGuard(parts.config.data, clock),
    clock,
    random,
    log,
    onAppended,
    onFatal,
  });
  publisher.request(ledger.head());
  const proofs = new Proofs(reader, hashes);
  const authority = new Authority(policy, standing);
  const verification = new Verification({ standing, proofs, publisher, trust });
  const intake = new IntakeService({
    ledger,
    catalog,
    standing,
    vault,
    authority,
    profiles: parts.profiles,
    random,
    log,
  });
  const releases = new ReleaseService({
    ledger,
    publisher,
    catalog,
    standing,
    vault,
    signer,
    verification,
    authority,
    routes,
    clock,
    random,
    log,
  });
  const review = new ReviewService({ ledger, standing, authority, routes, releases });
  const registry = new RegistryService({ ledger, standing, authority });
  const browse = new BrowseService({ catalog, standing, authority, routes });
  const shelf = new ShelfTree(standing, authority);
  const delivery = new DeliveryService({
    ledger,
    catalog,
    standing,
    shelf,
    verification,
    authority,
    signer,
    clock,
    random,
    log,
  });
  const rebuildCatalogue = async () => {
    const whole = { size: ledger.size, entries: (from: number, to: number) => sequencedEntries(reader, from, to) };
    const { fresh, differing } = foldAnew(parts.config.paths.catalog, whole);
    if (differing.length === 0) discardFresh(fresh);
    else catalog.reopenAfter((path) => replaceCatalog(path, fresh));
    return { entries: whole.size, differing };
  };
  const ledgerBrowse = new LedgerBrowse({
    ledger,
    publisher,
    witnesses,
    proofs,
    authority,
    origin: trust.origin,
    rebuildCatalogue,
  });
  return { ledger, publisher, witnesses, intake, releases, review, registry, browse, ledgerBrowse, delivery };
}

/** Neither the keys that sign nor the certificate that the doors show may come from the development PKI. */
function refuseDevelopment(config: Config, trust: Trust): void {
  const tlsFile = join(config.paths.keys, keyFiles.tlsCertificate);
  const made = isDevelopmentTrust(trust)
    ? config.paths.trust
    : isDevelopmentCertificate(readFileSync(tlsFile))
      ? tlsFile
      : undefined;
  if (made === undefined) return;
  throw new DomainError('config-invalid', `${made}: made for development; production needs keys of your own CA.`);
}

function checkedTrust(config: Config): Trust {
  const trust = loadTrust(config.paths.trust);
  if (trust.origin !== config.origin) {
    throw new DomainError(
      'config-invalid',
      `origin: the configuration says ${config.origin}, ${config.paths.trust} says ${trust.origin}.`,
    );
  }
  if (config.mode === 'production') refuseDevelopment(config, trust);
  return trust;
}

/** What a start records: the first of all entries, and the rules in force where they are new. */
function openingEvents(size: number, trust: Trust, policy: Policy, routes: Routes, standing: Standing): Event[] {
  const gateway = { kind: 'gateway' } as const;
  const first =
    size === 0 ? [makeEvent('gateway.initialised', gateway, { origin: trust.origin, trust: trust.digest })] : [];
  const { configured } = standing;
  const same = configured?.policySet === policy.digest && configured.routes.version === routes.version;
  const data = { policySet: policy.digest, routes: { version: routes.version, text: routes.text } };
  return same ? first : [...first, makeEvent('gateway.configured', gateway, data)];
}
