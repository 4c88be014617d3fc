import { DomainError } from '../../domain/errors.ts';
import type { Found } from './target.ts';

/** What Windows and controls that stand on it take for a device, whatever follows the dot. */
const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(\.|$)/i;

/** Throws `form-impossible` for a name that a share of Windows would not hold as it is. */
export function requirePlainName(name: string): void {
  if (devices.test(name)) throw new DomainError('form-impossible', 'Its name is that of a device on Windows.');
}

/** Separators, what no line of text shows as it is, and what stands for bytes that are not UTF-8. */
const strange = /[/\\\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]/;

/** A plain name of one file: a far side that lists `../x` or `a/b` is not believed. */
export const isPlainName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !strange.test(name);

/** Windows and many controls know no difference between small and capital letters. */
export const named = (name: string, found: readonly Found[]): Found | undefined =>
  found.find((one) => one.name.toLowerCase() === name.toLowerCase());
