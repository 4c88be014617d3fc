import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import type { Action, Decision } from '../domain/decisions.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { type ContextFacts, type Facts, type PrincipalFacts, type ResourceFacts, toCedar } from './facts.ts';
import { type PolicyFiles, type Rule, readPolicyFiles } from './policy-files.ts';

const reasonsKept = 20;
const noRule = 'No rule allows this.';
type Answer = Pick<Decision, 'verdict' | 'policies' | 'reasons'>;

/** A whole, validated policy set. It never changes: a policy edit is a new `Policy` with another digest. */
export class Policy {
  /** Digest over the names and bytes of every policy file and the schema. */
  readonly digest: Digest;
  readonly #rules: ReadonlyMap<string, Rule>;
  /** Facts are the whole question and time is none of them, so that equal facts have equal answers. */
  readonly #decided = new Map<Digest, Decision>();

  private constructor(files: PolicyFiles) {
    this.digest = files.digest;
    this.#rules = files.rules;
    const policies = Object.fromEntries([...files.rules].map(([id, rule]) => [id, rule.text]));
    for (const parsed of [
      preparseSchema(this.digest, files.schema),
      preparsePolicySet(this.digest, { staticPolicies: policies }),
    ]) {
      if (parsed.type === 'failure')
        throw new DomainError('config-invalid', `Policy: ${parsed.errors[0]?.message ?? 'it does not parse'}.`);
    }
  }

  /** Throws `config-invalid`, one line naming the file and the problem (see `readPolicyFiles`). */
  static load(folder: string): Policy {
    return new Policy(readPolicyFiles(folder));
  }

  /**
   * Denies unless a permit says otherwise and no forbid does; a question that does not fit the schema and a rule that
   * fails while it is evaluated deny as well. `facts` is the digest of the canonical JSON of
   * `{action, principal, resource, context}`.
   */
  decide(action: Action, principal: PrincipalFacts, resource: ResourceFacts, context: ContextFacts): Decision {
    const facts: Facts = { action, principal, resource, context };
    const key = digestOf(canonicalJson(facts));
    const before = this.#decided.get(key);
    if (before) return before;
    const decision: Decision = { action, policySet: this.digest, facts: key, ...this.#evaluate(facts) };
    Object.freeze(decision.policies);
    Object.freeze(decision.reasons);
    Object.freeze(decision);
    this.#remember(key, decision);
    return decision;
  }

  #evaluate(facts: Facts): Answer {
    const answer = statefulIsAuthorized({
      ...toCedar(facts),
      preparsedSchemaName: this.digest,
      preparsedPolicySetId: this.digest,
      validateRequest: true,
    });
    // The schema has no such principal for this action and resource, so that no rule could be about it.
    if (answer.type === 'failure') return { verdict: 'deny', policies: [], reasons: [noRule] };
    const { decision, diagnostics } = answer.response;
    // Cedar skips a rule that fails. Skipping a forbid would open what it closes.
    if (diagnostics.errors.length > 0) {
      const failed = diagnostics.errors.map((error) => error.policyId).sort();
      return this.#answer(
        'deny',
        failed,
        (rule) => `The rule ${rule.id} failed: nothing is allowed until it is mended.`,
      );
    }
    if (decision === 'deny' && diagnostics.reason.length === 0)
      return { verdict: 'deny', policies: [], reasons: [noRule] };
    const verdict = decision === 'allow' ? 'permit' : 'deny';
    return this.#answer(verdict, [...diagnostics.reason].sort(), (rule) => rule.sentence);
  }

  #answer(verdict: Decision['verdict'], ids: readonly string[], sentence: (rule: Rule) => string): Answer {
    const rules = ids.flatMap((id) => this.#rules.get(id) ?? []).slice(0, reasonsKept);
    return { verdict, policies: rules.map((rule) => rule.id), reasons: rules.map(sentence) };
  }

  #remember(key: Digest, decision: Decision): void {
    if (this.#decided.size >= limits.decisionsRemembered) {
      const oldest = this.#decided.keys().next();
      if (!oldest.done) this.#decided.delete(oldest.value);
    }
    this.#decided.set(key, decision);
  }
}
