import type { Classification } from '../domain/classification.ts';
import { mostRestrictive } from '../domain/combine-labels.ts';
import type { EventOf, Sequenced } from '../domain/events.ts';
import type { ChangeId, MachineId, PackageId, ReleaseId, RetrievalId } from '../domain/ids.ts';
import { jobKey, type Manifest } from '../domain/manifest.ts';
import type { Assurance, KeyId } from '../domain/people.ts';
import { isPeopleEntry, type PeopleEntry, PeopleRegister } from '../domain/people-register.ts';
import { type Envelope, signatureCounter } from '../domain/statements.ts';
import type { PackageState, ResourceState } from '../domain/states.ts';
import { AccountRegister, isAccountEntry } from './account-register.ts';
import { ExceptionRegister, isExceptionEntry } from './exception-register.ts';
import { isMachineEntry, MachineRegister, type MachineStanding } from './machine-register.ts';
import { isHoldEntry, type ReadbackHold, ReadbackHolds } from './readback-holds.ts';
import { isResidueEntry, ResidueRegister } from './residue-register.ts';
import { isRulesEntry, RulesRegister } from './rules-register.ts';
import { isSendingEntry, SendingRegister } from './sending-register.ts';
import { standingEvents } from './standing-events.ts';
import type {
  ApprovalStanding,
  OpenPackage,
  PersonStanding,
  ProposalStanding,
  ReleaseStanding,
} from './standing-kinds.ts';
import { isStopEntry, StopRegister } from './stop-register.ts';
import { isWebhookEntry, WebhookRegister } from './webhook-register.ts';
import { isZoneEntry, ZoneRegister } from './zone-register.ts';

/**
 * What is in force right now: who, which machines, which packages wait, which releases may be delivered. Folded from
 * the verified ledger at start and from each batch after, held in memory and never read from a database, so that a row
 * edited by hand can neither add a release to it nor bring a withdrawn one back.
 */
export class Standing {
  /** Everyone, as they are and as they were when they signed. */
  readonly register = new PeopleRegister();
  readonly rules = new RulesRegister();
  /** Who may not sign in although they are enrolled, API keys, and who is proposed. */
  readonly accounts = new AccountRegister();
  /** Authorisations, break-glass and nonconformances. */
  readonly exceptions = new ExceptionRegister();
  /** Problems that people reported, and legal holds. */
  readonly stops = new StopRegister();
  readonly webhooks = new WebhookRegister();
  readonly #proposals = new Map<ChangeId, ProposalStanding>();
  readonly #usedChanges = new Set<ChangeId>();
  readonly #counters = new Map<KeyId, number>();
  readonly #machines = new MachineRegister();
  readonly #zones = new ZoneRegister();
  readonly #open = new Map<PackageId, OpenPackage>();
  readonly #releases = new Map<ReleaseId, ReleaseStanding>();
  readonly #releaseOfJob = new Map<string, ReleaseId>();
  /** By ledger index: who signed that a finding may stand, with which key. */
  readonly #waivers = new Map<number, Pick<ApprovalStanding, 'person' | 'keyId' | 'time'>>();
  readonly residue = new ResidueRegister();
  readonly sendings = new SendingRegister();
  readonly #holds = new ReadbackHolds();
  readonly #inForce = new Set<PackageId>();
  readonly #packageStates = new Map<PackageId, PackageState>();
  /** Of every revision that is open or was ever released, the package: it may not be submitted again. */
  readonly #packageOfRevision = new Map<string, PackageId>();
  /** Of every part that was ever submitted: the strictest label, until it is lowered. */
  readonly #labelOfPart = new Map<string, Classification>();
  #changes = 0;

