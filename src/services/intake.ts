import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { depositRow, depositsInState } from '../catalog/queries/deposits.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type Event, type EventData, makeEvent, type Reason, type StoredFile } from '../domain/events.ts';
import { type DepositId, newPackageId, type RandomBytes } from '../domain/ids.ts';
import type { DepositOutcome, IncomingDeposit, Intake } from '../domain/intake.ts';
import { limits } from '../domain/limits.ts';
import { isProgram, type Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import type { Sidecar } from '../domain/sidecar.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { inspectPackage, noProfile } from '../nc/preflight/inspect-package.ts';
import { manifestDigest } from '../signing/statements.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { blockReason, digestProblems, makeManifest, objections } from './admission.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import { parseSidecar } from './sidecar.ts';

type IntakeParts = {
  ledger: Ledger;
  catalog: Catalog;
  standing: Standing;
  vault: BlobStore;
  authority: Authority;
  profiles: MachineProfiles;
  random: RandomBytes;
  log: Logger;
};

const gateway: Principal = { kind: 'gateway' };

/** Deposits: bytes into quarantine, then inspection, then admission as a package or rejection with reasons. */
export class IntakeService implements Intake {
  readonly #parts: IntakeParts;
  readonly #running = new Map<DepositId, Promise<DepositOutcome>>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  outcome(depositId: DepositId): DepositOutcome | undefined {
    const row = depositRow(this.#parts.catalog.db, depositId);
    if (!row) return undefined;
    if (row.state === 'admitted' && row.packageId) return { state: 'admitted', packageId: row.packageId };
    if (row.state === 'rejected') return { state: 'rejected', reasons: row.reasons };
    return { state: row.state === 'inspected' ? 'inspected' : 'received' };
  }

  async receive(deposit: IncomingDeposit): Promise<DepositOutcome> {
    const before = this.outcome(deposit.depositId);
    if (before) return before;
    const files = await this.#store(deposit);
    const { depositId, door, name } = deposit;
    const problems = [...deposit.problems, ...digestProblems(deposit.sidecar?.parsed, files)].slice(
      0,
      limits.reasonsPerRejection,
    );
    await this.#parts.ledger.commit(() => {
      if (this.outcome(depositId)) return { events: [], result: undefined };
      const received = makeEvent('deposit.received', gateway, { depositId, door, name, files });
      const rejected =
        problems.length === 0
          ? []
          : [makeEvent('deposit.rejected', gateway, { depositId, door, name, reasons: problems })];
      return { events: [received, ...rejected], result: undefined };
    });
    // From here the deposit is durable; a crash leaves it to `resume`.
    return this.#advance(depositId).catch((error: unknown) => {
      this.#logUnfinished(depositId, error);
      return { state: 'received' };
    });
  }

  #logUnfinished(depositId: DepositId, error: unknown): void {
    this.#parts.log.error({ err: error, depositId }, 'inspection did not finish and will go on later');
  }

  /**
   * Takes up the deposits whose inspection did not finish, because of a crash or of trouble that may have passed. One that
   * fails again is logged and waits for the next time: it must not keep the others, or the gateway, from going on.
   */
  async resume(): Promise<void> {
    for (const depositId of depositsInState(this.#parts.catalog.db, ['received', 'inspected'])) {
      await this.#advance(depositId).catch((error: unknown) => this.#logUnfinished(depositId, error));
    }
  }

  /** The files of the deposit and its sidecar, the sidecar last, each durable in quarantine. */
  async #store(deposit: IncomingDeposit): Promise<StoredFile[]> {
    const stored: StoredFile[] = [];
    for (const file of deposit.files) {
      stored.push({ name: file.name, ...(await this.#parts.vault.put(file.content, limits.fileBytes)) });
    }
    if (deposit.sidecar) {
      const { fileName, bytes } = deposit.sidecar;
      stored.push({ name: fileName, ...(await this.#parts.vault.put(oneChunk(bytes), limits.sidecarBytes)) });
    }
    return stored;
  }

  /** Two calls for one deposit at once are one act. */
  #advance(depositId: DepositId): Promise<DepositOutcome> {
    const running = this.#running.get(depositId);
    if (running) return running;
    const started = this.#inspectAndDispose(depositId).finally(() => this.#running.delete(depositId));
    this.#running.set(depositId, started);
    return started;
  }

  async #inspectAndDispose(depositId: DepositId): Promise<DepositOutcome> {
    const row = depositRow(this.#parts.catalog.db, depositId);
    if (!row) throw new DomainError('not-found', 'There is no such deposit.');
    if (row.state === 'admitted' || row.state === 'rejected') return this.outcome(depositId) as DepositOutcome;
    try {
      const sidecar = await this.#sidecarOf(row.files);
      const manifest = makeManifest(sidecar, row.files);
      const inspected = await this.#inspect(depositId, manifest);
      return await this.#dispose({ depositId, door: row.door, name: row.name, manifest, inspected });
    } catch (error) {
      const { code, message, field } = toDomainError(error);
      // Nothing is wrong with the deposit itself: it waits.
      if (code === 'internal' || code === 'ledger-unavailable' || code === 'storage-full') throw error;
      return this.#reject({ ...row, depositId }, [{ code, message, ...(field === undefined ? {} : { field }) }]);
    }
  }

  async #sidecarOf(files: readonly StoredFile[]): Promise<Sidecar> {
    const stored = files.at(-1);
    if (!stored) throw new DomainError('sidecar-missing', 'The deposit has no sidecar.');
    const bytes = await this.#parts.vault.readQuarantined(stored.digest, limits.sidecarBytes);
    const parsed = parseSidecar(stored.name, bytes);
    if ('sidecar' in parsed) return parsed.sidecar;
    const [first] = parsed.problems;
    throw new DomainError(first?.code ?? 'sidecar-invalid', first?.message ?? 'The sidecar is not valid.', {
      field: first?.field ?? 'sidecar',
    });
  }

  async #inspect(depositId: DepositId, manifest: Manifest): Promise<EventData<'deposit.inspected'>> {
    const files = [];
    for (const file of manifest.files) {
      const bytes = isProgram(file.role)
        ? await this.#parts.vault.readQuarantined(file.digest, limits.inspectBytes)
        : new Uint8Array();
      files.push({ name: file.name, role: file.role, bytes });
    }
    const profile = this.#parts.profiles.forGroup(manifest.machineGroup);
    const { facts, findings } = inspectPackage(files, { profile });
    const main = manifest.files.find((file) => file.role === 'main-program');
    if (!profile && main) findings.push(...noProfile(main.name, manifest.machineGroup));
    const kept = findings.slice(0, limits.findingsKept);
    return { depositId, facts, findings: kept, more: findings.length - kept.length };
  }

  async #dispose(about: {
    depositId: DepositId;
    door: 'drop-folder' | 'http';
    name: string;
    manifest: Manifest;
    inspected: EventData<'deposit.inspected'>;
  }): Promise<DepositOutcome> {
    const { depositId, manifest, inspected } = about;
    // Durable under their final names before any event says that they are admitted.
    const blocks = inspected.findings.filter((finding) => finding.severity === 'block');
    if (blocks.length === 0) for (const file of manifest.files) this.#parts.vault.admit(file.digest);
    const { result } = await this.#parts.ledger.commit<DepositOutcome>(() => {
      const outcome = this.outcome(depositId);
      if (outcome?.state === 'admitted' || outcome?.state === 'rejected') return { events: [], result: outcome };
      const seen = outcome?.state === 'received' ? [makeEvent('deposit.inspected', gateway, inspected)] : [];
      const refused = blocks.length > 0 ? blocks.map(blockReason) : objections(manifest, this.#parts);
      if (refused.length > 0) return this.#rejection(about, seen, refused.slice(0, limits.reasonsPerRejection));
      return this.#admission(about, seen);
    });
    return result;
  }

  #rejection(
    about: { depositId: DepositId; door: 'drop-folder' | 'http'; name: string },
    seen: Event[],
    reasons: Reason[],
  ) {
    const { depositId, door, name } = about;
    const rejected = makeEvent('deposit.rejected', gateway, { depositId, door, name, reasons });
    return { events: [...seen, rejected], result: { state: 'rejected', reasons } as DepositOutcome };
  }

  #admission(about: { depositId: DepositId; door: 'drop-folder' | 'http'; manifest: Manifest }, seen: Event[]) {
    const { depositId, manifest } = about;
    const packageId = newPackageId(this.#parts.random);
    const context = {
      channel: about.door === 'http' ? ('https' as const) : ('drop-folder' as const),
      encrypted: about.door === 'http',
    };
    const decision = this.#parts.authority.require(
      'submit',
      asPerson(manifest.author, context),
      packageFacts(depositId, manifest),
    );
    const events = [
      ...seen,
      makeEvent('deposit.admitted', gateway, { depositId, packageId }),
      makeEvent(
        'package.submitted',
        { kind: 'person', id: manifest.author },
        {
          packageId,
          depositId,
          manifest,
          manifestDigest: manifestDigest(manifest),
          decision,
        },
      ),
    ];
    return { events, result: { state: 'admitted', packageId } as DepositOutcome };
  }

  async #reject(
    about: { depositId: DepositId; door: 'drop-folder' | 'http'; name: string },
    reasons: Reason[],
  ): Promise<DepositOutcome> {
    const { result } = await this.#parts.ledger.commit<DepositOutcome>(() => {
      const outcome = this.outcome(about.depositId);
      if (outcome?.state === 'rejected') return { events: [], result: outcome };
      return this.#rejection(about, [], reasons);
    });
    return result;
  }
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
