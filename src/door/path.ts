import { limits } from '../domain/limits.ts';
import { returnFolder } from '../domain/returns.ts';

/** C0 with NUL, DEL and C1. */
const controls = /[\u0000-\u001f\u007f-\u009f]/;
const segmentBytes = 255;

/**
 * The names from the root that an SFTP path stands for, or undefined for a path that no shelf can have: NUL or another
 * control byte, invalid UTF-8, a name not in Unicode form NFC (its NFD twin is another name, not a spelling), a
 * backslash, `..`, more than `limits.doorPathBytes` bytes or a name over 255. Relative paths start at the root; `.` and
 * empty names collapse.
 */
export function resolvePath(raw: Buffer | string): string[] | undefined {
  const segments = splitPath(raw);
  return segments?.includes('..') ? undefined : segments;
}

/**
 * As `resolvePath`, but `..` goes one folder up and stays at the root: what REALPATH is asked for `cd ..`. The tree has
 * no links, so going up lexically is going up.
 */
export function canonicalPath(raw: Buffer | string): string[] | undefined {
  const segments = splitPath(raw);
  if (segments === undefined) return undefined;
  const path: string[] = [];
  for (const segment of segments) {
    if (segment === '..') path.pop();
    else path.push(segment);
  }
  return path;
}

/** The name under which a machine sends a file back, where the path is of one. */
export function returnName(path: readonly string[]): string | undefined {
  const [folder, name, ...more] = path;
  return folder === returnFolder && more.length === 0 ? name : undefined;
}

function splitPath(raw: Buffer | string): string[] | undefined {
  const text = decode(raw);
  if (text === undefined || controls.test(text) || text.includes('\\') || text.normalize('NFC') !== text)
    return undefined;
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.every((segment) => Buffer.byteLength(segment) <= segmentBytes) ? segments : undefined;
}

function decode(raw: Buffer | string): string | undefined {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'utf8') : raw;
  if (bytes.length > limits.doorPathBytes) return undefined;
  try {
    // A leading byte order mark would vanish without ignoreBOM, and two names be one.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
