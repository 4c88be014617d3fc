import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

/** `key` is empty where the file as a whole is at fault. */
export function invalid(name: string, key: string, what: string, cause?: unknown): DomainError {
  const text = [name, key, what].filter((part) => part !== '').join(': ');
  return new DomainError('config-invalid', text.replace(/\s+/g, ' '), key === '' ? { cause } : { field: key, cause });
}

export function readYaml(name: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(name);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'cannot be read';
    throw invalid(name, '', why, error);
  }
  if (bytes.length > limits.configBytes) throw invalid(name, '', `is larger than ${limits.configBytes} bytes`);
  return parseYaml(name, bytes);
}

function parseYaml(name: string, bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid(name, '', 'is not UTF-8', error);
  }
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
  // A warning is a tag that yaml does not know and would drop.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const line = text.slice(0, problem.pos[0]).split('\n').length;
    if (problem.code === 'DUPLICATE_KEY') {
      const key = /^\s*["']?([\w-]+)/.exec(text.slice(problem.pos[0]))?.[1] ?? '';
      throw invalid(name, key, `stands there twice (line ${line})`);
    }
    throw invalid(name, `line ${line}`, problem.message);
  }
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch (error) {
    throw invalid(name, '', 'may hold no YAML aliases', error);
  }
}

export function check<T>(name: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (!issue) throw invalid(name, '', 'is not a configuration');
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') throw invalid(name, [...path, issue.keys[0]].join('.'), 'is not a known key');
  throw invalid(name, path.join('.'), issue.message.replace(/^Invalid input: /, ''));
}
