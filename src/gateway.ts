/** The composition root of `serve`: wires every room, and nothing else does. */

import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { wireCore } from './core.ts';
import { limits } from './domain/limits.ts';
import type { RunningDoor } from './door/start-door.ts';
import { DropFolder } from './edges/drop-folder/drop-folder.ts';
import { startFtpDoors } from './edges/ftp/doors.ts';
import { listenHttp } from './edges/http/listen.ts';
import { Sites } from './edges/http/sites.ts';
import { startMonitorDoor } from './edges/mtconnect/doors.ts';
import { startPushDoor } from './edges/push/doors.ts';
import { type SerialDoor, startSerialDoor } from './edges/serial/doors.ts';
import { startSftpDoors } from './edges/sftp/doors.ts';
import { AnchorFolder } from './ledger/anchor.ts';
import { startLedger, verifyBehind } from './ledger/start.ts';
import { witnessPeers } from './ledger/witness-client.ts';
import { systemClock } from './platform/clock.ts';
import type { Config } from './platform/config.ts';
import { holdLock } from './platform/sqlite.ts';
import { Policy } from './policy/decide.ts';
import { loadRoutes } from './policy/routes.ts';
import { ChangedMachines } from './services/changed-machines.ts';
import { expiryAlarms, trustReadiness } from './services/expiries.ts';
import { MachineProfiles } from './services/machine-profiles.ts';
import { keepPolicy, openingEvents } from './services/opening-events.ts';
import { PushRounds } from './services/push-rounds.ts';
import { requireSignedRules } from './services/rules-in-force.ts';
import { trustToRecord } from './services/trust-record.ts';
import { checkedTrust } from './signing/configured-trust.ts';
import { keyFiles, readSealKey } from './signing/key-files.ts';
import { startSigner } from './signing/signer-client.ts';
import { keyPlaces } from './signing/signer-keys.ts';
import { describeTrouble } from './signing/signer-watch.ts';
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
  pids: () => {
    signer: number | undefined;
    sftp: (number | undefined)[];
    ftp: (number | undefined)[];
    serial: (number | undefined)[];
    push: (number | undefined)[];
    monitors: (number | undefined)[];
  };
  /** At a first start: the link with which the first administrator begins. */
  setup?: { person: string; link: string; expires: string };
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
  for (const folder of [paths.vault, paths.signer, paths.inbound]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(config.dropFolder.path, { recursive: true });
  const lock = holdLock(paths.lock);
  const vault = new BlobStore(paths.vault);
  vault.recover();
  const sealKey = readSealKey(paths.keys);
  const anchor = new AnchorFolder(config.ledger.anchor, trust.origin, log);
  const opened = await startLedger({ paths, trust, sealKey, anchor, peers, log, onFatal });
  const { standing, catalog, keeper } = opened;
  const lastEntryMs = opened.lastTime === '' ? undefined : Date.parse(opened.lastTime);
  const trusted = trustToRecord(trust, standing, { timeMs: clock(), lastEntryMs });
  if (config.mode === 'production')
    requireSignedRules({ policySet: policy.digest, routes: routes.version }, standing.rules);

  const signer = startSigner({
    settings: {
      keys: keyPlaces(paths.keys, config.signer, process.env.CREDENTIALS_DIRECTORY),
      stateFile: paths.signerState,
      trustFile: paths.trust,
      trust: trust.digest,
      routesFile: config.routes,
    },
    vaultFolder: paths.vault,
    ...(config.signer.token && { environment: config.signer.token.environment }),
    log: log.child({ room: 'signer' }),
  });
  let httpsPort = config.http.port;
  const changed = new ChangedMachines(standing);
  /** The doors that machines come in by. */
  const visited: RunningDoor[] = [];
  let serial: SerialDoor | undefined;
  let monitors: Awaited<ReturnType<typeof startMonitorDoor>>;
  const publicOrigin = () => config.http.publicOrigin ?? `https://localhost:${httpsPort}`;
  const core = wireCore({
    config,
    trust,
    policy,
    routes,
    profiles,
    vault,
    opened,
    anchor,
    peers,
    sealKey,
    signer,
    clock,
    random,
    credentialsFolder: process.env.CREDENTIALS_DIRECTORY,
    publicOrigin,
    log,
    onFatal,
    onStandingChanged: () => {
      const machines = changed.look();
      for (const door of visited) door.review(machines);
      serial?.follow();
      monitors?.follow();
    },
  });
  const pem = (name: string) => readFileSync(join(paths.keys, name), 'utf8');
  const tls = {
    ...{ key: pem(keyFiles.tls), cert: pem(keyFiles.tlsCertificate) },
    clientCertificates: config.signIn.certificates !== undefined,
  };
  const policyFiles = await keepPolicy(vault, policy);
  const opening = openingEvents(core.ledger.size, trust, { trusted, policy, policyFiles, routes }, standing);
  // Also on a full disk: what is in force must be on record before anything else is.
  await core.ledger.commit(() => ({ events: opening, result: undefined }), { ending: true });
  await core.intake.resume();
  await core.delivery.closeInterrupted();
  await core.returns.closeInterrupted();
  await core.readback.resume();
  // What waited for the signer or for the disk goes on by itself, however it came to wait.
  const retryReleases = setInterval(() => {
    if (signer.ready) void core.releases.issueWaiting();
  }, limits.releaseRetryMs);
  const feedSigner = setInterval(() => void core.feed.look(), limits.signerFeedLookMs);
  const endMinutes = setInterval(() => core.record.flush(), limits.refusalFlushMs);
  const day = (time: number | string) => new Date(time).toISOString().slice(0, 10);
  core.alarms.from(
    expiryAlarms(standing, () => [
      { what: 'trust-root', subject: trust.origin, expires: day(trust.expiresMs) },
      { what: 'certificate', subject: 'the release key', expires: day(trust.release.certificate.validTo) },
      { what: 'certificate', subject: 'the HTTPS door', expires: day(new X509Certificate(tls.cert).validTo) },
    ]),
  );
  const lookForAlarms = setInterval(() => core.alarms.look(), limits.alarmLookMs);
  const reviewOpen = setInterval(() => core.delivery.reviewOpen(), limits.openReviewMs);
  const retryDeposits = setInterval(() => {
    core.intake.resume().catch((err: unknown) => log.warn({ err }, 'what waits for inspection could not be looked up'));
  }, limits.intakeRetryMs);

  const doors = await startSftpDoors({ config, behind: core.behind, log: log.child({ room: 'sftp' }) });
  const ftp = await startFtpDoors({ config, behind: core.behind, log: log.child({ room: 'ftp' }) });
  visited.push(doors, ...(ftp ? [ftp] : []));
  serial = await startSerialDoor({
    ...{ config, behind: core.behind, machines: () => standing.machines() },
    log: log.child({ room: 'serial' }),
  });
  if (serial) core.sending.sendBy('serial', serial);
  const push = await startPushDoor({ config, behind: core.behind, log: log.child({ room: 'push' }) });
  const pushing = push && new PushRounds(core.pushing(push), limits.pushLookMs, log.child({ room: 'push' }));
  monitors = await startMonitorDoor({
    ...{ config, behind: core.behind, machines: () => standing.machines(), log: log.child({ room: 'monitors' }) },
    report: (report) =>
      void core.monitoring
        .report(report)
        .catch((err: unknown) => log.warn({ err }, 'what a machine said could not be looked up')),
  });
  const readiness = () => {
    const { trouble } = signer;
    const of = trustReadiness(trust, clock());
    const checks = {
      ledger: core.ledger.writable,
      signer: signer.ready,
      sftp: doors.ready,
      ...(ftp ? { ftp: ftp.ready } : {}),
      ...(serial ? { serial: serial.ready } : {}),
      ...(push ? { push: push.ready } : {}),
      checkpoint: core.publisher.isCurrent,
      trust: of.reason === undefined,
    };
    const reasons = { ...(trouble && { signer: describeTrouble(trouble) }), ...(of.reason && { trust: of.reason }) };
    return {
      ready: Object.values(checks).every(Boolean),
      checks,
      ...(Object.keys(reasons).length > 0 && { reasons }),
      ...(of.warning && { warnings: { trust: of.warning } }),
    };
  };
  const http = await listenHttp({
    parts: {
      ...core.http,
      vault,
      standing,
      readiness,
      sites: new Sites(config.http.sites),
      clock,
      random,
      log: log.child({ room: 'http' }),
    },
    host: config.http.host,
    port: config.http.port,
    tls,
    socketPath: config.socket,
  });
  httpsPort = http.port;
  const first = await core.http.identity.accounts.firstInvitation();
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
    ...(first && {
      setup: {
        person: first.person,
        link: `${publicOrigin()}/app/setup#${first.token}`,
        expires: new Date(first.untilMs).toISOString(),
      },
    }),
    pids: () => ({
      ...{ signer: signer.pid, sftp: doors.pids(), ftp: ftp?.pids() ?? [], serial: serial?.pids() ?? [] },
      ...{ push: push?.pids() ?? [], monitors: monitors?.pids() ?? [] },
    }),
    async close() {
      // Doors first, so that what is under way ends while it can still be recorded; the signer last.
      clearInterval(retryReleases);
      clearInterval(retryDeposits);
      clearInterval(endMinutes);
      clearInterval(feedSigner);
      clearInterval(reviewOpen);
      clearInterval(lookForAlarms);
      verifying?.stop();
      await drop.stop();
      pushing?.beginNothing();
      await Promise.all([doors.stop(), ftp?.stop(), serial?.stop(), push?.stop(), monitors?.stop(), http.close()]);
      await pushing?.ended();
      await core.stop();
      await core.record.close();
      core.http.identity.close();
      await core.publisher.covering(core.ledger.size, limits.lastCheckpointMs).catch(() => {});
      core.publisher.close();
      core.witnesses.close();
      core.timestamps?.close();
      if (core.publisher.latest) keeper.write(core.publisher.latest);
      await signer.stop();
      // The last to close the ledger's file, so that all of it is in the one file and none in the log beside it.
      await Promise.all([catalog.close(), verifying?.done]);
      opened.store.close();
      lock.release();
    },
  };
}
