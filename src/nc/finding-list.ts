import type { Finding } from '../domain/findings.ts';
import { limits } from '../domain/limits.ts';

const rank: Record<Finding['severity'], number> = { block: 0, warn: 1, note: 2 };

/** Blocks first, so that a cap on the number of findings never hides one; then as they stand in the file. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);

/** The lines of one file that one rule is about: the first few are named, the rest counted. */
export class Tally {
  readonly #base: Pick<Finding, 'rule' | 'severity' | 'file'>;
  readonly #named: Finding[] = [];
  readonly #most: number;
  #count = 0;

  constructor(rule: string, severity: Finding['severity'], file: string) {
    this.#base = { rule, severity, file };
    this.#most = severity === 'note' ? 1 : limits.findingsPerRule;
  }

  /** `message` is one sentence that passes `Text`; it is asked for only where the line will be named. */
  at(line: number, message: () => string): void {
    this.#count++;
    if (this.#named.length < this.#most) this.#named.push({ ...this.#base, line, message: message() });
  }

  /** About the file as a whole. */
  file(message: string): void {
    this.#count++;
    this.#named.push({ ...this.#base, message });
  }

  findings(): Finding[] {
    const more = this.#count - this.#named.length;
    if (more === 0) return this.#named;
    return [...this.#named, { ...this.#base, message: `The same in ${more} more line${more === 1 ? '' : 's'}.` }];
  }
}

/** The findings of one file, rule by rule. */
export class FindingList {
  readonly #file: string;
  readonly #tallies: Tally[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  rule(name: string, severity: Finding['severity']): Tally {
    const tally = new Tally(name, severity, this.#file);
    this.#tallies.push(tally);
    return tally;
  }

  all(): Finding[] {
    return this.#tallies.flatMap((tally) => tally.findings());
  }
}

/** Bytes of a program as text for a message: ASCII, everything else a question mark, on one line. */
export function quotable(bytes: Uint8Array, start: number, end: number, most: number): string {
  let text = '';
  for (let at = start; at < end && text.length < most; at++) {
    const byte = bytes[at] ?? 0;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return text.trim();
}
