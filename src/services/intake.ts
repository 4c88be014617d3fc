import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { type DepositRow, depositRow, depositsInState } from '../catalog/queries/deposits.ts';
import type { Standing } from '../catalog/standing.ts';
import type { OpenPackage, ReleaseStanding } from '../catalog/standing-kinds.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type Event, makeEvent, type Reason, type StoredFile } from '../domain/events.ts';
import type { FirstArticleDraft } from '../domain/first-article.ts';
import { type DepositId, newPackageId, type PackageId, type RandomBytes } from '../domain/ids.ts';
import type { DepositOutcome, IncomingDeposit, Intake } from '../domain/intake.ts';
import { limits } from '../domain/limits.ts';
import { changeSize, isProgram, type Manifest, toControl } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import type { Sidecar } from '../domain/sidecar.ts';
import type { SignedWaiver } from '../domain/waivers.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { manifestDigest } from '../signing/statements.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import {
  blockReason,
  digestProblems,
  makeManifest,
  manifestDifferences,
  objections,
  replacedPackage,
  withWaivers,
} from './admission.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import { withControlForms } from './control-forms.ts';
import type { Inspected, Inspection, InspectionTask } from './inspection-task.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import { sentence } from './reason-text.ts';
import { parseSidecar } from './sidecar.ts';

type IntakeParts = {
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  vault: BlobStore;
  authority: Authority;
  profiles: MachineProfiles;
  inspection: Inspection;
  random: RandomBytes;
  log: Logger;
  /** A program was admitted that takes long to compare, and somebody will. */
  onLongProgram(): void;
};
/** Of a program; 50,000 blocks and more. */
const longBytes = 1_000_000;

/** The release in force for the job, which the programs were compared with. */
type Compared = { older?: ReleaseStanding | undefined };

const gateway: Principal = { kind: 'gateway' };

/** Deposits: bytes into quarantine, then inspection, then admission as a package or rejection with reasons. */
export class IntakeService implements Intake {
  readonly #parts: IntakeParts;
  readonly #receiving = new Map<DepositId, Promise<DepositOutcome>>();
  readonly #running = new Map<DepositId, Promise<DepositOutcome>>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  async outcome(depositId: DepositId): Promise<DepositOutcome | undefined> {
    const row = depositRow(await this.#parts.catalog.current(), depositId);
    return row && outcomeOf(row);
  }

