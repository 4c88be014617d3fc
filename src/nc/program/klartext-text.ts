import { tokenKind as kind } from '../syntax/token.ts';
import type { Cursor } from './cursor.ts';

/** The rest of the block as it is written, without comments. */
export function restOf(cursor: Cursor): string {
  let text = '';
  for (; cursor.kind() !== -1; cursor.next()) {
    const gap = cursor.tokens.kind[cursor.at - 1] === kind.blank && text !== '';
    text += (gap ? ' ' : '') + cursor.text();
  }
  return text;
}

export const isVariable = (cursor: Cursor): boolean => cursor.kind() !== -1 && /^Q([LRS]\d+)?$/.test(cursor.name());

/** `1` or `"NAME"`, in upper case. */
export function labelName(cursor: Cursor): string {
  if (cursor.kind() === -1) return '';
  const text = cursor.text().replace(/^"|"$/g, '');
  cursor.next();
  return text.toUpperCase();
}
