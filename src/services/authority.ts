import type { Standing } from '../catalog/standing.ts';
import type { Action, Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import type { Clock } from '../platform/clock.ts';
import type { Policy } from '../policy/decide.ts';
import type { ContextFacts, ResourceFacts } from '../policy/facts.ts';
import { type Asker, principalFacts } from './principals.ts';

/** The one place that asks policy. Everything shown, sent or changed passes here first. */
export class Authority {
  readonly #policy: Policy;
  readonly #standing: Standing;
  readonly #clock: Clock;

  constructor(policy: Policy, standing: Standing, clock: Clock) {
    this.#policy = policy;
    this.#standing = standing;
    this.#clock = clock;
  }

  decide(action: Action, asker: Asker, resource: ResourceFacts): Decision {
    const who = principalFacts(this.#standing, asker.principal, this.#clock());
    const decision = this.#policy.decide(action, who, resource, asker.context);
    if (asker.limitedTo === undefined || asker.limitedTo.includes(action)) return decision;
    // A service key narrows what its person may do and never widens it.
    const reasons = [`This service key is only for: ${asker.limitedTo.join(', ')}.`];
    return { ...decision, verdict: 'deny', policies: [], reasons };
  }

  /** The permit, to be recorded with the act that it allows. Throws `policy-denied` with the rule's own sentence. */
  require(action: Action, asker: Asker, resource: ResourceFacts): Decision {
    const decision = this.decide(action, asker, resource);
    if (decision.verdict === 'deny') throw new DomainError('policy-denied', decision.reasons.join(' '));
    return decision;
  }
}

export const packageFacts = (id: string, manifest: Manifest): ResourceFacts => ({
  kind: 'package',
  id,
  machineGroup: manifest.machineGroup,
  author: manifest.author,
  classification: manifest.classification,
});

export const asPerson = (id: string, context: ContextFacts): Asker => ({
  principal: { kind: 'person', id } as Principal,
  context,
});