  /**
   * One deposit is received by one call at a time, and disposed of by one: what the first looked up then still holds
   * when it decides. The ledger takes decisions of one process only.
   */
  receive(deposit: IncomingDeposit): Promise<DepositOutcome> {
    return onlyOne(this.#receiving, deposit.depositId, () => this.#receive(deposit));
  }

  async #receive(deposit: IncomingDeposit): Promise<DepositOutcome> {
    const before = await this.outcome(deposit.depositId);
    if (before) return before;
    const files = await this.#store(deposit);
    const { depositId, door, name, depositor } = deposit;
    const problems = [...deposit.problems, ...digestProblems(deposit.sidecar?.parsed, files)].slice(
      0,
      limits.reasonsPerRejection,
    );
    await this.#parts.ledger.commit(() => {
      const received = makeEvent('deposit.received', gateway, {
        ...{ depositId, door, name, files },
        ...(depositor === undefined ? {} : { depositor }),
      });
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
    for (const depositId of depositsInState(await this.#parts.catalog.current(), ['received', 'inspected'])) {
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

  #advance(depositId: DepositId): Promise<DepositOutcome> {
    return onlyOne(this.#running, depositId, () => this.#inspectAndDispose(depositId));
  }

  async #inspectAndDispose(depositId: DepositId): Promise<DepositOutcome> {
    const row = depositRow(await this.#parts.catalog.current(), depositId);
    if (!row) throw new DomainError('not-found', 'There is no such deposit.');
    const ended = outcomeOf(row);
    if (ended.state === 'admitted' || ended.state === 'rejected') return ended;
    try {
      const sidecar = await this.#sidecarOf(row.files);
      const deposited = makeManifest(sidecar, row.files);
      const inspected = await this.#inspect(deposited, row.waivers);
      const manifest = await this.#forControl(withWaivers(deposited, inspected.waived), inspected);
      return await this.#dispose({ ...row, manifest, inspected });
    } catch (error) {
      const { code, message, field } = toDomainError(error);
      // Nothing is wrong with the deposit itself: it waits.
      if (code === 'internal' || code === 'ledger-unavailable' || code === 'storage-full') throw error;
      return this.#reject(row, [{ code, message, ...(field === undefined ? {} : { field }) }]);
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

  async #inspect(manifest: Manifest, waivers: readonly SignedWaiver[]): Promise<Inspected & Compared> {
    const files = [];
    for (const { name, role, digest, size } of manifest.files) {
      if (role === toControl) continue;
      const { vault } = this.#parts;
      const streamed = isProgram(role) && size > limits.inspectWholeBytes;
      const whole = isProgram(role) && !streamed;
      const bytes = whole ? await vault.readQuarantined(digest, limits.inspectWholeBytes) : new Uint8Array();
      files.push({ name, role, digest, bytes, ...(streamed ? { path: vault.quarantinePath(digest) } : {}) });
    }
    const { machineGroup } = manifest;
    const profile = this.#parts.profiles.forGroup(machineGroup);
    const older = this.#parts.standing.releaseOfJob(manifest);
    const before = older && (await this.#programsOf(older));
    const inspected = await this.#parts.inspection.inspect({ files, machineGroup, profile, waivers, before });
    return { ...inspected, older };
  }

  /** Undefined where they cannot be read: then there is no draft, and quality decides without one. */
  async #programsOf({ releaseId, manifest }: ReleaseStanding): Promise<InspectionTask['before']> {
    try {
      const programs = manifest.files.filter(({ role }) => isProgram(role));
      return await Promise.all(
        programs.map(async ({ name, digest, size }) => ({
          name,
          bytes:
            size > limits.inspectWholeBytes
              ? undefined
              : await this.#parts.vault.read(digest, limits.inspectWholeBytes),
        })),
      );
    } catch (error) {
      this.#parts.log.error({ err: error, releaseId }, 'a release cannot be read for comparison');
      return undefined;
    }
  }

  /** The draft as it is recorded, its difference durable before the event that names it: where what a control is sent changes. */
  async #drafted(manifest: Manifest, { draft, older }: Inspected & Compared): Promise<FirstArticleDraft | undefined> {
    if (!draft || !older || changeSize(manifest, older.manifest) !== 'program') return undefined;
    const { proposal, statement } = draft;
    const difference = await this.#parts.vault.putBytes(Buffer.from(draft.difference, 'utf8'));
    this.#parts.vault.admit(difference.digest);
    return { against: older.releaseId, proposal, statement, difference };
  }

  /** The manifest of a deposit as its files and its sidecar say, waivers aside. Throws why there can be none. */
  async manifestOf({ files }: Pick<DepositRow, 'files'>): Promise<Manifest> {
    return makeManifest(await this.#sidecarOf(files), files);
  }

  /** Looks again at a deposit that a waiver opened. */
  reconsider(depositId: DepositId): Promise<DepositOutcome> {
    return this.#advance(depositId);
  }

  /** What is blocked goes to no control. */
  async #forControl(manifest: Manifest, { facts, findings }: Inspected): Promise<Manifest> {
    if (findings.some(({ severity }) => severity === 'block')) return manifest;
    const { vault, profiles } = this.#parts;
    return withControlForms(manifest, { facts, profile: profiles.forGroup(manifest.machineGroup), vault });
  }

  async #dispose(about: DepositRow & { manifest: Manifest; inspected: Inspected & Compared }): Promise<DepositOutcome> {
    const { depositId, manifest, inspected, state } = about;
    const { facts, findings, more, waived } = inspected;
    // Durable under their final names before any event says that they are admitted.
    const blocks = findings.filter((finding) => finding.severity === 'block');
    if (blocks.length === 0) for (const file of manifest.files) this.#parts.vault.admit(file.digest);
    const firstArticle = blocks.length === 0 ? await this.#drafted(manifest, inspected) : undefined;
    const stands = waived.map(({ finding, waiver }) => ({ finding, entry: waiver.entry }));
    const seenNow = { depositId, facts, findings, more, ...(stands.length === 0 ? {} : { waived: stands }) };
    const { result } = await this.#parts.ledger.commit<DepositOutcome>(() => {
      const seen = state === 'received' ? [makeEvent('deposit.inspected', gateway, seenNow)] : [];
      const refused = blocks.length > 0 ? blocks.map(blockReason) : objections(manifest, this.#parts.standing);
      if (refused.length > 0) return this.#rejection(about, seen, refused.slice(0, limits.reasonsPerRejection));
      return this.#admission({ ...about, firstArticle }, seen);
    });
    if (result.state === 'admitted' && manifest.files.some(isLongProgram)) this.#parts.onLongProgram();
    return result;
  }

  #rejection(
    about: { depositId: DepositId; door: DepositRow['door']; name: string },
    seen: Event[],
    reasons: Reason[],
  ) {
    const { depositId, door, name } = about;
    const rejected = makeEvent('deposit.rejected', gateway, { depositId, door, name, reasons });
    return { events: [...seen, rejected], result: { state: 'rejected', reasons } as DepositOutcome };
  }

