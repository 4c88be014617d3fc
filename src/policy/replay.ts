import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { Event } from '../domain/events.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import type { Policy } from './decide.ts';
import type { Facts } from './facts.ts';

/** The decision that an event carries: of the act that it allowed, or of the refusal. */
export const decisionOf = ({ data }: Event): Decision | undefined => ('decision' in data ? data.decision : undefined);

/** The facts that a decision rested on. Throws `not-supported` where they were not kept, `not-verified` where they are others. */
export function factsOf({ asked, facts }: Decision): Facts {
  if (asked === undefined) throw new DomainError('not-supported', 'This decision was recorded without its facts.');
  if (digestOf(asked) !== facts)
    throw new DomainError('not-verified', 'The recorded facts are not those that were decided on.');
  return JSON.parse(asked) as Facts;
}

/** The recorded question, asked again under `policy`. */
export const replay = (policy: Policy, recorded: Decision): Decision => policy.decide(factsOf(recorded));

/** Whether both say the same for the same reasons; sets may differ. */
export const sameAnswer = (one: Decision, other: Decision): boolean =>
  canonicalJson([one.verdict, one.policies]).equals(canonicalJson([other.verdict, other.policies]));
