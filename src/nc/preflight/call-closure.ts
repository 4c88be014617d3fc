import type { Finding } from '../../domain/findings.ts';
import { printableText, programName } from '../facts/names.ts';
import type { MachineProfile } from '../profile/profile.ts';
import { type RuleId, verdictOf } from './catalogue.ts';
import { numberOfName } from './frame-rules.ts';
import type { Scan } from './inspect-file.ts';
import type { CallSite } from './reach-rules.ts';

/** What only shows between the programs of a package. */
export function closureFindings(scans: readonly Scan[], profile: MachineProfile | undefined): Finding[] {
  const held = new HeldPrograms(scans);
  return [
    ...missingPrograms(scans, held, profile),
    ...recursion(scans, held, profile),
    ...doubleNumbers(scans, profile),
  ];
}

/** Which file holds a program, by its number or by any of the ways in which a control may name it. */
class HeldPrograms {
  readonly #byName = new Map<string, number>();

  constructor(scans: readonly Scan[]) {
    for (const [at, { facts, programs }] of scans.entries()) {
      const named = numberOfName(facts.file);
      // Where file name and O-number differ, the name wins on a FANUC Data Server.
      for (const name of [...programs, facts.file, ...(named === undefined ? [] : [programName(named)])])
        this.#byName.set(plainName(name), at);
    }
  }

  file({ target }: CallSite): number | undefined {
    if (typeof target === 'string') return this.#byName.get(plainName(target));
    const found = this.#byName.get(programName(target));
    // Older controls write the repeats in front of the four digits of the program: P51002 runs O1002 five times.
    return found ?? (target > 9999 ? this.#byName.get(programName(target % 10_000)) : undefined);
  }
}

/** `TNC:\DIR\SUB.H`, `/_N_SPF_DIR/_N_SUB_SPF`, `SUB.SPF` and `sub` name one program. */
function plainName(name: string): string {
  const last = name.toUpperCase().split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .replace(/^_N_/, '')
    .replace(/(\.|_)(MPF|SPF|H|I|MIN|SUB|SSB|NC|EIA|PRG|TXT|CNC|TAP)$/, '')
    .replace(/^TNC:/, '');
  return /^O\d+$/.test(plain) ? programName(Number(plain.slice(1))) : plain;
}

function finding(
  rule: RuleId,
  profile: MachineProfile | undefined,
  file: string,
  line: number | undefined,
  message: string,
) {
  const verdict = verdictOf(rule, profile);
  return verdict ? [{ rule, ...verdict, file, ...(line === undefined ? {} : { line }), message }] : [];
}

/** A control that does not find a program may run one of the same name that somebody left in its memory. */
function missingPrograms(scans: readonly Scan[], held: HeldPrograms, profile: MachineProfile | undefined): Finding[] {
  return scans.flatMap(({ facts, calls }) =>
    calls
      .filter((call) => held.file(call) === undefined && !isResident(call, profile))
      .flatMap((call) => {
        const name = typeof call.target === 'number' ? programName(call.target) : printableText(call.target);
        const rest = profile ? `not in this package and not resident on this machine` : 'not in this package';
        const via = call.implicit ? 'by its name' : call.via;
        const message = `Line ${call.line} calls ${name} (${via}), which is ${rest}.`;
        const [found] = finding('call-outside-package', profile, facts.file, call.line, message);
        if (!found) return [];
        // O9000 to O9999 are the edit-protected macros that a builder or a probing kit leaves in the control; a bare
        // name may be a word of the control that is not known here.
        const softer = !profile && (call.implicit || isBuilders(call.target));
        return [softer ? { ...found, severity: 'warn' as const } : found];
      }),
  );
}

const isBuilders = (target: number | string): boolean => typeof target === 'number' && target >= 9000 && target <= 9999;

function isResident({ target }: CallSite, profile: MachineProfile | undefined): boolean {
  const { numbers = [], names = [] } = profile?.resident ?? {};
  if (typeof target === 'number') return numbers.some(([low, high]) => target >= low && target <= high);
  return names.some((name) => plainName(name) === plainName(target));
}

/** Programs that call one another in a circle: each as the one whose call closes it. */
function recursion(scans: readonly Scan[], held: HeldPrograms, profile: MachineProfile | undefined): Finding[] {
  const state = new Uint8Array(scans.length);
  const findings: Finding[] = [];
  for (let root = 0; root < scans.length; root++) {
    const path: { at: number; next: number }[] = [{ at: root, next: 0 }];
    while (path.length > 0) {
      const here = path.at(-1) as { at: number; next: number };
      state[here.at] = Math.max(state[here.at] as number, 1);
      const call = state[here.at] === 2 ? undefined : scans[here.at]?.calls[here.next++];
      if (!call) {
        state[here.at] = 2;
        path.pop();
        continue;
      }
      const to = held.file(call);
      if (to === undefined || state[to] === 2) continue;
      if (state[to] === 0) path.push({ at: to, next: 0 });
      else {
        const { file } = (scans[here.at] as Scan).facts;
        const message = `Line ${call.line} calls a program that calls this one again: check that it ends.`;
        findings.push(...finding('call-recursive', profile, file, call.line, message));
      }
    }
  }
  return findings;
}

function doubleNumbers(scans: readonly Scan[], profile: MachineProfile | undefined): Finding[] {
  const first = new Map<string, string>();
  return scans.flatMap(({ facts, programs }) =>
    programs.flatMap((name) => {
      const other = first.get(name);
      if (other === undefined) first.set(name, facts.file);
      if (other === undefined || other === facts.file) return [];
      return finding(
        'program-number-twice',
        profile,
        facts.file,
        undefined,
        `${name} also stands in ${other}; a control keeps one of the two.`,
      );
    }),
  );
}