  /** Grows with every change, so that whoever computed something from here knows when it is stale. */
  get changes(): number {
    return this.#changes;
  }
  person(id: string): PersonStanding | undefined {
    const person = this.register.person(id);
    return person && { person, index: this.register.index(id) ?? 0 };
  }
  /** Whose key this is, while it is good for something. */
  personByKey(keyId: string): PersonStanding | undefined {
    const holder = this.register.holder(keyId);
    return holder && !holder.end ? this.person(holder.person) : undefined;
  }
  people(): Iterable<PersonStanding> {
    return this.register.people().map((person) => ({ person, index: this.register.index(person.id) ?? 0 }));
  }
  proposal(id: string): ProposalStanding | undefined {
    return this.#proposals.get(id as ChangeId);
  }
  proposals(): Iterable<ProposalStanding> {
    return this.#proposals.values();
  }
  /** The highest signature counter that a passkey has shown. */
  counter(keyId: KeyId): number {
    const enrolled = this.register.holder(keyId)?.key;
    return this.#counters.get(keyId) ?? (enrolled?.assurance === 'passkey' ? enrolled.counter : 0);
  }
  isUsed(changeId: ChangeId): boolean {
    return this.#usedChanges.has(changeId);
  }
  machine(id: string): MachineStanding | undefined {
    return this.#machines.machine(id);
  }
  machines(): Iterable<MachineStanding> {
    return this.#machines.all();
  }
  /** Indices of the entries about a machine, also of one that was retired. */
  machineEntries(id: string): readonly number[] {
    return this.#machines.entries(id);
  }
  get zones(): Omit<ZoneRegister, 'apply'> {
    return this.#zones;
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
  /** Whether something came back changed of the package's release, or a problem was reported, and nobody resolved that yet. */
  isHeld(machineId: MachineId, packageId: string): boolean {
    const held = [...this.#holds.of(machineId), ...this.stops.problemsOf(machineId)];
    return held.some(({ releaseId }) => this.#releases.get(releaseId)?.packageId === packageId);
  }
  readbackHolds(): Iterable<ReadbackHold> {
    return this.#holds.all();
  }
  isResolved(retrievalId: RetrievalId): boolean {
    return this.#holds.isResolved(retrievalId);
  }
  releaseOfJob(manifest: Manifest): ReleaseStanding | undefined {
    const id = this.#releaseOfJob.get(jobKey(manifest));
    return id && this.#releases.get(id);
  }

  apply(entry: Sequenced): void {
    const { event, index, time } = entry;
    if (!standingEvents.has(event.type)) return;
    this.#changes++;
    if ('authorisation' in event.data) this.#change(entry, event.data.changeId, event.data.authorisation);
    if ('envelope' in event.data) this.#count(event.data.envelope);
    if (isPeopleEntry(entry)) {
      this.#applyPeople(entry);
      return;
    }
    if (isRulesEntry(entry)) return void this.rules.apply(entry);
    if (isMachineEntry(entry)) return void this.#machines.apply(entry);
    if (isResidueEntry(entry)) {
      const { event } = entry;
      if (event.type === 'residue.cleared' && event.data.proof.kind === 'statement')
        this.#count(event.data.proof.envelope);
      return void this.residue.apply(entry);
    }
    if (isSendingEntry(entry)) return void this.sendings.apply(entry);
    if (isHoldEntry(entry)) return void this.#holds.apply(entry);
    if (isStopEntry(entry)) return void this.stops.apply(entry);
    if (isWebhookEntry(entry)) return void this.webhooks.apply(entry);
    if (isAccountEntry(entry)) return void this.accounts.apply(entry);
    if (isZoneEntry(entry)) return void this.#zones.apply(entry);
    if (isExceptionEntry(entry)) return void this.exceptions.apply(entry);
    switch (event.type) {
      case 'change.refused':
        this.#usedChanges.add(event.data.refused);
        this.#proposals.delete(event.data.refused);
        return;
      case 'classification.lowered':
        this.#labelOfPart.set(event.data.part, event.data.classification);
        return;
      case 'package.submitted': {
        const { decision: _, packageId, manifest, holds = [], ...rest } = event.data;
        this.#open.set(packageId, { ...rest, packageId, manifest, holds, index, approvals: [] });
        this.#packageStates.set(packageId, 'submitted');
        this.#packageOfRevision.set(revisionKey(manifest), packageId);
        this.#label(manifest);
        return;
      }
      case 'finding.waived': {
        const { person, envelope } = event.data;
        this.#waivers.set(index, { person, keyId: envelope.signatures[0]?.keyid ?? '', time });
        return;
      }
      case 'approval.given':
        return void this.#approve(event.data, index, time);
      case 'package.withdrawn':
        return void this.#close(event.data.packageId, 'withdrawn');
      case 'package.replaced':
        return void this.#close(event.data.packageId, 'replaced');
      case 'approval.refused':
        return void this.#close(event.data.packageId, 'refused');
      case 'release.issued':
        return void this.#issue(event.data, index, time);
      case 'release.superseded':
        return void this.#end(event.data.releaseId);
      case 'release.withdrawn':
        return void this.#end(event.data.releaseId, 'withdrawn');
    }
  }

  #label({ part, classification }: Manifest): void {
    const known = this.#labelOfPart.get(part);
    this.#labelOfPart.set(part, known ? mostRestrictive(known, classification) : classification);
  }

  #change({ event, index, time }: Sequenced, changeId: ChangeId, authorisation: Envelope): void {
    this.#count(authorisation);
    if (event.type === 'change.proposed') {
      this.#proposals.set(changeId, { changeId, authorisation, index, time });
      return;
    }
    this.#proposals.delete(changeId);
    this.#usedChanges.add(changeId);
  }

  /** Passkeys count their signatures: what was seen once may not be offered again by a copy of the key. */
  #count({ signatures }: Envelope): void {
    for (const { keyid, webauthn } of signatures) {
      if (!webauthn) continue;
      this.#counters.set(keyid, Math.max(signatureCounter(webauthn), this.#counters.get(keyid) ?? 0));
    }
  }

