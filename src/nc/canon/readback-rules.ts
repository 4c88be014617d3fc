import type { ReadbackRules } from '../../domain/nc-canon.ts';
import type { MachineProfile, rewrites } from '../profile/profile.ts';
import type { writings } from './writing.ts';

type Rewrite = (typeof rewrites)[number];
type Dialect = keyof typeof writings;

/** What is known of a dialect's controls where no profile says it: FANUC and its like write blanks as they please and frame a program by `%`. */
const usual: Record<Dialect, readonly Rewrite[]> = {
  iso: ['block-ends', 'spacing', 'leader'],
  mazak: ['block-ends', 'spacing', 'leader'],
  okuma: ['block-ends', 'leader'],
  siemens: ['block-ends'],
  klartext: ['block-ends', 'spacing', 'sequence-numbers'],
  'heidenhain-iso': ['block-ends'],
  linuxcnc: ['block-ends'],
};

export const usualRules = (dialect: Dialect): ReadbackRules => rulesOf(dialect, usual[dialect]);

export const profileRules = ({ dialect, readback }: Pick<MachineProfile, 'dialect' | 'readback'>): ReadbackRules =>
  rulesOf(dialect, readback.rewrites);

export function rulesOf(dialect: Dialect, declared: readonly Rewrite[]): ReadbackRules {
  const has = (rewrite: Rewrite) => declared.includes(rewrite);
  // Blanks part names where a language has names; in FANUC's they mean nothing.
  const spacing = dialect === 'iso' || dialect === 'mazak' ? 'ignored' : 'collapsed';
  return {
    blockEnds: has('block-ends') ? 'any' : 'kept',
    blanks: has('spacing') ? spacing : 'kept',
    smallLetters: has('case') ? 'ignored' : 'kept',
    sequenceNumbers: has('sequence-numbers') ? 'rewritten' : 'kept',
    comments: has('comments') ? 'dropped' : 'kept',
    frame: has('leader') ? 'ignored' : 'kept',
  };
}
