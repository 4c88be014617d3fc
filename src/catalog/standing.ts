import type { Classification } from '../domain/classification.ts';
import { mostRestrictive } from '../domain/combine-labels.ts';
import type { Digest } from '../domain/digest.ts';
import type { EventOf, EventType, Sequenced } from '../domain/events.ts';
import type { DepositId, MachineId, PackageId, PersonId, ReleaseId } from '../domain/ids.ts';
import type { Machine } from '../domain/machines.ts';
import { jobKey, type Manifest } from '../domain/manifest.ts';
import type { Person } from '../domain/people.ts';
import type { PackageState, ResourceState } from '../domain/states.ts';

export type PersonStanding = { person: Person; index: number };
export type MachineStanding = { machine: Machine; index: number };
export type ApprovalStanding = Pick<
  EventOf<'approval.given'>['data'],
  'person' | 'role' | 'manifestDigest' | 'routeVersion'
> & { index: number };
/** A package that waits for approvals or for the signer. */
export type OpenPackage = {
  packageId: PackageId;
  depositId: DepositId;
  manifest: Manifest;
  manifestDigest: Digest;
  index: number;
  approvals: ApprovalStanding[];
};
export type ReleaseStanding = {
  releaseId: ReleaseId;
  packageId: PackageId;
  manifest: Manifest;
  manifestDigest: Digest;
  signatures: EventOf<'release.issued'>['data']['signatures'];
  index: number;
  submittedIndex: number;
  time: string;
};

/** The events that say what is in force. Everything else is history and is not held in memory. */
export const standingEvents: ReadonlySet<EventType> = new Set<EventType>([
  'gateway.configured',
  'person.enrolled',
  'machine.registered',
  'package.submitted',
  'package.withdrawn',
  'approval.given',
  'approval.refused',
  'release.issued',
  'release.superseded',
  'release.withdrawn',
]);

/**
 * What is in force right now: who, which machines, which packages wait, which releases may be delivered. Folded from
 * the verified ledger at start and from each batch after, held in memory and never read from a database, so that a row
 * edited by hand can neither add a release to it nor bring a withdrawn one back.
 */
export class Standing {
  readonly #people = new Map<PersonId, PersonStanding>();
  readonly #machines = new Map<MachineId, MachineStanding>();
  readonly #open = new Map<PackageId, OpenPackage>();
  readonly #releases = new Map<ReleaseId, ReleaseStanding>();
  readonly #releaseOfJob = new Map<string, ReleaseId>();
  readonly #routes = new Map<Digest, string>();
  readonly #inForce = new Set<PackageId>();
  readonly #packageStates = new Map<PackageId, PackageState>();
  /** Of every revision that is open or was ever released, the package: it may not be submitted again. */
  readonly #packageOfRevision = new Map<string, PackageId>();
  /** Of every part that was ever submitted: the strictest label, until it is lowered. */
  readonly #labelOfPart = new Map<string, Classification>();
  #configured: EventOf<'gateway.configured'>['data'] | undefined;
  #changes = 0;

