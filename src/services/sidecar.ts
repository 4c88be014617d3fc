import type { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { Reason } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { FileRole, fileRoles } from '../domain/manifest.ts';
import { Sidecar } from '../domain/sidecar.ts';
import type { Asker } from './principals.ts';
import { shown } from './reason-text.ts';
import { dotted, problem, readSidecarTree } from './sidecar-tree.ts';

/**
 * What a sidecar says, or everything that is wrong with it. `fileNames` are the names of `files` that could be read all
 * the same, by position and unchecked, so that a door can keep the job together.
 */
export type ParsedSidecar = { sidecar: Sidecar } | { problems: Reason[]; fileNames: (string | undefined)[] };

type Expectations = Record<string, { what: string; free?: true }>;

/** What each field of a label must be; a package has one, and any of its files may have its own. */
function labelExpectations(label: string): Expectations {
  const usml = 'a USML category and paragraph such as VIII(h)';
  const eccn = 'EAR99 or an ECCN such as 9E991 or 9A610.x';
  const line = `one line of text, ${limits.shortTextChars} characters at most`;
  const fields: Expectations = {
    jurisdiction: { what: 'ITAR, EAR or none' },
    usmlCategory: { what: usml },
    eccn: { what: eccn },
    also: { what: `a list of 1 to ${limits.controlsPerLabel} further entries of the control lists` },
    'also[]': { what: 'a mapping with jurisdiction and usmlCategory or eccn' },
    'also.jurisdiction': { what: 'ITAR or EAR' },
    'also.usmlCategory': { what: usml },
    'also.eccn': { what: eccn },
    cuiMarkings: { what: 'a list of 10 CUI markings at most, such as SP-CTI and NOFORN' },
    'cuiMarkings[]': {
      what: 'a category of the CUI Registry such as SP-CTI, or a control such as NOFORN or REL TO USA, GBR',
    },
    distribution: { what: 'the letter of a distribution statement, A to F' },
    owner: { what: line, free: true },
    alsoOwnedBy: { what: 'a list of further owners' },
    'alsoOwnedBy[]': { what: line, free: true },
    authorizations: { what: 'a list of ids of licences, agreements or exemptions' },
    'authorizations[]': { what: `the id of a licence, agreement or exemption: ${word} TAA-1234-22` },
    reviewBy: { what: 'a day such as 2027-06-30' },
  };
  const named = Object.entries(fields).map(([field, expected]) => [`${label}.${field}`, expected]);
  return { [label]: { what: 'a mapping with jurisdiction: ITAR, EAR or none' }, ...Object.fromEntries(named) };
}

const word = 'letters, digits and . _ + - (64 at most), first a letter or digit, as in';
/** What each field must be, by its path without indices, `[]` for an entry of a list. Fields marked `free` may hold any printable text. */
const expectations: Expectations = {
  part: { what: `${word} 4471-A` },
  revision: { what: `${word} C` },
  operation: { what: `${word} 20` },
  machineGroup: { what: `the name of a machine group: ${word} 5AXIS-MILL` },
  author: { what: `the id of an enrolled person: ${word} ME-2` },
  changeOrder: { what: `one line of text, ${limits.shortTextChars} characters at most`, free: true },
  due: { what: 'the day on which it is wanted, such as 2027-06-30' },
  ...labelExpectations('classification'),
  files: { what: `a list of 1 to ${limits.filesPerPackage} files, each with name and role` },
  'files[]': { what: 'a mapping with name and role' },
  'files.name': {
    what: `a file name of ${limits.fileNameBytes} bytes at most, without / \\ : * ? " < > |`,
    free: true,
  },
  'files.role': { what: `one of ${fileRoles.join(', ')}` },
  'files.sha256': { what: '64 hexadecimal digits in lower case' },
  ...labelExpectations('files.classification'),
};
const labelFields =
  'jurisdiction, usmlCategory (ITAR only), eccn (EAR only), also, cuiMarkings, distribution, owner, alsoOwnedBy, authorizations, reviewBy';
const childrenOf: Record<string, string> = {
  '': 'part, revision, operation, machineGroup, author, changeOrder, due, classification, files',
  classification: labelFields,
  'files.classification': labelFields,
  files: 'name, role, sha256, classification',
};
/** What people write while they do not know. */
const unsaid =
  /^(t\.?b\.?[acd]\.?|to be (added|advised|confirmed|decided|defined|determined|done)|unknown|undetermined|pending|later|todo|n\/?a|not (yet )?(classified|determined|known)|[?.x_-]+)$/i;

/** `NAME` of `NAME.keyway.yaml`. Throws `request-invalid` for a file that is named otherwise. */
export function nameOfJob(fileName: string): string {
  const name = sidecarName.exec(fileName)?.[1];
  if (name !== undefined) return name;
  throw new DomainError('request-invalid', 'A sidecar is named NAME.keyway.yaml or NAME.keyway.json.', {
    field: 'fileName',
  });
}

/** A person submits their own work; undefined where this is theirs, or no person's doing. */
export const othersWork = ({ principal }: Asker, { author }: Pick<Sidecar, 'author'>): Reason | undefined =>
  principal.kind === 'person' && principal.id !== author
    ? {
        code: 'forbidden',
        field: 'author',
        message: 'The sidecar names another author. You can only submit your own work.',
      }
    : undefined;

const sidecarName = /^(.+)\.keyway\.(yaml|yml|json)$/i;

/**
 * Parses `NAME.keyway.yaml`, `.yml` or `.json`. Nothing is coerced, but whole numbers written without quotes as
 * `operation` or `revision` count as the text that they are written with. Problems have the code `sidecar-invalid` or,
 * where a classification was left open, `classification-missing`; there are at most `limits.reasonsPerRejection`.
 */
export function parseSidecar(fileName: string, bytes: Buffer): ParsedSidecar {
  const tree = readSidecarTree(fileName, bytes);
  if (tree.value === undefined) return { problems: tree.problems.slice(0, limits.reasonsPerRejection), fileNames: [] };
  const parsed = Sidecar.safeParse(tree.value);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explain(issue, tree.value));
  const problems = firstOfEachField([...tree.problems, ...issues, ...fileListProblems(tree.value)]);
  if (parsed.success && problems.length === 0) return { sidecar: parsed.data };
  return { problems: problems.slice(0, limits.reasonsPerRejection), fileNames: namesIn(tree.value) };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as never)[key] : undefined),
    value,
  );