  #applyPeople(entry: PeopleEntry): void {
    this.register.apply(entry);
    if (entry.event.type === 'person.key-revoked' || entry.event.type === 'person.off-boarded') this.#dropApprovals();
  }

  /** What rests on keys that ended: approvals fall while the package waits; after the release only where it is in doubt. */
  #dropApprovals(): void {
    for (const waiting of this.#open.values()) {
      waiting.approvals = waiting.approvals.map((approval) => {
        const end = this.register.holder(approval.keyId)?.end;
        return end ? { ...approval, fallen: `The key that signed it was revoked: ${end.reason}` } : approval;
      });
    }
    for (const release of this.#releases.values()) {
      const waivers = (release.manifest.waivers ?? []).flatMap(({ entry }) => this.#waivers.get(entry) ?? []);
      const doubted = [...release.approvals, ...waivers].find(({ keyId, time }) => {
        const since = this.register.holder(keyId)?.end?.compromisedSince;
        return since !== undefined && since <= time;
      });
      // A new object, so that whoever remembers the old one as verified looks again.
      if (doubted)
        this.#releases.set(release.releaseId, {
          ...release,
          doubted: `${doubted.person}'s key is compromised since before they signed for it.`,
        });
    }
  }

  #approve(data: EventOf<'approval.given'>['data'], index: number, time: string): void {
    const { packageId, envelope, decision: _, ...said } = data;
    const keyId = envelope.signatures[0]?.keyid ?? '';
    const assurance = (this.register.holder(keyId)?.key.assurance ?? 'file') as Assurance;
    this.#open.get(packageId)?.approvals.push({ ...said, index, time, keyId, assurance });
  }

  /** An open package that ends without a release leaves its revision free. */
  #close(packageId: PackageId, state: PackageState): void {
    const waiting = this.#open.get(packageId);
    if (!waiting) return;
    this.#open.delete(packageId);
    this.#packageStates.set(packageId, state);
    const revision = revisionKey(waiting.manifest);
    if (this.#packageOfRevision.get(revision) === packageId) this.#packageOfRevision.delete(revision);
  }

  #issue(data: EventOf<'release.issued'>['data'], index: number, time: string): void {
    const waiting = this.#open.get(data.packageId);
    if (!waiting) return;
    const { packageId, manifest, manifestDigest } = waiting;
    const { releaseId, signatures } = data;
    this.#open.delete(packageId);
    this.#packageStates.set(packageId, 'released');
    this.#releases.set(releaseId, {
      ...{ releaseId, packageId, manifest, manifestDigest, signatures, index },
      submittedIndex: waiting.index,
      time,
      approvals: waiting.approvals.filter(({ fallen }) => fallen === undefined),
    });
    this.#releaseOfJob.set(jobKey(manifest), releaseId);
    this.#inForce.add(packageId);
  }

  #end(releaseId: ReleaseId, packageState?: PackageState): void {
    const ended = this.#releases.get(releaseId);
    if (!ended) return;
    this.#releases.delete(releaseId);
    this.sendings.releaseEnded(releaseId);
    this.#inForce.delete(ended.packageId);
    if (packageState) this.#packageStates.set(ended.packageId, packageState);
    if (this.#releaseOfJob.get(jobKey(ended.manifest)) === releaseId) this.#releaseOfJob.delete(jobKey(ended.manifest));
  }
}

type RevisionOfJob = Pick<Manifest, 'part' | 'operation' | 'machineGroup' | 'revision'>;
/** None of the four may hold a slash. */
const revisionKey = (manifest: RevisionOfJob): string => `${jobKey(manifest)}/${manifest.revision}`;