  #admission(
    about: Pick<DepositRow, 'depositId' | 'door'> & {
      manifest: Manifest;
      inspected: Inspected;
      firstArticle: FirstArticleDraft | undefined;
    },
    seen: Event[],
  ) {
    const { depositId, manifest, inspected, firstArticle } = about;
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
    const actor = { kind: 'person' as const, id: manifest.author };
    const replaced = replacedPackage(manifest, this.#parts.standing);
    const events = [
      ...seen,
      makeEvent('deposit.admitted', gateway, { depositId, packageId }),
      makeEvent('package.submitted', actor, {
        packageId,
        depositId,
        manifest,
        manifestDigest: manifestDigest(manifest),
        ...(inspected.holds.length === 0 ? {} : { holds: inspected.holds }),
        ...(firstArticle && { firstArticle }),
        decision,
      }),
      ...(replaced ? [replacement(replaced, packageId, manifest)] : []),
    ];
    return { events, result: { state: 'admitted', packageId } as DepositOutcome };
  }

  async #reject(
    about: { depositId: DepositId; door: DepositRow['door']; name: string },
    reasons: Reason[],
  ): Promise<DepositOutcome> {
    const { result } = await this.#parts.ledger.commit(() => this.#rejection(about, [], reasons));
    return result;
  }
}

function replacement({ packageId, manifest: before, approvals }: OpenPackage, by: PackageId, manifest: Manifest) {
  const reason = sentence(`${manifestDifferences(before, manifest).join(', ')}.`);
  const actor = { kind: 'person' as const, id: manifest.author };
  return makeEvent('package.replaced', actor, { packageId, by, reason, approvalsVoided: approvals.length });
}

function outcomeOf({ state, packageId, reasons }: DepositRow): DepositOutcome {
  if (state === 'admitted' && packageId) return { state, packageId };
  if (state === 'rejected') return { state, reasons };
  return { state: state === 'inspected' ? state : 'received' };
}

/** Two calls for one deposit at once are one act. */
function onlyOne(
  running: Map<DepositId, Promise<DepositOutcome>>,
  depositId: DepositId,
  act: () => Promise<DepositOutcome>,
): Promise<DepositOutcome> {
  const before = running.get(depositId);
  if (before) return before;
  const started = act().finally(() => running.delete(depositId));
  running.set(depositId, started);
  return started;
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const isLongProgram = ({ role, size }: Manifest['files'][number]): boolean => isProgram(role) && size >= longBytes;
