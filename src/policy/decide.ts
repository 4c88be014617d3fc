import {
  type CheckParseAnswer,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { Action, Decision } from '../domain/decisions.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { toCedar } from './cedar-request.ts';
import type { Facts } from './facts.ts';
import { type PolicyFile, type PolicyFiles, parsePolicyFiles, type Rule, readPolicyFiles } from './policy-files.ts';
import { rulesByAction } from './slices.ts';

const reasonsKept = 20;
const noRule = 'No rule allows this.';
type Answer = Pick<Decision, 'verdict' | 'policies' | 'reasons'>;

/** A whole, validated policy set. It never changes: a policy edit is a new `Policy` with another digest. */
export class Policy {
  /** Digest over the names and bytes of every policy file and the schema. */
  readonly digest: Digest;
  /** In order of name. */
  readonly files: readonly PolicyFile[];
  readonly #rules: ReadonlyMap<string, Rule>;
  /** Facts are the whole question, so that equal facts have equal answers: by asker, then by resource. */
  readonly #decided = new Map<string, Map<string, Decision>>();
  #remembered = 0;
  /** Whoever lists a shelf asks thousands of times, and its key is long. */
  #last: { asked: Facts; answers: Map<string, Decision> } | undefined;

  private constructor(files: PolicyFiles) {
    this.digest = files.digest;
    this.files = files.files;
    this.#rules = files.rules;
    requireParsed(preparseSchema(this.digest, files.schema));
    for (const [action, rules] of rulesByAction(files.schema, [...files.rules.values()])) {
      const staticPolicies = Object.fromEntries(rules.map(({ id, text }) => [id, text]));
      requireParsed(preparsePolicySet(this.#sliceFor(action), { staticPolicies }));
    }
  }

  /** Throws `config-invalid`, one line naming the file and the problem (see `readPolicyFiles`). */
  static load(folder: string): Policy {
    return new Policy(readPolicyFiles(folder));
  }

  /** As `load`, for a set that is kept elsewhere. */
  static of(files: readonly PolicyFile[], place: string): Policy {
    return new Policy(parsePolicyFiles(files, place));
  }

  /** The rule of a determining policy: its clause and the sentence for people. */
  rule(id: string): Rule | undefined {
    return this.#rules.get(id);
  }

  /**
   * Denies unless a permit says otherwise and no forbid does; a question that does not fit the schema and a rule that
   * fails while it is evaluated deny as well. `asked` in the answer is the canonical JSON of the facts, `facts` its digest.
   */
  decide(facts: Facts): Decision {
    const answers = this.#answersTo(facts);
    const resource = keyOf(facts.resource);
    const before = answers.get(resource);
    if (before) return before;
    const decision = this.#decideAnew(facts);
    answers.set(resource, decision);
    this.#remembered++;
    return decision;
  }

  #decideAnew(facts: Facts): Decision {
    const asked = canonicalJson(facts).toString('utf8');
    const decision: Decision = {
      ...{ action: facts.action, policySet: this.digest, facts: digestOf(asked) },
      ...this.#evaluate(facts),
      ...(asked.length <= limits.factsChars ? { asked } : {}),
    };
    Object.freeze(decision.policies);
    Object.freeze(decision.reasons);
    return Object.freeze(decision);
  }

  #sliceFor(action: Action): string {
    return `${this.digest} ${action}`;
  }

  #evaluate(facts: Facts): Answer {
    const answer = statefulIsAuthorized({
      ...toCedar(facts),
      preparsedSchemaName: this.digest,
      preparsedPolicySetId: this.#sliceFor(facts.action),
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

  /** What one asker was answered, by resource. All is forgotten where there would be too much. */
  #answersTo(asked: Facts): Map<string, Decision> {
    if (this.#remembered >= limits.decisionsRemembered) {
      this.#decided.clear();
      this.#last = undefined;
      this.#remembered = 0;
    }
    const { action, context, principal } = asked;
    const last = this.#last;
    const isSame =
      last?.asked.action === action && last.asked.context === context && last.asked.principal === principal;
    if (isSame) return last.answers;
    const key = `${action}${keyOf(context)}${keyOf(principal)}`;
    const answers = this.#decided.get(key) ?? new Map<string, Decision>();
    this.#decided.set(key, answers);
    this.#last = { asked, answers };
    return answers;
  }
}

const keys = new WeakMap<object, string>();

/**
 * What one part of the facts is remembered by, written once for as long as its object is in use. Plain JSON, which is
 * fast to write: were the same facts in another order of keys, they would only be asked about once more.
 */
function keyOf(part: object): string {
  const known = keys.get(part);
  if (known !== undefined) return known;
  const key = JSON.stringify(part);
  keys.set(part, key);
  return key;
}

function requireParsed(parsed: CheckParseAnswer): void {
  if (parsed.type === 'failure')
    throw new DomainError('config-invalid', `Policy: ${parsed.errors[0]?.message ?? 'it does not parse'}.`);
}