  /** Grows with every change, so that whoever computed something from here knows when it is stale. */
  get changes(): number {
    return this.#changes;
  }
  get configured(): EventOf<'gateway.configured'>['data'] | undefined {
    return this.#configured;
  }
  routesText(version: Digest): string | undefined {
    return this.#routes.get(version);
  }
  person(id: string): PersonStanding | undefined {
    return this.#people.get(id as PersonId);
  }
  personByKey(keyId: string): PersonStanding | undefined {
    return this.#people.values().find(({ person }) => person.keys.some((key) => key.keyId === keyId));
  }
  people(): Iterable<PersonStanding> {
    return this.#people.values();
  }
  machine(id: string): MachineStanding | undefined {
    return this.#machines.get(id as MachineId);
  }
  machines(): Iterable<MachineStanding> {
    return this.#machines.values();
  }
  openPackage(id: string): OpenPackage | undefined {
    return this.#open.get(id as PackageId);
  }
  openPackages(): Iterable<OpenPackage> {
    return this.#open.values();
  }
  /** Of every package that there ever was. */
  packageState(id: string): PackageState | undefined {
    return this.#packageStates.get(id as PackageId);
  }
  /** As policy sees it: a release that was superseded is another matter than one in force. */
  stateOfPackage(id: string): ResourceState {
    if (this.#inForce.has(id as PackageId)) return 'in-force';
    const state = this.#packageStates.get(id as PackageId);
    if (state === 'released') return 'superseded';
    return state === 'submitted' ? 'open' : (state ?? 'new');
  }
  /** The package that is open under this revision of the job, or was ever released under it. */
  packageOfRevision(manifest: RevisionOfJob): PackageId | undefined {
    return this.#packageOfRevision.get(revisionKey(manifest));
  }
  labelOfPart(part: string): Classification | undefined {
    return this.#labelOfPart.get(part);
  }
  release(id: string): ReleaseStanding | undefined {
    return this.#releases.get(id as ReleaseId);
  }
  releases(): Iterable<ReleaseStanding> {
    return this.#releases.values();
  }
  releaseOfJob(manifest: Manifest): ReleaseStanding | undefined {
    const id = this.#releaseOfJob.get(jobKey(manifest));
    return id && this.#releases.get(id);
  }

  apply(entry: Sequenced): void {
    const { event, index, time } = entry;
    if (!standingEvents.has(event.type)) return;
    this.#changes++;
    switch (event.type) {
      case 'gateway.configured':
        this.#configured = event.data;
        this.#routes.set(event.data.routes.version, event.data.routes.text);
        return;
      case 'person.enrolled':
        this.#people.set(event.data.person.id, { person: event.data.person, index });
        return;
      case 'machine.registered':
        this.#machines.set(event.data.machine.id, { machine: event.data.machine, index });
        return;
      case 'package.submitted': {
        const { packageId, depositId, manifest, manifestDigest } = event.data;
        this.#open.set(packageId, { packageId, depositId, manifest, manifestDigest, index, approvals: [] });
        this.#packageStates.set(packageId, 'submitted');
        this.#packageOfRevision.set(revisionKey(manifest), packageId);
        this.#label(manifest);
        return;
      }
      case 'approval.given': {
        const { packageId, person, role, manifestDigest, routeVersion } = event.data;
        this.#open.get(packageId)?.approvals.push({ person, role, manifestDigest, routeVersion, index });
        return;
      }
      case 'package.withdrawn':
        this.#close(event.data.packageId, 'withdrawn');
        return;
      case 'approval.refused':
        this.#close(event.data.packageId, 'refused');
        return;
      case 'release.issued':
        this.#issue(event.data, index, time);
        return;
      case 'release.superseded':
        this.#end(event.data.releaseId);
        return;
      case 'release.withdrawn':
        this.#end(event.data.releaseId, 'withdrawn');
        return;
    }
  }

  #label({ part, classification }: Manifest): void {
    const known = this.#labelOfPart.get(part);
    this.#labelOfPart.set(part, known ? mostRestrictive(known, classification) : classification);
  }

  /** An open package that ends without a release leaves its revision free. */
  #close(packageId: PackageId, state: PackageState): void {
    const waiting = this.#open.get(packageId);
    if (!waiting) return;
    this.#open.delete(packageId);
    this.#packageStates.set(packageId, state);
    this.#packageOfRevision.delete(revisionKey(waiting.manifest));
  }

  #issue(data: EventOf<'release.issued'>['data'], index: number, time: string): void {
    const waiting = this.#open.get(data.packageId);
    if (!waiting) return;
    const { packageId, manifest, manifestDigest } = waiting;
    const { releaseId, signatures } = data;
    this.#open.delete(packageId);
    this.#packageStates.set(packageId, 'released');
    this.#releases.set(releaseId, {
      releaseId,
      packageId,
      manifest,
      manifestDigest,
      signatures,
      index,
      submittedIndex: waiting.index,
      time,
    });
    this.#releaseOfJob.set(jobKey(manifest), releaseId);
    this.#inForce.add(packageId);
  }

  #end(releaseId: ReleaseId, packageState?: PackageState): void {
    const ended = this.#releases.get(releaseId);
    if (!ended) return;
    this.#releases.delete(releaseId);
    this.#inForce.delete(ended.packageId);
    if (packageState) this.#packageStates.set(ended.packageId, packageState);
    if (this.#releaseOfJob.get(jobKey(ended.manifest)) === releaseId) this.#releaseOfJob.delete(jobKey(ended.manifest));
  }
}

type RevisionOfJob = Pick<Manifest, 'part' | 'operation' | 'machineGroup' | 'revision'>;
/** None of the four may hold a slash. */
const revisionKey = (manifest: RevisionOfJob): string => `${jobKey(manifest)}/${manifest.revision}`;
