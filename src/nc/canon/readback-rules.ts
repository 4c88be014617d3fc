import type { ReadbackRules } from '../../domain/nc-canon.ts';
import type { writings } from './writing.ts';

/**
 * What may differ in a readback where the machine's profile says nothing: only what every control of the kind is known
 * to rewrite. FANUC and its like write blanks as they please and frame a program by `%`; a Klartext control numbers the
 * blocks itself; the others keep files as they are.
 */
export const usualRules: Record<keyof typeof writings, ReadbackRules> = {
  iso: rules({ blanks: 'ignored', frame: 'ignored' }),
  mazak: rules({ blanks: 'ignored', frame: 'ignored' }),
  okuma: rules({ frame: 'ignored' }),
  siemens: rules({}),
  klartext: rules({ blanks: 'collapsed', sequenceNumbers: 'rewritten' }),
  'heidenhain-iso': rules({}),
};

function rules(declared: Partial<ReadbackRules>): ReadbackRules {
  return {
    blanks: 'kept',
    smallLetters: 'kept',
    sequenceNumbers: 'kept',
    comments: 'kept',
    frame: 'kept',
    ...declared,
  };
}
