import { limits } from '../../domain/limits.ts';

/** The tool of a turret's T word: T0305 is station 3 with offset 5; Okuma's T010203 is tool 2 with offset 3. */
export const turretTool = (number: number): number => {
  if (number >= 10_000) return Math.floor(number / 100) % 100;
  return number >= 100 ? Math.floor(number / 100) : number;
};

/** A list of distinct words in the order of their first appearance, bounded and fit to be shown. */
export class NameList {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (name === '' || this.#names.has(name) || this.#names.size >= limits.factsPerProgram) return;
    // A parameter may be named by any bytes; `#[…]` is our own.
    const shown = name
      .replaceAll(/[^ -~…]/g, '?')
      .slice(0, limits.shortTextChars)
      .trim();
    if (shown !== '') this.#names.add(shown);
  }

  get all(): string[] {
    return [...this.#names];
  }
}

/** Bytes as text that can be recorded and shown: printable ASCII, everything else a question mark, on one line. */
export function printable(bytes: Uint8Array, start: number, end: number, most: number = limits.shortTextChars): string {
  let text = '';
  for (let at = start; at < end && text.length < most; at++) {
    const byte = bytes[at] ?? 0;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text.trim();
}

export function printableText(text: string, most: number = limits.shortTextChars): string {
  const bytes = Buffer.from(text.slice(0, most), 'latin1');
  return printable(bytes, 0, bytes.length, most);
}

export const programName = (number: number): string => `O${String(number).padStart(4, '0')}`;
