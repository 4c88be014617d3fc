import { type Finding, severities } from '../../domain/findings.ts';
import { limits } from '../../domain/limits.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { type RuleId, type Verdict, verdictOf } from './catalogue.ts';

/** Blocks first, so that a cap on the number of findings never hides one; then as they stand in the file. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));

/** The lines of one file that one rule is about: the first few are named, the rest counted. */
export class Tally {
  readonly #base: Omit<Finding, 'line' | 'message'> | undefined;
  readonly #named: Finding[] = [];
  readonly #most: number;
  #count = 0;

  constructor(rule: RuleId, verdict: Verdict, file: string) {
    this.#base = verdict && { rule, ...verdict, file };
    this.#most = verdict?.severity === 'note' ? 1 : limits.findingsPerRule;
  }

  /** `message` is one sentence that passes `Text`; it is asked for only where the line will be named. */
  at(line: number, message: () => string): void {
    this.#count++;
    if (this.#base && this.#named.length < this.#most) this.#named.push({ ...this.#base, line, message: message() });
  }

  /** About the file as a whole. */
  file(message: string): void {
    this.#count++;
    if (this.#base) this.#named.push({ ...this.#base, message });
  }

  findings(): Finding[] {
    const more = this.#count - this.#named.length;
    if (more === 0 || !this.#base) return this.#named;
    return [...this.#named, { ...this.#base, message: `The same in ${more} more line${more === 1 ? '' : 's'}.`, more }];
  }
}

/** The findings of one file, rule by rule in the order in which the rules were asked for. */
export class FindingList {
  readonly #file: string;
  readonly #profile: MachineProfile | undefined;
  readonly #tallies: Tally[] = [];

  constructor(file: string, profile: MachineProfile | undefined) {
    this.#file = file;
    this.#profile = profile;
  }

  rule(id: RuleId): Tally {
    const tally = new Tally(id, verdictOf(id, this.#profile), this.#file);
    this.#tallies.push(tally);
    return tally;
  }

  all(): Finding[] {
    return this.#tallies.flatMap((tally) => tally.findings());
  }
}
