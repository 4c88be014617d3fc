import { z } from 'zod';
import { changeFields, madeBy } from './changes.ts';
import { Action, Decision } from './decisions.ts';
import { Digest } from './digest.ts';
import { DoorChannel } from './doors.ts';
import { errorCodes } from './errors.ts';
import { event } from './event-form.ts';
import { accountEventForms, stopEventForms } from './event-lists.ts';
import { EvidenceQuestion } from './evidence.ts';
import { Finding, ProgramFacts } from './findings.ts';
import {
  FirstArticleDecision,
  FirstArticleDraft,
  FirstArticleProposal,
  firstArticleVerdicts,
} from './first-article.ts';
import {
  ChangeId,
  DeliveryId,
  DepositId,
  MachineId,
  NonconformanceId,
  PackageId,
  PersonId,
  ReleaseId,
  RetrievalId,
  RunId,
} from './ids.ts';
import { limits } from './limits.ts';
import { Manifest, RuleName } from './manifest.ts';
import { mediaIssuedFields, mediaReturnedFields } from './media.ts';
import { nonconformanceSources } from './nonconformances.ts';
import { PersonRole, type Principal } from './people.ts';
import { comparisonFields, Disposition, proposalFields, readbackFields } from './readback.ts';
import { Holder, ResidueProof, residueFields } from './residue.ts';
import { RunReport } from './runs.ts';
import { Envelope } from './statements.ts';
import { FileName, ShortText, Text } from './text.ts';
import {
  deliveryCompletedFields,
  deliveryStartedFields,
  sendingClearedFields,
  sendingEndedFields,
  sendingPlacingFields,
  sendingRequestedFields,
} from './transfers.ts';

const Reason = z.strictObject({ code: z.enum(errorCodes), field: z.string().max(200).optional(), message: Text });
export type Reason = z.infer<typeof Reason>;

const StoredFile = z.strictObject({ name: FileName, digest: Digest, size: z.int().min(0) });
export type StoredFile = z.infer<typeof StoredFile>;
const door = z.enum(['drop-folder', 'http', 'machine']);

const Note = z.string().max(limits.noteChars);

const retrievalFields = { retrievalId: RetrievalId, machineId: MachineId };

/**
 * Every change of state. The body that the ledger commits to is the RFC 8785 JSON of one of these; its time stands in
 * the leaf, so that one clock, the sequencer's, orders all.
 */
