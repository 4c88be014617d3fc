import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar } from 'yaml';
import type { Reason } from '../domain/events.ts';
import { limits } from '../domain/limits.ts';
import { sentence, shown } from './reason-text.ts';

/** A sidecar as plain values, with what was wrong about its notation. `value` is undefined when it cannot be read. */
export type SidecarTree = { value: unknown; problems: Reason[] };

/**
 * Programmers write `operation: 20`, `revision: 010` and `eccn: 9E991`, which YAML takes for numbers (the last one for
 * infinity); the text they wrote is meant.
 */
const unquotedForms: ReadonlyMap<string, RegExp> = new Map([
  ['operation', /^[0-9]+$/],
  ['revision', /^[0-9]+$/],
  ['classification.eccn', /^[0-9]E[0-9]{3}$/],
]);
const maxDepth = 6;

export const problem = (field: string | undefined, text: string, code: Reason['code'] = 'sidecar-invalid'): Reason => ({
  code,
  ...(field === undefined ? {} : { field: sentence(field).slice(0, 200) }),
  message: sentence(text),
});

/**
 * Reads YAML 1.2 (core schema) or, for a name that ends in `.json`, JSON (RFC 8259). Refused, because two readers could
 * understand them differently or a person could overlook them: repeated keys, anchors, aliases, tags, merge keys,
 * directives, a second document and bytes that are not UTF-8.
 */
export function readSidecarTree(fileName: string, bytes: Buffer): SidecarTree {
  if (bytes.length > limits.sidecarBytes) {
    return unreadable(`The sidecar has more than ${limits.sidecarBytes} bytes; it must be a short text.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable('The sidecar is not UTF-8 text; save it as UTF-8.');
  }
  if (/\.json$/i.test(fileName)) {
    try {
      JSON.parse(text);
    } catch (error) {
      return unreadable(`The sidecar is not valid JSON: ${(error as Error).message}.`);
    }
  }
  return readYaml(text);
}

const unreadable = (text: string): SidecarTree => ({ value: undefined, problems: [problem(undefined, text)] });

/** JSON is read here too: it is a subset of YAML, and this reader keeps repeated keys and the source of numbers. */
function readYaml(text: string): SidecarTree {
  let documents: Document.Parsed[];
  try {
    // Repeated keys are found below: the library's own check takes quadratic time.
    const read = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      stringKeys: true,
      logLevel: 'silent',
    });
    documents = [...read];
  } catch {
    return unreadable('The sidecar cannot be read as YAML.');
  }
  const [document, second] = documents;
  if (!document?.contents) return unreadable('The sidecar is empty.');
  if (second) return unreadable('The sidecar has more than one YAML document; only one is allowed.');
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    const problems = mistakes.map((mistake) =>
      problem(undefined, `The sidecar is not valid YAML: ${firstLine(mistake.message)}.`),
    );
    return { value: undefined, problems: problems.slice(0, limits.reasonsPerRejection) };
  }
  const { yaml, tags } = document.directives;
  if (yaml.explicit || Object.keys(tags).length > 1) return unreadable('The sidecar has a % directive; take it out.');
  const problems: Reason[] = [];
  const value = plain(document.contents, [], problems);
  return { value, problems };
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/:$/, '') ?? '';

type Path = readonly (string | number)[];

/** `files[1].role` */
export const dotted = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

function plain(node: Node | null, path: Path, problems: Reason[]): unknown {
  if (node === null) return null;
  const refuse = (what: string) => {
    problems.push(problem(dotted(path) || undefined, `${dotted(path) || 'The sidecar'} ${what}.`));
    return undefined;
  };
  if (isAlias(node)) return refuse('is a YAML alias (*); write the value out');
  if (node.anchor !== undefined) refuse('has a YAML anchor (&); take it out');
  if (node.tag !== undefined) refuse('has a YAML tag (!); take it out');
  if (path.length > maxDepth) return refuse('is nested too deeply');
  if (isMap(node)) return plainMap(node, path, problems);
  if (isSeq(node)) return node.items.map((item, at) => plain(item as Node | null, [...path, at], problems));
  if (!isScalar(node)) return refuse('cannot be read');
  if (typeof node.value === 'string' && !node.value.isWellFormed()) return refuse('has half of a surrogate pair');
  return plainScalar(node, path);
}

function plainMap(
  node: { items: readonly { key: unknown; value: unknown }[] },
  path: Path,
  problems: Reason[],
): unknown {
  // No prototype: a key such as __proto__ is then a key like any other, and unknown.
  const map: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.items) {
    if (!isScalar(key) || key.anchor !== undefined || key.tag !== undefined) {
      problems.push(problem(dotted(path) || undefined, `A key of ${dotted(path) || 'the sidecar'} is not plain text.`));
      continue;
    }
    const name = String(key.value);
    const field = dotted([...path, name]);
    if (Object.hasOwn(map, name))
      problems.push(problem(field, `${shown(field)} stands in the sidecar twice; keep one.`));
    else map[name] = plain(value as Node | null, [...path, name], problems);
  }
  return map;
}

function plainScalar(node: Scalar, path: Path): unknown {
  const written =
    typeof node.value === 'number' ? unquotedForms.get(dotted(path).replace(/^files\[[0-9]+\]\./, '')) : undefined;
  return written?.test(node.source ?? '') ? node.source : node.value;
}