function firstOfEachField(problems: readonly Reason[]): Reason[] {
  const fields = new Set<string>();
  return problems.filter(({ field }) => {
    if (field === undefined) return true;
    const seen = fields.has(field);
    fields.add(field);
    return !seen;
  });
}

function explain(issue: z.core.$ZodIssue, whole: unknown): Reason[] {
  const inList = typeof issue.path.at(-1) === 'number' ? '[]' : '';
  const generic = issue.path.filter((key) => typeof key === 'string').join('.') + inList;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const field = dotted([...issue.path, key]);
      const known = `known here are ${childrenOf[generic.replace('[]', '')] ?? 'no others'}`;
      return problem(field, `${shown(field)} ${lookAlike(key) ?? 'is not a known field'}; ${known}.`);
    });
  }
  const field = dotted(issue.path);
  const value = at(whole, issue.path);
  const expected = expectations[generic];
  if (labelPath.test(generic) && isUnsaid(generic, value)) {
    return [
      problem(
        field,
        `${field} is not said: expected ${expected?.what ?? 'a value'}. Nothing is assumed.`,
        'classification-missing',
      ),
    ];
  }
  const wrong = whatIsWrong(issue, value, expected?.free === true);
  return [
    problem(
      field || undefined,
      `${field || 'The sidecar'} ${wrong}: expected ${expected?.what ?? 'a mapping of fields'}.`,
    ),
  ];
}

const labelPath = /^(files\.)?classification/;

/** An absent sub-field is a mistake of form; a blank or `TBD` anywhere means that nobody has classified yet. */
function isUnsaid(generic: string, value: unknown): boolean {
  if (value === undefined) return /^(files\.)?classification(\.jurisdiction)?$/.test(generic);
  if (value === null) return true;
  if (isMap(value)) return Object.keys(value).length === 0;
  return typeof value === 'string' && (value.trim() === '' || unsaid.test(value.trim()));
}

function whatIsWrong(issue: z.core.$ZodIssue, value: unknown, freeText: boolean): string {
  if (value === undefined) return 'is missing';
  if (value === null || (typeof value === 'string' && value.trim() === '')) return 'is empty';
  if (issue.code === 'invalid_type' && issue.expected === 'array') return 'is not a list';
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'is not a mapping';
  if (issue.code === 'custom' && Array.isArray(value)) return issue.message;
  if (issue.code === 'custom' && issue.path.at(-1) === 'jurisdiction') return issue.message;
  if (Array.isArray(value))
    return value.length === 0 ? 'is an empty list' : 'is a list that is too long or out of place';
  if (typeof value === 'number' || typeof value === 'boolean') return 'is not text, write it in quotes';
  if (typeof value !== 'string') return 'is a mapping';
  if (issue.code === 'too_big') return 'is too long';
  return freeText ? `("${shown(value)}") ${issue.message}` : (lookAlike(value) ?? `is "${shown(value)}"`);
}

/** Cyrillic and Greek letters look like Latin ones and are not: refused by name, so that the person can find them. */
function lookAlike(value: string): string | undefined {
  const characters = [...value];
  const place = characters.findIndex((character) => character > '\u007e' || character < ' ');
  const found = characters[place]?.codePointAt(0);
  if (found === undefined) return undefined;
  const code = found.toString(16).toUpperCase().padStart(4, '0');
  return `has a character that is not plain ASCII (U+${code}, number ${place + 1} of "${shown(value)}"), type it again`;
}

const itemsOf = (value: unknown): unknown[] => {
  const files = at(value, ['files']);
  return Array.isArray(files) ? files : [];
};

function namesIn(value: unknown): (string | undefined)[] {
  const names = itemsOf(value).map((item) => at(item, ['name']));
  return names.map((name) => (typeof name === 'string' ? name : undefined)).slice(0, limits.filesPerPackage);
}

/** What holds between the files of a job; the manifest asks for the same later (domain/manifest.ts). */
function fileListProblems(value: unknown): Reason[] {
  const problems: Reason[] = [];
  const seen = new Map<string, number>();
  const items = itemsOf(value);
  for (const [index, item] of items.entries()) {
    const name = at(item, ['name']);
    if (typeof name !== 'string') continue;
    const field = `files[${index}].name`;
    const before = seen.get(name.toLowerCase());
    if (before !== undefined)
      problems.push(
        problem(field, `${field} is the name of files[${before}] too (case is ignored): list each file once.`),
      );
    else seen.set(name.toLowerCase(), index);
    if (reservedName.test(name))
      problems.push(
        problem(field, `${field} is "${shown(name)}": sidecars and rejection notes are never files of a job.`),
      );
  }
  const roles = items.map((item) => FileRole.safeParse(at(item, ['role'])).data);
  const mains = roles.filter((role) => role === 'main-program').length;
  if (items.length > 0 && !roles.includes(undefined) && mains !== 1) {
    problems.push(problem('files', `files must have exactly one file with the role main-program: it has ${mains}.`));
  }
  return problems;
}

const reservedName = /\.keyway\.(yaml|yml|json)$|\.rejected\.txt$/i;
