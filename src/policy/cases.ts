import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Classification, jurisdictions } from '../domain/classification.ts';
import { Country } from '../domain/countries.ts';
import { Action, type Decision } from '../domain/decisions.ts';
import { DoorChannel, isEncrypted } from '../domain/doors.ts';
import { DomainError } from '../domain/errors.ts';
import { GroupId, type MachineId, PersonId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { PersonRole } from '../domain/people.ts';
import { resourceStates } from '../domain/states.ts';
import { PathWord, ShortText, Text } from '../domain/text.ts';
import { zonePaths } from '../domain/zone-paths.ts';
import type { Policy } from './decide.ts';
import type { ContextFacts, Facts, PrincipalFacts, ResourceFacts } from './facts.ts';

const Person = z.strictObject({
  kind: z.literal('person'),
  roles: z.array(PersonRole),
  usPerson: z.boolean().optional(),
  nationalities: z.array(Country).optional(),
  employer: ShortText.optional(),
});
const Machine = z.strictObject({
  kind: z.literal('machine'),
  groups: z.array(GroupId),
  country: Country,
  jurisdictions: z.array(z.enum(jurisdictions)),
  safeguarded: z.boolean().optional(),
  suspended: z.boolean().optional(),
});
const Who = z.discriminatedUnion('kind', [
  Person,
  Machine,
  z.strictObject({ kind: z.literal('host') }),
  z.strictObject({ kind: z.literal('gateway') }),
]);

const channels = [...DoorChannel.options, 'https', 'local-socket', 'drop-folder', 'internal'] as const;
const Case = z.strictObject({
  case: Text,
  who: PathWord,
  action: Action,
  /** Left out where it is about people and machines, or about the ledger. */
  label: PathWord.optional(),
  state: z.enum(resourceStates).default('in-force'),
  group: GroupId.default('HAAS-VF' as GroupId),
  author: PersonId.default('AUTHOR-1' as PersonId),
  reviewOverdue: z.boolean().default(false),
  /** Of a program that a machine sends back: it is none that was delivered to it. */
  stray: z.boolean().default(false),
  /** What the machine sent back of this release differs, and nobody resolved that. */
  onHold: z.boolean().optional(),
  channel: z.enum(channels).optional(),
  role: PersonRole.optional(),
  country: Country.optional(),
  mfa: z.boolean().optional(),
  zonePath: z.enum(zonePaths).default('no-zones'),
  expect: z.enum(['permit', 'deny']),
  /** The rules that must have decided, all of them; none where nothing allowed it. */
  rules: z.array(PathWord).optional(),
});
export type Case = z.infer<typeof Case>;

const CasesFile = z.strictObject({
  who: z.record(PathWord, Who),
  labels: z.record(PathWord, Classification),
  cases: z.array(Case).min(1),
});
export type CasesFile = z.infer<typeof CasesFile>;

export type CaseResult = { case: string; expected: string; decision: Decision; good: boolean };

/** Reads a table of cases. Throws `config-invalid`, one line naming the file and the problem. */
export function loadCases(file: string): CasesFile {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    throw refused(file, (error as Error).message.split('\n')[0] ?? 'it is not YAML');
  }
  const parsed = CasesFile.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refused(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`);
}

export const runCases = (policy: Policy, file: CasesFile, name: string): CaseResult[] =>
  file.cases.map((row) => {
    const decision = policy.decide(factsOfCase(row, file, name));
    const good =
      decision.verdict === row.expect && (row.rules === undefined || sameRules(row.rules, decision.policies));
    const expected = row.rules && row.rules.length > 0 ? `${row.expect} by ${row.rules.join(', ')}` : row.expect;
    return { case: row.case, expected, decision, good };
  });

const sameRules = (expected: readonly string[], found: readonly string[]): boolean =>
  [...expected].sort().join() === [...found].sort().join();

function factsOfCase(row: Case, { who, labels }: CasesFile, name: string): Facts {
  const asker = who[row.who];
  if (!asker) throw refused(name, `"${row.case}": there is no ${row.who} under who`);
  return {
    action: row.action,
    principal: principalOf(row.who, asker),
    resource: resourceOf(row, labels, name),
    context: {
      ...contextOf(row, asker.kind),
      zonePath: row.zonePath,
      ...(row.onHold === undefined ? {} : { onHold: row.onHold }),
    },
  };
}

function principalOf(name: string, asker: z.infer<typeof Who>): PrincipalFacts {
  if (asker.kind === 'gateway') return { kind: 'gateway' };
  if (asker.kind === 'host') return { kind: 'local', account: name };
  if (asker.kind === 'machine') {
    const { safeguarded = false, suspended = false, ...rest } = asker;
    return { ...rest, id: name as MachineId, safeguarded, suspended };
  }
  const { roles, usPerson, nationalities, employer } = asker;
  return {
    ...{ kind: 'person', id: name as PersonId, roles, usPerson },
    ...(nationalities ? { nationalities } : {}),
    ...(employer === undefined ? {} : { employer }),
  };
}

function resourceOf(row: Case, labels: CasesFile['labels'], name: string): ResourceFacts {
  if (row.label === undefined) return { kind: row.action === 'read-ledger' ? 'ledger' : 'registry' };
  const classification = labels[row.label];
  if (!classification) throw refused(name, `"${row.case}": there is no ${row.label} under labels`);
  const { group: machineGroup, author, state, reviewOverdue, stray } = row;
  if (stray) return { kind: 'stray', classification };
  return { kind: 'package', machineGroup, author, classification, state, reviewOverdue };
}

/** Where nothing is said, people come by HTTPS and machines by SFTP. */
function contextOf({ channel, role, country, mfa }: Case, kind: z.infer<typeof Who>['kind']): ContextFacts {
  const usual = { person: 'https', machine: 'sftp', host: 'local-socket', gateway: 'internal' } as const;
  const by = channel ?? usual[kind];
  return {
    ...{ channel: by, encrypted: isSafe(by) },
    ...(role === undefined ? {} : { role }),
    ...(country === undefined ? {} : { country }),
    ...(mfa === undefined ? {} : { mfa }),
  };
}

/** What is no door of machines is encrypted or does not leave the computer. */
const isSafe = (by: (typeof channels)[number]): boolean => {
  const door = DoorChannel.safeParse(by);
  return !door.success || isEncrypted(door.data);
};

const refused = (file: string, problem: string): DomainError =>
  new DomainError('config-invalid', `Policy cases ${file}: ${problem.slice(0, limits.textChars - 100)}.`);
