import type { Standing } from '../catalog/standing.ts';
import type { ProposalStanding } from '../catalog/standing-kinds.ts';
import { changeKind } from '../domain/change-kinds.ts';
import type { Change, ChangeKind, ChangeStatement } from '../domain/changes.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, makeEvent } from '../domain/events.ts';
import { type ChangeId, nonconformanceOf, type PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { PersonRole } from '../domain/people.ts';
import type { Envelope } from '../domain/statements.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import { type ChangeTrust, officeAt, type VerifiedChange, verifyChange } from '../signing/change.ts';
import type { Authority } from './authority.ts';
import { exceptionRules } from './changes/exceptions.ts';
import { machineRules } from './changes/machines.ts';
import { peopleRules } from './changes/people.ts';
import { ruleSetRules } from './changes/rule-sets.ts';
import type { ChangeContext, ChangeRules, SignedContext } from './changes/rules.ts';
import { zoneRules } from './changes/zones.ts';
import { requireNotSuspended } from './office.ts';
import { requireFreshCounters } from './passkey-counters.ts';
import type { Asker } from './principals.ts';

type ChangeParts = { ledger: Ledger; standing: Standing; authority: Authority; trust: ChangeTrust; clock: Clock };

const rules: ChangeRules<ChangeKind> = {
  ...peopleRules,
  ...machineRules,
  ...zoneRules,
  ...ruleSetRules,
  ...exceptionRules,
  'legal-hold.release': ({ holdId }, { standing }) => {
    if (!standing.stops.legalHolds.has(holdId)) throw new DomainError('not-found', `There is no legal hold ${holdId}.`);
  },
  'change.refuse': ({ refused }, { standing }) => {
    if (!standing.proposal(refused)) throw new DomainError('not-found', `No change ${refused} is waiting.`);
  },
};

/** `awaits`: the role that one of those who sign must hold and none does so far. */
type Waits = { signers: readonly PersonId[]; needed: number; awaits?: PersonRole };
type Outcome = { changeId: ChangeId } & ({ state: 'made' } | ({ state: 'waiting' } & Waits));
export type ChangeOutcome = Outcome & { index: number };
/** A change that waits, with the very bytes that the next person signs too. */
export type WaitingChange = {
  said: ChangeStatement['predicate'];
  payload: string;
  index: number;
  time: string;
} & Waits;

/**
 * Changes of people, machines and rules. Who hands one in does not matter, its signatures do: with enough of them it is
 * made at once; with fewer it waits, until somebody else signs the same bytes, refuses it, or its time is over.
 */
export class ChangeService {
  readonly #parts: ChangeParts;

  constructor(parts: ChangeParts) {
    this.#parts = parts;
  }

  /** Makes the change, or lets it wait. Throws the rule that the signatures or the change itself break. */
  async submit(asker: Asker, envelope: Envelope): Promise<ChangeOutcome> {
    const { ledger } = this.#parts;
    const { receipt, result } = await ledger.commit<Outcome>(({ time }) => {
      const context = this.#context(Date.parse(time));
      const joined = this.#joined(envelope);
      const verified = this.#verify(joined.envelope, context);
      requireFreshCounters(joined.added, context.standing);
      const { change, changeId } = verified.said;
      if (context.standing.isUsed(changeId))
        throw new DomainError('change-used', `The change ${changeId} was made or refused already.`);
      const { signers } = verified;
      (rules[change.kind] as (change: Change, context: SignedContext) => void)(change, { ...context, signers });
      if (verified.complete) return this.#make(asker, verified);
      return this.#propose(asker, verified, context);
    });
    return { ...result, index: receipt.index };
  }

  /** One that waits and is good still; whoever shows it asks who may see it. */
  proposed(changeId: ChangeId): WaitingChange | undefined {
    const found = this.#parts.standing.proposal(changeId);
    return found && this.#waitingOf(found, this.#context(this.#parts.clock()));
  }

  /** What waits, the oldest first. Throws `policy-denied`. */
  waiting(asker: Asker): WaitingChange[] {
    const { authority, standing, clock } = this.#parts;
    authority.require('administer', asker, { kind: 'registry' });
    const context = this.#context(clock());
    return [...standing.proposals()].flatMap((proposal) => this.#waitingOf(proposal, context) ?? []);
  }

  #waitingOf({ authorisation, index, time }: ProposalStanding, context: ChangeContext): WaitingChange | undefined {
    const verified = this.#stillGood(authorisation, context);
    if (!verified) return undefined;
    return { said: verified.said, payload: authorisation.payload, ...waits(verified), index, time };
  }

  #context(timeMs: number): ChangeContext {
    const { standing, trust } = this.#parts;
    return { standing, trust, timeMs };
  }

  #verify(joined: Envelope, { standing, trust, timeMs }: ChangeContext): VerifiedChange & { envelope: Envelope } {
    const verified = verifyChange(joined, officeAt(trust, standing.register, timeMs), timeMs);
    for (const { keyid } of joined.signatures) {
      const holder = standing.register.holder(keyid);
      if (holder) requireNotSuspended(standing, holder.person);
    }
    return { ...verified, envelope: joined };
  }

  /** The new signatures with those of whoever signed the same bytes before. */
  #joined(envelope: Envelope): { envelope: Envelope; added: Pick<Envelope, 'signatures'> } {
    const before = [...this.#parts.standing.proposals()].find(
      ({ authorisation }) => authorisation.payload === envelope.payload,
    )?.authorisation;
    if (!before) return { envelope, added: envelope };
    const added = envelope.signatures.filter(({ keyid }) => !before.signatures.some((own) => own.keyid === keyid));
    if (added.length === 0) throw new DomainError('already-counted', 'You have signed this change already.');
    const signatures = [...before.signatures, ...added].slice(0, limits.signaturesPerChange);
    return { envelope: { ...envelope, signatures }, added: { signatures: added } };
  }

  #make(asker: Asker, { said, signers, envelope }: VerifiedChange & { envelope: Envelope }) {
    const { changeId, reason, change } = said;
    const { kind: _, ...fields } = change;
    const data = { ...fields, changeId, reason, authorisation: envelope };
    const event = { v: 1, type: changeKind(change).event, actor: asker.principal, data } as Event;
    return { events: [event, ...consequences(said, signers)], result: { state: 'made' as const, changeId } };
  }

  #propose(asker: Asker, verified: VerifiedChange & { envelope: Envelope }, context: ChangeContext) {
    const { said, envelope } = verified;
    const { changeId, reason } = said;
    const waiting = [...context.standing.proposals()].filter((other) => this.#stillGood(other.authorisation, context));
    if (waiting.some((other) => other.changeId === changeId))
      throw new DomainError('change-used', `Another change has the id ${changeId}.`);
    if (waiting.length >= limits.changesWaiting)
      throw new DomainError('busy', 'Too many changes wait for a second signature; confirm or refuse some first.');
    const event = makeEvent('change.proposed', asker.principal, { changeId, reason, authorisation: envelope });
    return { events: [event], result: { state: 'waiting' as const, changeId, ...waits(verified) } };
  }

  /** A proposal whose time is over, or whose signer left, waits for nothing. */
  #stillGood(envelope: Envelope, context: ChangeContext): VerifiedChange | undefined {
    try {
      return this.#verify(envelope, context);
    } catch (error) {
      if (error instanceof DomainError) return undefined;
      throw error;
    }
  }
}

const waits = ({ said, signers, awaits }: VerifiedChange): Waits => ({
  ...{ signers, needed: changeKind(said.change).signatures },
  ...(awaits === undefined ? {} : { awaits }),
});

/** What a change brings with it in the same batch: what two people set aside is for quality to look at afterwards. */
function consequences(
  { change, changeId, reason }: ChangeStatement['predicate'],
  signers: readonly PersonId[],
): Event[] {
  if (change.kind !== 'break-glass.open') return [];
  const { releaseId, machineId } = change;
  const about = { source: 'break-glass' as const, changeId, openedBy: [...signers], releaseId, machineId, reason };
  const data = { nonconformanceId: nonconformanceOf(changeId), ...about };
  return [makeEvent('nonconformance.opened', { kind: 'gateway' }, data)];
}
