import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkParseSchema,
  type DetailedError,
  type Effect,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { PathWord, ShortText, Text } from '../domain/text.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { namedActions } from './slices.ts';

const schemaName = 'schema.cedarschema';

/** One rule: `sentence` is what a person reads when the rule decided, `clause` the text that asks for it. */
export type Rule = {
  id: string;
  clause: string;
  sentence: string;
  effect: Effect;
  file: string;
  text: string;
  /** That its scope names; undefined where it is about every action. */
  actions: readonly string[] | undefined;
};

export type PolicyFile = { name: string; text: string; digest: Digest };

/** `files` in order of name: a set is these bytes and nothing else. */
export type PolicyFiles = {
  files: readonly PolicyFile[];
  schema: string;
  rules: ReadonlyMap<string, Rule>;
  digest: Digest;
};

/**
 * Reads every `*.cedar` and the `schema.cedarschema` of a folder, and refuses the whole set with `config-invalid` on
 * anything that does not parse or validate strictly, on a rule that can never apply, on a rule without `@id`,
 * `@clause` and `@sentence`, on templates, on an id used twice and on an empty set: a set with a hole in it could
 * permit what the lost rule forbade. `digest` covers the names and bytes of all these files in order of name.
 */
export const readPolicyFiles = (folder: string): PolicyFiles => parsePolicyFiles(readFolder(folder), folder);

/** As `readPolicyFiles`, for files that are already here; `place` is for the message. */
export function parsePolicyFiles(unordered: readonly PolicyFile[], place: string): PolicyFiles {
  const files = [...unordered].sort((a, b) => (a.name < b.name ? -1 : 1));
  const schema = files.find((file) => file.name === schemaName);
  if (schema === undefined) throw refused(schemaName, 'the file is missing');
  const parsedSchema = checkParseSchema(schema.text);
  if (parsedSchema.type === 'failure') throw refused(schemaName, firstProblem(parsedSchema.errors, schema.text));

  const rules = new Map<string, Rule>();
  for (const file of files) {
    if (file === schema) continue;
    for (const rule of parseRules(file.name, file.text)) {
      const other = rules.get(rule.id);
      if (other) throw refused(file.name, `the rule id ${rule.id} is used twice, first in ${other.file}`);
      rules.set(rule.id, rule);
    }
  }
  if (rules.size === 0) throw refused(place, 'there is no policy in it');
  refuseInvalid(schema.text, rules);
  return {
    files,
    schema: schema.text,
    rules,
    digest: digestOf(canonicalJson(files.map((file) => [file.name, file.digest]))),
  };
}

/** One file of a set, from its exact bytes. Throws `config-invalid` where they are not UTF-8. */
export const policyFile = (name: string, bytes: Buffer): PolicyFile => ({
  name,
  text: decode(name, bytes),
  digest: digestOf(bytes),
});

function readFolder(folder: string): PolicyFile[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.cedar') || name === schemaName)
      .sort()
      .map((name) => policyFile(name, readFileSync(join(folder, name))));
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw refused(folder, `the folder cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function decode(name: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(name, 'the file is not UTF-8');
  }
}

const Annotations = z.object({ id: PathWord, clause: ShortText, sentence: Text });

function parseRules(file: string, text: string): Rule[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw refused(file, firstProblem(parts.errors, text));
  if (parts.policy_templates.length > 0)
    throw refused(file, 'a template is no rule: name principal and resource instead');
  return parts.policies.map((policy) => {
    const json = policyToJson(policy);
    if (json.type === 'failure') throw refused(file, firstProblem(json.errors, policy));
    if (namesOnePackage(json.json))
      throw refused(
        file,
        'a rule that names a single package would never apply: name what it is about it that matters',
      );
    const annotations = Annotations.safeParse(json.json.annotations ?? {});
    if (!annotations.success) {
      const issue = annotations.error.issues[0];
      const line = lineOf(text, Buffer.from(text).indexOf(policy));
      throw refused(file, `line ${line}: the policy needs a good @${String(issue?.path[0])} (${issue?.message})`);
    }
    const { effect, action } = json.json;
    return { ...annotations.data, effect, file, text: policy, actions: namedActions(action) };
  });
}

/** Packages with equal facts are decided as one, so that policy never sees which of them is asked about. */
const namesOnePackage = (rule: unknown): boolean => /"type":"Package"/.test(JSON.stringify(rule));

/** A warning refuses too: a forbid that can never apply, or a look-alike letter in a name, is a hole nobody sees. */
function refuseInvalid(schema: string, rules: ReadonlyMap<string, Rule>): void {
  const policies = Object.fromEntries([...rules].map(([id, rule]) => [id, rule.text]));
  const answer = validate({
    schema,
    policies: { staticPolicies: policies },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') throw refused(schemaName, firstProblem(answer.errors, schema));
  const problem = answer.validationErrors[0] ?? answer.validationWarnings[0];
  if (problem) {
    const file = rules.get(problem.policyId)?.file ?? schemaName;
    const help = problem.error.help ? ` (${problem.error.help})` : '';
    throw refused(file, `${problem.error.message}${help}`);
  }
  const other = answer.otherWarnings[0];
  if (other) throw refused(schemaName, other.message);
}

function firstProblem(errors: readonly DetailedError[], text: string): string {
  const error = errors[0];
  if (error === undefined) return 'it does not parse';
  const deepest = error.related?.[0] ?? error;
  const at = deepest.sourceLocations?.[0]?.start;
  return at === undefined ? deepest.message : `line ${lineOf(text, at)}: ${deepest.message}`;
}

/** Cedar's offsets count UTF-8 bytes. */
const lineOf = (text: string, offset: number): number =>
  Buffer.from(text).subarray(0, offset).toString().split('\n').length;

const refused = (file: string, problem: string): DomainError =>
  new DomainError('config-invalid', `Policy ${file}: ${problem.replace(/\s+/g, ' ').trim().slice(0, 400)}.`);
