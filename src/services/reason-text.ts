import { limits } from '../domain/limits.ts';

/** Every control, format, surrogate, private and unassigned character: a superset of what `Text` refuses. */
const unprintable = /[\p{C}\u2028\u2029]/gu;
const shownChars = 60;

/** Makes any string one line that passes `Text`: unprintable characters become `?`, the end is cut. */
export function sentence(text: string): string {
  const clean = text.replace(unprintable, '?').normalize('NFC').trim();
  return shorten(clean === '' ? '?' : clean, limits.textChars);
}

/** A name or value that others wrote, for use inside a sentence. */
export const shown = (text: string): string => shorten(sentence(text), shownChars);

/** Cuts between characters, never inside one. */
function shorten(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text
    .slice(0, chars - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}
