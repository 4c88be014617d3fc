import type { Standing } from '../catalog/standing.ts';
import type { Classification } from '../domain/classification.ts';
import type { Action, Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { Manifest } from '../domain/manifest.ts';
import { isCurrent, type Principal, principalName } from '../domain/people.ts';
import type { ZonePath } from '../domain/zone-paths.ts';
import { zonePath } from '../domain/zones.ts';
import type { Clock } from '../platform/clock.ts';
import type { Policy } from '../policy/decide.ts';
import type { ContextFacts, Facts, PrincipalFacts, ResourceFacts } from '../policy/facts.ts';
import type { AccessRecord } from './access-record.ts';
import { type Asker, principalFacts } from './principals.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What is asked about. */
export type Resource =
  | { kind: 'package'; id: string; manifest: Manifest }
  | { kind: 'stray'; classification: Classification }
  | { kind: 'registry' }
  | { kind: 'ledger' };

/** `policy-denied`, with the decision that says by which rules. */
export class PolicyDenied extends DomainError {
  readonly decision: Decision;

  constructor(decision: Decision) {
    super('policy-denied', decision.reasons.join(' '));
    this.decision = decision;
  }
}

/** The one place that asks policy. Everything shown, sent or changed passes here first. */
export class Authority {
  readonly #policy: Policy;
  readonly #standing: Standing;
  readonly #clock: Clock;
  readonly #record: Pick<AccessRecord, 'refused'>;
  #askers: { changes: number; day: number; facts: Map<string, PrincipalFacts> } = {
    changes: -1,
    day: -1,
    facts: new Map(),
  };
  readonly #resources = new WeakMap<Manifest, ResourceFacts>();

  constructor(policy: Policy, standing: Standing, clock: Clock, record: Pick<AccessRecord, 'refused'>) {
    this.#record = record;
    this.#policy = policy;
    this.#standing = standing;
    this.#clock = clock;
  }

  decide(action: Action, asker: Asker, resource: Resource): Decision {
    const timeMs = this.#clock();
    return this.#policy.decide({
      action,
      principal: this.#principal(asker.principal, timeMs),
      resource: this.#resource(resource, timeMs),
      context: this.#context(action, asker, resource),
    });
  }

  /**
   * The permit, to be recorded with the act that it allows. Throws `PolicyDenied` with the rule's own sentence, which is
   * on record by then; that of a delivery is recorded by the delivery.
   */
  require(action: Action, asker: Asker, resource: Resource): Decision {
    const decision = this.decide(action, asker, resource);
    if (decision.verdict === 'permit') return decision;
    if (action !== 'deliver')
      this.#record.refused(asker, action, [resource.kind === 'package' ? resource.id : resource.kind], decision);
    throw new PolicyDenied(decision);
  }

  /** The same object until something changed or a day passed: statuses end with a day (domain/people.ts). */
  #principal(principal: Principal, timeMs: number): PrincipalFacts {
    const { changes } = this.#standing;
    const day = Math.floor(timeMs / dayMs);
    if (this.#askers.changes !== changes || this.#askers.day !== day) this.#askers = { changes, day, facts: new Map() };
    const name = `${principal.kind} ${principalName(principal)}`;
    const known = this.#askers.facts.get(name);
    if (known) return known;
    const facts = principalFacts(this.#standing, principal, timeMs);
    this.#askers.facts.set(name, facts);
    return facts;
  }

  #context(action: Action, asker: Asker, resource: Resource): Facts['context'] {
    const path = this.#zonePath(action, asker, resource);
    const { principal } = asker;
    const isHeld =
      action === 'deliver' &&
      principal.kind === 'machine' &&
      resource.kind === 'package' &&
      this.#standing.isHeld(principal.id, resource.id);
    const facts = contextFacts(asker, action, path);
    return isHeld ? { ...facts, onHold: true } : facts;
  }

  /** People are not reached through conduits: what they are shown stays in front of them. */
  #zonePath(action: Action, { principal, context }: Asker, resource: Resource): ZonePath {
    const { zones } = this.#standing;
    const label =
      resource.kind === 'package'
        ? resource.manifest.classification
        : resource.kind === 'stray'
          ? resource.classification
          : undefined;
    if (principal.kind !== 'machine' || label === undefined) return 'no-zones';
    const zone = this.#standing.machine(principal.id)?.machine.zone;
    return zonePath(zones, zone, context.channel, label, action === 'retrieve' ? 'from' : 'to');
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

type Contexts = Map<ZonePath, Facts['context']>;
const contexts = new WeakMap<ContextFacts, Contexts>();

/** The same object for the same context and path. */
function contextFacts({ context, limitedTo }: Asker, action: Action, path: ZonePath): Facts['context'] {
  // A service key narrows what its person may do and never widens it: of all the keys it alone is a fact.
  if (limitedTo) return { ...context, zonePath: path, keyAllows: limitedTo.includes(action) };
  const byPath: Contexts = contexts.get(context) ?? new Map();
  contexts.set(context, byPath);
  const known = byPath.get(path);
  if (known) return known;
  const facts = { ...context, zonePath: path };
  byPath.set(path, facts);
  return facts;
}

export const packageFacts = (id: string, manifest: Manifest): Resource => ({ kind: 'package', id, manifest });

export const asPerson = (id: string, context: ContextFacts): Asker => ({
  principal: { kind: 'person', id } as Principal,
  context,
});