export const Event = z.discriminatedUnion('type', [
  event('gateway.initialised', { origin: ShortText, trust: Digest }),
  /**
   * The first event of a ledger that goes on after one whose newest entries are lost: its final checkpoint, and one that
   * somebody kept of it and that it does not reach, both as signed notes.
   */
  event('gateway.forked', {
    from: z.strictObject({ origin: ShortText, trust: Digest, final: Note, unreached: Note }),
    by: ShortText,
    reason: Text,
    leftBehind: z.strictObject({ openPackages: z.int().min(0), releases: z.int().min(0) }),
  }),
  /** Policy and routes in force from here on, recorded when they differ from the last recorded ones. */
  event('gateway.configured', {
    policySet: Digest,
    /** Every file of the set, in order of name, as blobs of the vault: decisions of today are replayed from them. */
    policyFiles: z.array(StoredFile).max(limits.policyFiles).optional(),
    routes: z.strictObject({ version: Digest, text: z.string().max(20_000) }),
  }),
  /** A version of the trust root in force from here on: the RFC 8785 JSON of its file, with the administrators' signatures. */
  event('trust.changed', { version: z.int().min(1), root: Digest, file: z.string().max(limits.trustFileBytes) }),
  event('gateway.clock-stepped-back', { from: z.iso.datetime({ precision: 3 }), to: z.iso.datetime({ precision: 3 }) }),

  /** The disk's reserve was reached: from here on nothing new was taken; and there was room again. */
  event('gateway.storage-full', {}),
  event('gateway.storage-recovered', {}),

  /** A change that waits for more signatures; `authorisation` holds those that are there. */
  event('change.proposed', madeBy),
  event('change.refused', { ...changeFields['change.refuse'], ...madeBy }),

  event('person.enrolled', { ...changeFields['person.enrol'], ...madeBy }),
  event('person.changed', { ...changeFields['person.change'], ...madeBy }),
  event('person.key-added', { ...changeFields['person.key-add'], ...madeBy }),
  event('person.key-revoked', { ...changeFields['person.key-revoke'], ...madeBy }),
  event('person.off-boarded', { ...changeFields['person.off-board'], ...madeBy }),
  event('machine.registered', { ...changeFields['machine.register'], ...madeBy }),
  event('machine.changed', { ...changeFields['machine.change'], ...madeBy }),
  event('machine.key-revoked', { ...changeFields['machine.key-revoke'], ...madeBy }),
  event('machine.suspended', { ...changeFields['machine.suspend'], ...madeBy }),
  event('machine.resumed', { ...changeFields['machine.resume'], ...madeBy }),
  event('machine.retired', { ...changeFields['machine.retire'], ...madeBy }),
  event('machine.safeguarded', { ...changeFields['machine.safeguard'], ...madeBy }),
  event('policy.authorised', { ...changeFields['policy.set'], ...madeBy }),
  event('zone.set', { ...changeFields['zone.set'], ...madeBy }),
  event('zone.removed', { ...changeFields['zone.remove'], ...madeBy }),
  event('conduit.set', { ...changeFields['conduit.set'], ...madeBy }),
  event('conduit.removed', { ...changeFields['conduit.remove'], ...madeBy }),
  event('classification.lowered', { ...changeFields['classification.lower'], ...madeBy }),
  event('authorization.set', { ...changeFields['authorization.set'], ...madeBy }),
  event('authorization.ended', { ...changeFields['authorization.end'], ...madeBy }),
  event('break-glass.opened', { ...changeFields['break-glass.open'], ...madeBy }),
  event('break-glass.ended', { ...changeFields['break-glass.end'], ...madeBy }),
  /** Something was not as it must be; it stays open until quality has decided about what was made meanwhile. */
  event('nonconformance.opened', {
    nonconformanceId: NonconformanceId,
    source: z.enum(nonconformanceSources),
    /** The change that it comes from. */
    changeId: ChangeId.optional(),
    /** Who set it aside: they do not judge what came of it. */
    openedBy: z.array(PersonId).max(limits.signaturesPerChange),
    releaseId: ReleaseId,
    machineId: MachineId,
    reason: Text,
  }),
  event('nonconformance.closed', { ...changeFields['nonconformance.close'], ...madeBy }),

  event('deposit.received', {
    depositId: DepositId,
    door,
    name: ShortText,
    files: z.array(StoredFile).max(limits.filesPerPackage + 1),
    /** Who sent it, where the door knows: not who wrote it, which the sidecar says. */
    depositor: PersonId.optional(),
  }),
  event('deposit.inspected', {
    depositId: DepositId,
    facts: z.array(ProgramFacts).max(limits.filesPerPackage),
    findings: z.array(Finding).max(limits.findingsKept),
    /** Findings beyond the list above. */
    more: z.int().min(0),
    /** What was found and may stand, with the ledger index of the `finding.waived` that says so. */
    waived: z
      .array(z.strictObject({ finding: Finding, entry: z.int().min(0) }))
      .max(limits.waiversPerPackage)
      .optional(),
  }),
  /** Somebody signed that a finding may stand in exactly these bytes: the deposit is looked at again. */
  event('finding.waived', {
    depositId: DepositId,
    file: FileName,
    digest: Digest,
    rule: RuleName,
    line: z.int().min(1).optional(),
    person: PersonId,
    role: PersonRole,
    reason: Text,
    envelope: Envelope,
    decision: Decision,
  }),
  event('deposit.admitted', { depositId: DepositId, packageId: PackageId }),
  event('deposit.rejected', {
    depositId: DepositId,
    door,
    name: ShortText,
    reasons: z.array(Reason).min(1).max(limits.reasonsPerRejection),
  }),

  event('package.submitted', {
    packageId: PackageId,
    depositId: DepositId,
    manifest: Manifest,
    manifestDigest: Digest,
    /** Roles for which inspection holds findings: somebody of each must approve, and thereby acknowledges them. */
    holds: z.array(PersonRole).max(PersonRole.options.length).optional(),
    /** Where it changes the program of a release in force: what that may mean for the first article. */
    firstArticle: FirstArticleDraft.optional(),
    decision: Decision,
  }),
  /** Its author deposited other files for the same job before it was released; approvals do not pass over. */
  event('package.replaced', { packageId: PackageId, by: PackageId, reason: Text, approvalsVoided: z.int().min(0) }),
  event('approval.given', {
    packageId: PackageId,
    person: PersonId,
    role: PersonRole,
    manifestDigest: Digest,
    routeVersion: Digest,
    firstArticle: FirstArticleDecision.optional(),
    envelope: Envelope,
    decision: Decision,
  }),
  /** What quality decided about the first article, in the approval of this envelope; beside it what the draft proposed. */
  event('first-article.decided', {
    packageId: PackageId,
    person: PersonId,
    ...FirstArticleDecision.shape,
    proposal: FirstArticleProposal.optional(),
    verdict: z.enum(firstArticleVerdicts),
    approval: Digest,
  }),
  event('approval.refused', {
    packageId: PackageId,
    person: PersonId,
    role: PersonRole,
    reason: Text,
    envelope: Envelope,
    decision: Decision,
  }),
  /** An approval that was offered and does not count; nothing about the package changes. */
  event('approval.rejected', { packageId: PackageId, person: PersonId, code: z.enum(errorCodes), message: Text }),

  event('release.issued', {
    releaseId: ReleaseId,
    packageId: PackageId,
    manifestDigest: Digest,
    envelope: Envelope,
    /** Detached CMS for each file of the manifest, in its order, as blobs of the vault. */
    signatures: z
      .array(z.strictObject({ name: FileName, digest: Digest, size: z.int().min(1) }))
      .max(limits.filesPerPackage),
    decision: Decision,
  }),
  event('release.superseded', { releaseId: ReleaseId, by: ReleaseId }),
  event('release.withdrawn', { releaseId: ReleaseId, reason: Text, decision: Decision }),
  event('package.withdrawn', { packageId: PackageId, reason: Text, decision: Decision }),

  /** Somebody has a program sent to a machine that does not come for it; the delivery that follows names this. */
  event('sending.requested', sendingRequestedFields),
  /** From here on its name may appear at the far side: whoever finds neither it nor its temporary name does not know. */
  event('sending.placing', sendingPlacingFields),
  /** The end of what was queued: delivered by this delivery, or not, and why. */
  event('sending.ended', sendingEndedFields),
  /** What a sending that was given up may have left beside its name is there no more. */
  event('sending.cleared', sendingClearedFields),
  event('delivery.started', deliveryStartedFields),
  /** Every byte from the first to the last was read by the machine. */
  event('delivery.completed', deliveryCompletedFields),
  event('delivery.failed', { deliveryId: DeliveryId, bytes: z.int().min(0), reason: Text }),
  /** A machine began to send a file back; it ends as received, durable and named by its digest, or as failed. */
  event('retrieval.started', { ...retrievalFields, channel: DoorChannel, name: FileName, decision: Decision }),
  event('retrieval.received', { ...retrievalFields, name: FileName, digest: Digest, size: z.int().min(1) }),
  event('retrieval.failed', { ...retrievalFields, bytes: z.int().min(0), reason: Text }),
  event('readback.verdict', readbackFields),
  event('readback.compared', comparisonFields),
  /** From here on this release does not go to this machine, until what it sent back is resolved. */
  event('release.held', { releaseId: ReleaseId, ...retrievalFields, reason: Text }),
  event('deposit.proposed', proposalFields),
  event('readback.resolved', {
    ...retrievalFields,
    releaseId: ReleaseId,
    disposition: Disposition,
    reason: Text,
    decision: Decision,
  }),

  /** A stick with released programs for one machine; what was on it when it came back. */
  event('media.issued', mediaIssuedFields),
  event('media.returned', mediaReturnedFields),
  ...stopEventForms,
  /** Every machine that may hold it, until each is cleared. */
  event('release.recalled', {
    releaseId: ReleaseId,
    reason: Text,
    holders: z.array(Holder).max(limits.holdersPerRecall),
    decision: Decision,
  }),
  event('residue.cleared', { ...residueFields, proof: ResidueProof, decision: Decision.optional() }),

  /** `superseded`: the release was no longer in force when the run began; it is recorded, as it is what happened. */
  event('run.recorded', { runId: RunId, ...RunReport.shape, superseded: z.boolean(), decision: Decision }),
  /** A pack of evidence was made: the question, what it rests on, and how much of it was shown. */
  event('evidence.exported', {
    question: EvidenceQuestion,
    redacted: z.boolean(),
    treeSize: z.int().min(1),
    /** SHA-256 of the pack's SHA256SUMS, which names every file of it. */
    sums: Digest,
    disclosed: z.int().min(0),
    withheld: z.int().min(0),
    artefacts: z.int().min(0),
    decision: Decision,
  }),
  ...accountEventForms,

  /** What policy or the lack of any such thing refused; `asked` is in the words of the asker and need not exist. */
  event('access.refused', {
    action: Action,
    channel: ShortText,
    asked: z.array(ShortText).max(limits.askedKept),
    /** 0 for the first; otherwise how many more there were until the minute was over. */
    repeats: z.int().min(0),
    decision: Decision.optional(),
  }),
  /** `digest`: of the RFC 8785 JSON of the ids or names that were shown, in order. */
  event('access.listed', {
    what: ShortText,
    channel: ShortText,
    shown: z.int().min(0),
    digest: Digest,
    repeats: z.int().min(0),
  }),
  event('delivery.refused', {
    machineId: MachineId,
    releaseId: ReleaseId,
    file: ShortText,
    code: z.enum(errorCodes),
    message: Text,
    /** Refusals of the same in the minute after the first. */
    repeats: z.int().min(1).optional(),
    decision: Decision.optional(),
  }),
]);
export type Event = z.infer<typeof Event>;
export type EventType = Event['type'];
export const eventTypeNames: readonly EventType[] = Event.options.map((option) => option.shape.type.value);
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
export type EventData<T extends EventType> = EventOf<T>['data'];

/** Builds an event; types are checked here and the schema again before the ledger hashes it. */
export function makeEvent<T extends EventType>(type: T, actor: Principal, data: EventData<T>): EventOf<T> {
  return { v: 1, type, actor, data } as EventOf<T>;
}

/** An event in its place: what the catalogue folds. `time` is RFC 3339 UTC with milliseconds. */
export type Sequenced<E extends Event = Event> = { index: number; time: string; event: E };
