import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { Sequenced } from '../domain/events.ts';
import { principalName } from '../domain/people.ts';
import { Policy } from './decide.ts';
import type { PolicyFile } from './policy-files.ts';
import { decisionOf, replay } from './replay.ts';

/** A decision of the past that would be another one. */
export type OtherDecision = { index: number; time: string; who: string; recorded: Decision; now: Decision };
export type AskedAgain = {
  asked: number;
  differences: OtherDecision[];
  notAsked: { index: number; why: string }[];
  /** The first entry that was not looked at any more, where there were more decisions than `most`. */
  stoppedAt?: { index: number; time: string };
};

/** The set in which `file` takes the place of the one of its name, or is added. Throws `config-invalid`. */
export const withFile = (inForce: readonly PolicyFile[], file: PolicyFile): Policy =>
  Policy.of([...inForce.filter(({ name }) => name !== file.name), file], file.name);

/** Asks the decisions of these entries again under `changed`, in their order, `most` of them. */
export function askAgain(entries: Iterable<Sequenced>, changed: Policy, most = Number.POSITIVE_INFINITY): AskedAgain {
  const again: AskedAgain = { asked: 0, differences: [], notAsked: [] };
  for (const { index, time, event } of entries) {
    const recorded = decisionOf(event);
    if (!recorded) continue;
    if (again.asked + again.notAsked.length >= most) return { ...again, stoppedAt: { index, time } };
    try {
      const now = replay(changed, recorded);
      again.asked++;
      if (now.verdict !== recorded.verdict)
        again.differences.push({ index, time, who: principalName(event.actor), recorded, now });
    } catch (error) {
      // One entry that cannot be asked again must not hide the others.
      if (!(error instanceof DomainError)) throw error;
      again.notAsked.push({ index, why: error.message });
    }
  }
  return again;
}
