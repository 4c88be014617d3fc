import type { Event, EventData } from '../domain/events.ts';
import { principalName } from '../domain/people.ts';
import type { SshRevocation } from '../domain/ssh-keys.ts';
import { ApprovalStatement } from '../domain/statements.ts';

/** What an entry says, as a sentence for a quality engineer. */
export function describe(event: Event): string {
  switch (event.type) {
    case 'deposit.received':
      return `Deposit ${event.data.depositId} "${event.data.name}" came in by ${event.data.door}: ${event.data.files.length} files.`;
    case 'deposit.inspected':
      return `Inspected: ${event.data.findings.length + event.data.more} findings, ${event.data.waived?.length ?? 0} waived.`;
    case 'finding.waived':
      return `${event.data.person} waived ${event.data.rule} in ${event.data.file}${event.data.line === undefined ? '' : ` line ${event.data.line}`} as ${event.data.role}: "${event.data.reason}"`;
    case 'first-article.decided':
      return firstArticleText(event.data);
    case 'deposit.admitted':
      return `Admitted as package ${event.data.packageId}.`;
    case 'deposit.rejected':
      return `Rejected: ${event.data.reasons.map(({ message }) => message).join(' ')}`;
    case 'package.submitted': {
      const { part, revision, operation } = event.data.manifest;
      return `Package ${event.data.packageId} submitted: ${part} revision ${revision} operation ${operation}.`;
    }
    case 'package.withdrawn':
      return `Package ${event.data.packageId} withdrawn: ${event.data.reason}`;
    case 'approval.given':
      return `${event.data.person} approved as ${event.data.role}: "${meaningOf(event.data.envelope.payload)}"`;
    case 'approval.refused':
      return `${event.data.person} refused as ${event.data.role}: ${event.data.reason}`;
    case 'approval.rejected':
      return `An approval of ${event.data.person} did not count: ${event.data.message}`;
    case 'release.issued':
      return `Released as ${event.data.releaseId}, signed by the release key.`;
    case 'release.superseded':
      return `Release ${event.data.releaseId} was superseded by ${event.data.by}.`;
    case 'release.withdrawn':
      return `Release ${event.data.releaseId} was withdrawn: ${event.data.reason}`;
    case 'sending.requested':
      return `${principalName(event.actor)} had ${event.data.file} sent to ${event.data.machineId}.`;
    case 'delivery.started':
      return `${event.data.file} (${event.data.size} bytes) began to go to ${event.data.machineId} over ${event.data.channel}${event.data.breakGlass ? `, under break-glass ${event.data.breakGlass}` : ''}.`;
    case 'delivery.completed':
      return `Delivery ${event.data.deliveryId} was read whole: ${event.data.bytes} bytes.`;
    case 'delivery.failed':
      return `Delivery ${event.data.deliveryId} failed after ${event.data.bytes} bytes: ${event.data.reason}`;
    case 'delivery.refused':
      return `${event.data.file} was refused to ${event.data.machineId}: ${event.data.message}`;
    case 'retrieval.started':
      return `${event.data.machineId} began to send back ${event.data.name} over ${event.data.channel}.`;
    case 'retrieval.received':
      return `${event.data.name} came back from ${event.data.machineId}: ${event.data.size} bytes, ${event.data.digest}.`;
    case 'retrieval.failed':
      return `${event.data.retrievalId} from ${event.data.machineId} did not come back whole: ${event.data.reason}`;
    case 'readback.verdict':
      return `${event.data.retrievalId} from ${event.data.machineId} is ${event.data.verdict} beside ${event.data.matched?.file ?? 'what was delivered'}.`;
    case 'readback.compared':
      return `What ${event.data.machineId} changed: ${event.data.sentences.join(' ')}`;
    case 'release.held':
      return `${event.data.releaseId} was put on hold for ${event.data.machineId}: ${event.data.reason}`;
    case 'deposit.proposed':
      return `What ${event.data.machineId} changed was kept as the proposal ${event.data.depositId}.`;
    case 'readback.resolved':
      return `${event.data.retrievalId} was resolved as ${event.data.disposition}: ${event.data.reason}`;
    case 'problem.reported':
      return `${principalName(event.actor)} reported a problem with ${event.data.releaseId} on ${event.data.machineId}: ${event.data.reason}`;
    case 'problem.resolved':
      return `The problem ${event.data.problemId} on ${event.data.machineId} was resolved: ${event.data.reason}`;
    case 'legal-hold.placed':
      return `${principalName(event.actor)} froze everything about ${event.data.releases.join(', ')}: ${event.data.reason}`;
    case 'legal-hold.released':
      return `The legal hold ${event.data.holdId} was let go: ${event.data.reason}`;
    case 'webhook.set':
      return `The program at ${event.data.url} is told of ${event.data.kinds.join(', ')} from here on.`;
    case 'webhook.removed':
      return `The webhook ${event.data.webhookId} was removed.`;
    case 'release.recalled':
      return `${event.data.releaseId} was recalled from ${event.data.holders.map(({ machineId }) => machineId).join(', ') || 'no machine'}: ${event.data.reason}`;
    case 'residue.cleared':
      return `${event.data.machineId} holds ${event.data.files.join(', ')} of ${event.data.releaseId} no more, by ${event.data.proof.kind}.`;
    case 'run.recorded':
      return `${event.data.machineId} cut ${event.data.serials.join(', ')} for work order ${event.data.workOrder}, operator ${event.data.operator}.`;
    case 'person.enrolled':
      return `${event.data.person.id} was enrolled as ${event.data.person.roles.join(', ')}.`;
    case 'person.changed':
      return `${event.data.person} became ${event.data.facts.roles.join(', ')}: ${event.data.reason}`;
    case 'person.key-added':
      return `${event.data.person} was given the key ${event.data.key.keyId}: ${event.data.reason}`;
    case 'person.key-revoked':
      return `The key ${event.data.keyId} of ${event.data.person} was revoked: ${event.data.reason}`;
    case 'person.off-boarded':
      return `${event.data.person} left: ${event.data.reason}`;
    case 'package.replaced':
      return `Package ${event.data.packageId} was replaced by ${event.data.by}: ${event.data.reason}`;
    case 'machine.registered':
      return `${event.data.machine.id} was registered in ${event.data.machine.groups.join(', ')}, ${event.data.machine.country}.`;
    case 'machine.changed':
      return `What is recorded of ${event.data.machine.id} was changed: ${event.data.reason}`;
    case 'machine.key-revoked':
      return `${revokedText(event.data.revoked)} does not let ${event.data.machineId} in any more: ${event.data.reason}`;
    case 'machine.suspended':
      return `${event.data.machineId} was suspended: ${event.data.reason}`;
    case 'machine.resumed':
      return `${event.data.machineId} was given its shelf again: ${event.data.reason}`;
    case 'machine.retired':
      return `${event.data.machineId} was taken out for good: ${event.data.reason}`;
    case 'machine.safeguarded':
      return `Until ${event.data.safeguard.expires} this protects ${event.data.machineId}: ${event.data.safeguard.protects}`;
    case 'authorization.set': {
      const { id, kind, reference, expires } = event.data.authorization;
      return `The ${kind} ${id} (${reference}) came into force until ${expires}.`;
    }
    case 'authorization.ended':
      return `The authorisation ${event.data.authorizationId} was ended: ${event.data.reason}`;
    case 'break-glass.opened':
      return `Two people set aside ${event.data.overrides.join(', ')} for ${event.data.releaseId} on ${event.data.machineId} for ${event.data.hours} hours: ${event.data.reason}`;
    case 'break-glass.ended':
      return `The break-glass ${event.data.opened} was ended: ${event.data.reason}`;
    case 'nonconformance.opened':
      return `Nonconformance ${event.data.nonconformanceId} was opened for quality: ${event.data.reason}`;
    case 'nonconformance.closed':
      return `Nonconformance ${event.data.nonconformanceId} was closed as ${event.data.disposition}: ${event.data.reason}`;
    case 'session.opened':
      return `${event.data.person} signed in by ${event.data.by}.`;
    case 'session.ended':
      return `${event.data.person} was signed out: ${event.data.reason}`;
    case 'account.locked':
      return `The account of ${event.data.person} was locked after ${event.data.failures} failed sign-ins.`;
    case 'account.suspended':
      return `The account of ${event.data.person} was suspended: ${event.data.reason}`;
    case 'account.restored':
      return `The account of ${event.data.person} was restored: ${event.data.reason}`;
    case 'api-key.made':
      return `${event.data.person} was given the API key ${event.data.apiKeyId} for ${event.data.actions.join(', ')} until ${event.data.expires}.`;
    case 'api-key.revoked':
      return `The API key ${event.data.apiKeyId} of ${event.data.person} was revoked: ${event.data.reason}`;
    case 'gateway.initialised':
      return `The ledger ${event.data.origin} began.`;
    case 'trust.changed':
      return `Version ${event.data.version} of the trust root, ${event.data.root}, came into force.`;
    case 'gateway.configured':
      return `Policy ${event.data.policySet} and approval routes ${event.data.routes.version} came into force.`;
    case 'evidence.exported':
      return `A pack of evidence was made: ${event.data.disclosed} entries shown, ${event.data.withheld} withheld.`;
    default:
      return `Recorded by ${principalName(event.actor)}.`;
  }
}

/** What quality decided, beside what was proposed. */
export function firstArticleText({
  person,
  needed,
  reason,
  proposal,
  verdict,
}: EventData<'first-article.decided'>): string {
  const draft = proposal === undefined ? 'There was no draft' : `The draft (${proposal}) was ${verdict}`;
  return `${person} decided about the first article: ${needed}. ${draft}. "${reason}"`;
}

/** The sentence that the approver put their name to. */
export function meaningOf(payload: string): string {
  try {
    const said = ApprovalStatement.safeParse(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
    return said.success ? said.data.predicate.meaning : 'not readable';
  } catch {
    return 'not readable';
  }
}

const revokedText = (revoked: SshRevocation): string =>
  revoked.kind === 'key' ? `The SSH key ${revoked.fingerprint}` : `The SSH certificate of serial ${revoked.serial}`;
