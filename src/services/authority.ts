import type { Standing } from '../catalog/standing.ts';
import type { Action, Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { isCurrent } from '../domain/expiry.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import type { Clock } from '../platform/clock.ts';
import type { Policy } from '../policy/decide.ts';
import type { ContextFacts, Facts, ResourceFacts } from '../policy/facts.ts';
import { type Asker, principalFacts } from './principals.ts';

/** What is asked about. */
export type Resource = { kind: 'package'; id: string; manifest: Manifest } | { kind: 'registry' } | { kind: 'ledger' };

/** The one place that asks policy. Everything shown, sent or changed passes here first. */
export class Authority {
  readonly #policy: Policy;
  readonly #standing: Standing;
  readonly #clock: Clock;
  readonly #resources = new WeakMap<Manifest, ResourceFacts>();

  constructor(policy: Policy, standing: Standing, clock: Clock) {
    this.#policy = policy;
    this.#standing = standing;
    this.#clock = clock;
  }

  decide(action: Action, asker: Asker, resource: Resource): Decision {
    const timeMs = this.#clock();
    return this.#policy.decide({
      action,
      principal: principalFacts(this.#standing, asker.principal, timeMs),
      resource: this.#resource(resource, timeMs),
      context: contextFacts(asker.context),
    });
  }

  /** The permit, to be recorded with the act that it allows. Throws `policy-denied` with the rule's own sentence. */
  require(action: Action, asker: Asker, resource: Resource): Decision {
    const decision = this.decide(action, asker, resource);
    if (decision.verdict === 'deny') throw new DomainError('policy-denied', decision.reasons.join(' '));
    return decision;
  }

  /** The same object for the same facts, so that a shelf is decided by its classes (policy/decide.ts). */
  #resource(resource: Resource, timeMs: number): ResourceFacts {
    if (resource.kind !== 'package') return resource;
    const { id, manifest } = resource;
    const state = this.#standing.stateOfPackage(id);
    const { reviewBy } = manifest.classification;
    const reviewOverdue = reviewBy !== undefined && !isCurrent(reviewBy, timeMs);
    const known = this.#resources.get(manifest);
    if (known?.kind === 'package' && known.state === state && known.reviewOverdue === reviewOverdue) return known;
    const { machineGroup, author, classification } = manifest;
    const facts: ResourceFacts = { kind: 'package', machineGroup, author, classification, state, reviewOverdue };
    this.#resources.set(manifest, facts);
    return facts;
  }
}

const contexts = new WeakMap<ContextFacts, Facts['context']>();

function contextFacts(said: ContextFacts): Facts['context'] {
  const known = contexts.get(said);
  if (known) return known;
  const facts = { ...said, zonePath: 'no-zones' as const };
  contexts.set(said, facts);
  return facts;
}

export const packageFacts = (id: string, manifest: Manifest): Resource => ({ kind: 'package', id, manifest });

export const asPerson = (id: string, context: ContextFacts): Asker => ({
  principal: { kind: 'person', id } as Principal,
  context,
});
