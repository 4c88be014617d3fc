import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { depositRow, depositsInState, packagesOfRevision } from '../catalog/queries/deposits.ts';
import type { Standing } from '../catalog/standing.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { type Event, type EventData, makeEvent, type Reason, type StoredFile } from '../domain/events.ts';
import type { Finding } from '../domain/findings.ts';
import { type DepositId, newPackageId, type RandomBytes } from '../domain/ids.ts';
import type { DepositOutcome, IncomingDeposit, Intake } from '../domain/intake.ts';
import { limits } from '../domain/limits.ts';
import { isProgram, jobKey, Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import { promisedDigest, type Sidecar } from '../domain/sidecar.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { inspectPackage } from '../nc/inspect-package.ts';
import { manifestDigest } from '../signing/statements.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import { parseSidecar } from './sidecar.ts';

type IntakeParts = {
  ledger: Ledger;
  catalog: Catalog;
  standing: Standing;
  vault: BlobStore;
  authority: Authority;
  random: RandomBytes;
  log: Logger;
};

const gateway: Principal = { kind: 'gateway' };

/** Deposits: bytes into quarantine, then inspection, then admission as a package or rejection with reasons. */
export class IntakeService implements Intake {
  readonly #parts: IntakeParts;

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
      this.#parts.log.error({ err: error, depositId }, 'inspection did not finish and will go on later');
      return { state: 'received' };
    });
  }

  /** Takes up, after a start, the deposits that a crash left between two steps. */
  async resume(): Promise<void> {
    for (const depositId of depositsInState(this.#parts.catalog.db, ['received', 'inspected']))
      await this.#advance(depositId);
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

  async #advance(depositId: DepositId): Promise<DepositOutcome> {
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
      if (code === 'internal' || code === 'ledger-unavailable') throw error;
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
    const { facts, findings } = inspectPackage(files);
    const rank = { block: 0, warn: 1, note: 2 };
    const ordered = findings.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
    const kept = ordered.slice(0, limits.findingsKept);
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
      const refused = blocks.length > 0 ? blocks.map(blockReason) : this.#objections(manifest);
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

  /** Why this package cannot stand beside what is registered, open or released. */
  #objections(manifest: Manifest): Reason[] {
    const { standing } = this.#parts;
    if (!standing.person(manifest.author))
      return [reason('author-unknown', 'author', `${manifest.author} is not enrolled. Enrol the author first.`)];
    const groups = new Set([...standing.machines()].flatMap(({ machine }) => machine.groups));
    if (!groups.has(manifest.machineGroup)) {
      return [
        reason('group-unknown', 'machineGroup', `No registered machine is in the group ${manifest.machineGroup}.`),
      ];
    }
    return [...this.#revisionTaken(manifest), ...this.#namesTaken(manifest)];
  }

  #revisionTaken(manifest: Manifest): Reason[] {
    const { part, revision, operation } = manifest;
    const taken = packagesOfRevision(this.#parts.catalog.db, manifest).find(
      (other) => other.state === 'submitted' || other.released,
    );
    if (!taken) return [];
    const text = `Revision ${revision} of ${part} operation ${operation} was already submitted as ${taken.id}; a revision never changes, so raise it.`;
    return [reason('revision-taken', 'revision', text)];
  }

  /** A control sees one flat folder: two jobs may not bring different bytes under one program name. */
  #namesTaken(manifest: Manifest): Reason[] {
    const { standing } = this.#parts;
    const others = [...standing.releases(), ...standing.openPackages()].filter(
      (other) => other.manifest.machineGroup === manifest.machineGroup && jobKey(other.manifest) !== jobKey(manifest),
    );
    const names = new Map(
      others.flatMap((o) =>
        o.manifest.files.filter((f) => isProgram(f.role)).map((f) => [f.name.toLowerCase(), { o, f }]),
      ),
    );
    return manifest.files.flatMap((file, at) => {
      const there = isProgram(file.role) ? names.get(file.name.toLowerCase()) : undefined;
      if (!there || there.f.digest === file.digest) return [];
      const { part, operation } = there.o.manifest;
      return [
        reason(
          'shelf-name-taken',
          `files[${at}].name`,
          `${file.name} is already the name of another program, of ${part} operation ${operation}.`,
        ),
      ];
    });
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

const reason = (code: Reason['code'], field: string, message: string): Reason => ({ code, field, message });

const blockReason = (finding: Finding): Reason =>
  reason(
    'inspection-blocked',
    finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`,
    finding.message,
  );

function digestProblems(sidecar: Sidecar | undefined, files: readonly StoredFile[]): Reason[] {
  return (sidecar?.files ?? []).flatMap((listed, at) => {
    const promised = promisedDigest(listed);
    const stored = files.find((file) => file.name === listed.name);
    if (!promised || !stored || promised === stored.digest) return [];
    const text = `${listed.name} is ${stored.digest}, not the digest that the sidecar promises: it was changed or is incomplete.`;
    return [reason('digest-mismatch', `files[${at}].sha256`, text)];
  });
}

function makeManifest(sidecar: Sidecar, stored: readonly StoredFile[]): Manifest {
  const { part, revision, operation, machineGroup, author, changeOrder, classification } = sidecar;
  const files = sidecar.files.map((listed, at) => {
    const found = stored.find((file) => file.name === listed.name);
    if (!found)
      throw new DomainError('file-missing', `${listed.name} is listed but was not deposited.`, {
        field: `files[${at}].name`,
      });
    return { name: listed.name, role: listed.role, digest: found.digest, size: found.size };
  });
  const manifest = Manifest.safeParse({
    v: 1,
    part,
    revision,
    operation,
    machineGroup,
    author,
    changeOrder,
    classification,
    files,
  });
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  throw new DomainError('sidecar-invalid', `The sidecar cannot become a package: ${issue?.message ?? 'not valid'}.`, {
    field: issue?.path.join('.') ?? 'files',
  });
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
