/** The composition root of `serve`: wires every room, and nothing else does. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Standing } from './catalog/standing.ts';
import { DomainError } from './domain/errors.ts';
import { type Event, makeEvent } from './domain/events.ts';
import { limits } from './domain/limits.ts';
import { DropFolder } from './edges/drop-folder/drop-folder.ts';
import { startFtpDoors } from './edges/ftp/doors.ts';
import { listenHttp } from './edges/http/listen.ts';
import { startSftpDoors } from './edges/sftp/doors.ts';
import { AnchorFolder } from './ledger/anchor.ts';
import { Ledger } from './ledger/ledger.ts';
import { Proofs } from './ledger/proofs.ts';
import { Publisher } from './ledger/publisher.ts';
import { SpaceGuard } from './ledger/space.ts';
import { rebuildCatalogue, type StartedLedger, startLedger, verifyBehind } from './ledger/start.ts';
import { type WitnessPeer, witnessPeers } from './ledger/witness-client.ts';
import { Witnesses } from './ledger/witnesses.ts';
import { systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { holdLock } from './platform/sqlite.ts';
import { Policy } from './policy/decide.ts';
import { loadRoutes, type Routes } from './policy/routes.ts';
import { AccessRecord } from './services/access-record.ts';
import { ApprovalStatements } from './services/approval-statements.ts';
import { Authority } from './services/authority.ts';
import { BrowseService } from './services/browse.ts';
import { ChangeService } from './services/changes.ts';
import { DeliveryService } from './services/delivery.ts';
import { HoldingsService } from './services/holdings.ts';
import { IntakeService } from './services/intake.ts';
import { LedgerBrowse } from './services/ledger-browse.ts';
import { PasskeyService } from './services/passkeys.ts';
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
    /** Absent where there is none. */
    ftp?: { host: string; ports: readonly number[] };
    socket: string;
    dropFolder: string;
  };
  pids: () => { signer: number | undefined; sftp: (number | undefined)[]; ftp: (number | undefined)[] };
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
  const peers = witnessPeers(config.ledger.witnesses.list);
  for (const folder of [paths.vault, paths.signer]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(config.dropFolder.path, { recursive: true });
  const lock = holdLock(paths.lock);
  const vault = new BlobStore(paths.vault);
  vault.recover();
  const sealKey = Buffer.from(readFileSync(join(paths.keys, keyFiles.seal), 'utf8'), 'hex');
  const anchor = new AnchorFolder(config.ledger.anchor, trust.origin, log);
  const opened = await startLedger({ paths, trust, sealKey, anchor, peers, log, onFatal });
  const { standing, catalog, keeper } = opened;

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
  let httpsPort = config.http.port;
  const core = wireCore({
    config,
    trust,
    policy,
    routes,
    vault,
    opened,
    anchor,
    peers,
    sealKey,
    signer,
    publicOrigin: () => config.http.publicOrigin ?? `https://localhost:${httpsPort}`,
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
  const endMinutes = setInterval(() => core.record.flush(), limits.refusalFlushMs);
  const retryDeposits = setInterval(() => void core.intake.resume(), limits.intakeRetryMs);

  const doors = await startSftpDoors({ config, shelves: core.delivery, log: log.child({ room: 'sftp' }) });
  const ftp = await startFtpDoors({ config, shelves: core.delivery, log: log.child({ room: 'ftp' }) });
  const readiness = () => {
    const checks = {
      ledger: core.ledger.writable,
      signer: signer.ready,
      sftp: doors.ready,
      ...(ftp ? { ftp: ftp.ready } : {}),
      checkpoint: core.publisher.isCurrent,
    };
    return { ready: Object.values(checks).every(Boolean), checks };
  };
  const pem = (name: string) => readFileSync(join(paths.keys, name), 'utf8');
  const http = await listenHttp({
    parts: {
      ...core.http,
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
  httpsPort = http.port;
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
  const verifying = opened.latest && verifyBehind(paths, { trust, log, onFatal }, keeper);

  return {
    addresses: {
      https: { host: config.http.host, port: http.port },
      sftp: { host: config.sftp.host, port: doors.ports[0] ?? config.sftp.port },
      ...(config.ftp && ftp ? { ftp: { host: config.ftp.host, ports: ftp.ports } } : {}),
      socket: config.socket,
      dropFolder: folder,
    },
    pids: () => ({ signer: signer.pid, sftp: doors.pids(), ftp: ftp?.pids() ?? [] }),
    async close() {
      // Doors first, so that what is under way ends while it can still be recorded; the signer last.
      clearInterval(retryReleases);
      clearInterval(retryDeposits);
      clearInterval(endMinutes);
      verifying?.stop();
      await drop.stop();
      await Promise.all([doors.stop(), ftp?.stop(), http.close()]);
      await core.record.close();
      core.publisher.close();
      core.witnesses.close();
      if (core.publisher.latest) keeper.write(core.publisher.latest);
      await signer.stop();
      opened.store.close();
      await catalog.close();
      lock.release();
    },
  };
}

type CoreParts = {
  config: Config;
  trust: Trust;
  policy: Policy;
  routes: Routes;
  vault: BlobStore;
  opened: StartedLedger;
  anchor: AnchorFolder;
  peers: readonly WitnessPeer[];
  sealKey: Buffer;
  signer: Signer;
  publicOrigin(): string;
  log: Logger;
  onFatal(error: unknown): void;
};

/** The ledger and the services over it. */
function wireCore(parts: CoreParts) {
  const { trust, policy, routes, vault, opened, sealKey, signer, log, onFatal } = parts;
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
      keeper.offer(checkpoint);
    },
    onInconsistent: onFatal,
    onStorageFailed: onFatal,
  });
  const onAppended = (head: { size: number; root: Buffer }) => {
    catalog.follow(head.size);
    publisher.request(head);
  };
  const ledger = new Ledger({
    reader,
    store,
    standing,
    standingEntries,
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
  const record = new AccessRecord({ ledger, clock, log });
  const authority = new Authority(policy, standing, clock, record);
  const verification = new Verification({ standing, proofs, publisher, trust });
  const intake = new IntakeService({ ledger, catalog, standing, vault, authority, random, log });
  const releases = new ReleaseService({
    ledger,
    publisher,
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
  const holdings = new HoldingsService({ standing, authority });
  const changes = new ChangeService({ ledger, standing, authority, trust, clock });
  const browse = new BrowseService({ catalog, standing, authority, routes, record });
  const statements = new ApprovalStatements({ browse, clock });
  const passkeys = new PasskeyService({ standing, authority, origin: parts.publicOrigin, clock, random });
  const shelf = new ShelfTree(standing, authority);
  const delivery = new DeliveryService({
    ledger,
    catalog,
    standing,
    shelf,
    verification,
    authority,
    record,
    signer,
    clock,
    random,
    log,
  });
  const ledgerBrowse = new LedgerBrowse({
    ledger,
    publisher,
    witnesses,
    proofs,
    authority,
    origin: trust.origin,
    rebuildCatalogue: () => rebuildCatalogue(parts.config.paths, catalog),
  });
  /** What the HTTP door calls. */
  const http = { intake, review, releases, registry, holdings, changes, passkeys, statements, browse, ledgerBrowse };
  return { ledger, publisher, witnesses, intake, releases, delivery, record, http };
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
