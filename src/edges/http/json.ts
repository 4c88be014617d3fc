import { DomainError } from '../../domain/errors.ts';

/**
 * Reads one JSON text (RFC 8259) as UTF-8. Refused, because two readers could understand it differently: a name that an
 * object has twice, a byte order mark and bytes that are not UTF-8. Throws `request-invalid`.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new DomainError('request-invalid', 'The body is not JSON in UTF-8.', { cause });
  }
  if (hasRepeatedName(text)) throw new DomainError('request-invalid', 'The body has one name twice in an object.');
  return value;
}

/** `text` is known to be JSON, so that a string before a colon is a name and brackets outside of strings match. */
function hasRepeatedName(text: string): boolean {
  const open: Set<unknown>[] = [];
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]+|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (string !== undefined && colon !== undefined) {
      // Compared as they read: "\u0061" and "a" are one name.
      const name: unknown = JSON.parse(string);
      const names = open.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
  }
  return false;
}
