import type { AuthorizationStanding, BreakGlassStanding } from '../catalog/exception-register.ts';
import type { Standing } from '../catalog/standing.ts';
import { authorizedBy, type Recipient } from '../domain/authorizations.ts';
import type { Classification } from '../domain/classification.ts';
import type { Action, Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import { isCurrent, type Principal, principalName } from '../domain/people.ts';
import type { ZonePath } from '../domain/zone-paths.ts';
import { zonePath } from '../domain/zones.ts';
import type { Clock } from '../platform/clock.ts';
import type { Policy } from '../policy/decide.ts';
import type { ContextFacts, Facts, PrincipalFacts, RelationFacts, ResourceFacts } from '../policy/facts.ts';
import type { AccessRecord } from './access-record.ts';
import { type Asker, principalFacts } from './principals.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What is asked about. */
export type Resource =
  | { kind: 'package'; id: string; manifest: Manifest }
  | { kind: 'stray'; classification: Classification }
  | { kind: 'registry' }
  | { kind: 'ledger' };

/** What lets something be that would not be otherwise. */
export type Exceptions = { authorizations: AuthorizationStanding[]; breakGlass: BreakGlassStanding | undefined };

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
    const principal = this.#principal(asker.principal, timeMs);
    return this.#policy.decide({
      action,
      principal,
      resource: this.#resource(resource, timeMs),
      context: contextFacts(asker, action, this.#relation(action, asker, principal, resource, timeMs)),
    });
  }

  /** Grows with everything that may change an answer: an event, a day that passes, a break-glass that opens or closes. */
  get moment(): string {
    const timeMs = this.#clock();
    const open = this.#standing.exceptions.breakGlass(timeMs).length;
    return `${this.#standing.changes} ${Math.floor(timeMs / dayMs)} ${open}`;
  }

  /** The exceptions that an answer about this rests on now. */
  exceptions(asker: Asker, resource: Resource): Exceptions {
    const timeMs = this.#clock();
    const principal = this.#principal(asker.principal, timeMs);
    const { authorizations } = this.#standing.exceptions;
    return {
      authorizations: this.#authorizedBy(asker, principal, resource, timeMs).flatMap(
        (id) => authorizations.get(id) ?? [],
      ),
      breakGlass: this.#setAside(principal, resource, timeMs),
    };
  }

  /** What was set aside for this machine at this moment, whichever release it is about. */
  breakGlass(machine: MachineId): BreakGlassStanding[] {
    return this.#standing.exceptions.breakGlassOf(machine, this.#clock());
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

  #relation(
    action: Action,
    asker: Asker,
    principal: PrincipalFacts,
    resource: Resource,
    timeMs: number,
  ): RelationFacts {
    const zonePath = this.#zonePath(action, asker, resource);
    const authorizedBy = this.#authorizedBy(asker, principal, resource, timeMs);
    const overrides = this.#setAside(principal, resource, timeMs)?.overrides;
    return {
      zonePath,
      ...(authorizedBy.length > 0 ? { authorizedBy } : {}),
      ...(overrides ? { overrides } : {}),
      ...(action === 'deliver' && this.#isHeld(principal, resource) ? { onHold: true } : {}),
    };
  }

  #isHeld(principal: PrincipalFacts, resource: Resource): boolean {
    return (
      principal.kind === 'machine' && resource.kind === 'package' && this.#standing.isHeld(principal.id, resource.id)
    );
  }

  /** Of the authorisations that the label names: those in force that cover whoever would have it, where they are. */
  #authorizedBy({ context }: Asker, principal: PrincipalFacts, resource: Resource, timeMs: number): string[] {
    if (resource.kind !== 'package') return none;
    const { classification } = resource.manifest;
    const to = classification.authorizations === undefined ? undefined : recipientOf(principal, context);
    if (to === undefined) return none;
    const named = (classification.authorizations ?? []).flatMap(
      (id) => this.#standing.exceptions.authorizations.get(id)?.authorization ?? [],
    );
    const current = named.filter(({ expires }) => isCurrent(expires, timeMs));
    return authorizedBy(current, to, classification).map(({ id }) => id);
  }

  #setAside(principal: PrincipalFacts, resource: Resource, timeMs: number): BreakGlassStanding | undefined {
    if (principal.kind !== 'machine' || resource.kind !== 'package') return undefined;
    return this.#standing.exceptions
      .breakGlassOf(principal.id, timeMs)
      .find(({ releaseId }) => this.#standing.release(releaseId)?.packageId === resource.id);
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

const none: never[] = [];

/** Somebody or something that an authorisation may be about; undefined for whoever is no foreign party anywhere. */
function recipientOf(principal: PrincipalFacts, context: ContextFacts): Recipient | undefined {
  if (principal.kind === 'machine')
    return { party: principal.owner, country: principal.country, nationalities: undefined };
  if (principal.kind !== 'person') return undefined;
  const nationalities = principal.usPerson ? undefined : (principal.nationalities ?? []);
  return { party: principal.employer, country: context.country, nationalities };
}

type Contexts = Map<string, Facts['context']>;
const contexts = new WeakMap<ContextFacts, Contexts>();

/** The same object for the same context and relation. */
function contextFacts({ context, limitedTo }: Asker, action: Action, relation: RelationFacts): Facts['context'] {
  // A service key narrows what its person may do and never widens it: of all the keys it alone is a fact.
  if (limitedTo) return { ...context, ...relation, keyAllows: limitedTo.includes(action) };
  const known: Contexts = contexts.get(context) ?? new Map();
  contexts.set(context, known);
  const { zonePath, authorizedBy: by = none, overrides = none, onHold = false } = relation;
  const isPlain = by.length + overrides.length === 0 && !onHold;
  const key = isPlain ? zonePath : `${zonePath} ${by.join()} ${overrides.join()} ${onHold}`;
  const before = known.get(key);
  if (before) return before;
  const facts = { ...context, ...relation };
  known.set(key, facts);
  return facts;
}

export const packageFacts = (id: string, manifest: Manifest): Resource => ({ kind: 'package', id, manifest });

export const asPerson = (id: string, context: ContextFacts): Asker => ({
  principal: { kind: 'person', id } as Principal,
  context,
});
