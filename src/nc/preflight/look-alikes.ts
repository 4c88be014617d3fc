/** Characters that look like ASCII ones that controls read: Cyrillic, Greek, typographic. Full-width ones are counted. */
const looks: Record<string, string> = {
  А: 'A',
  В: 'B',
  С: 'C',
  Е: 'E',
  Н: 'H',
  І: 'I',
  Ј: 'J',
  К: 'K',
  М: 'M',
  О: 'O',
  Р: 'P',
  Ѕ: 'S',
  Т: 'T',
  Х: 'X',
  У: 'Y',
  Α: 'A',
  Β: 'B',
  Ε: 'E',
  Ζ: 'Z',
  Η: 'H',
  Ι: 'I',
  Κ: 'K',
  Μ: 'M',
  Ν: 'N',
  Ο: 'O',
  Ρ: 'P',
  Τ: 'T',
  Υ: 'Y',
  Χ: 'X',
  '–': '-',
  '—': '-',
  '−': '-',
  '‐': '-',
  '‑': '-',
  '·': '.',
  '․': '.',
  '∕': '/',
  '⁄': '/',
  '’': "'",
  '\u00a0': 'a space',
};

/** The ASCII character that the UTF-8 character at this place looks like, undefined where it is none of those. */
export function lookAlike(bytes: Uint8Array, at: number): string | undefined {
  const [character] = Buffer.from(bytes.subarray(at, at + 4)).toString('utf8');
  const code = character?.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
  return character === undefined ? undefined : looks[character];
}

/** Bidirectional controls, zero-width characters and the like, in UTF-8: what is shown is not what is there. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u2028\u2029]/u;

/** The first invisible character of a line, as `U+202E`. */
export function invisibleIn(bytes: Uint8Array): string | undefined {
  const found = invisible.exec(Buffer.from(bytes).toString('utf8'))?.[0];
  return found && `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
