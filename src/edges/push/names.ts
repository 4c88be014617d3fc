import { DomainError } from '../../domain/errors.ts';
import type { Found } from './target.ts';

/** What Windows and controls that stand on it take for a device, whatever follows the dot. */
const devices = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(\.|$)/i;

/** Throws `form-impossible` for a name that a share of Windows would not hold as it is. */
export function requirePlainName(name: string): void {
  if (devices.test(name)) throw new DomainError('form-impossible', 'Its name is that of a device on Windows.');
}

/** A plain name of one file: a far side that lists `../x` or `a/b` is not believed. */
export const isPlainName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[/\\\u0000-\u001f\u007f]/.test(name);

/** Windows and many controls know no difference between small and capital letters. */
export const named = (name: string, found: readonly Found[]): Found | undefined =>
  found.find((one) => one.name.toLowerCase() === name.toLowerCase());
