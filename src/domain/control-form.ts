import { z } from 'zod';
import { limits } from './limits.ts';
import { Dialect } from './nc.ts';

/**
 * What is changed in a program on its way to one kind of control: what that control cannot read otherwise, and nothing
 * that could move an axis. It stands in the manifest that people sign, beside the digests of both forms.
 */
export const ControlForm = z.strictObject({
  dialect: Dialect,
  /** How each block ends. `lf-cr-cr` is what FANUC's punch code asks for. */
  lineEnds: z.enum(['as-is', 'lf', 'crlf', 'cr', 'lf-cr-cr']),
  /** `both-ends`: a line of `%` alone comes first and last; one that is there stays. */
  percent: z.enum(['as-is', 'both-ends']),
  /** NUL bytes before the first byte and behind the last, as a tape had them. */
  leader: z.int().min(0).max(limits.leaderNuls),
  /** The line that gives the program its number, where it gives itself none. */
  number: z
    .string()
    .regex(/^O\d{1,8}$/)
    .optional(),
  /** Removed only where no block refers to one. */
  sequenceNumbers: z.enum(['as-is', 'removed']),
  /** Capitals outside of comments and texts. */
  letters: z.enum(['as-is', 'capitals']),
  /** `ascii`: what is not ASCII becomes `?`. */
  comments: z.enum(['as-is', 'ascii', 'removed']),
});
export type ControlForm = z.infer<typeof ControlForm>;

/** How a control names the programs in its memory. */
export const ControlNames = z.strictObject({
  /**
   * `capitals` changes small letters; `eight-three` also cuts to eight characters and three; `program-number` is the number
   * that the program gives itself, `O4471`.
   */
  style: z.enum(['as-is', 'capitals', 'eight-three', 'program-number']),
  /** Put behind a program number: `.NC`. */
  extension: z
    .string()
    .regex(/^(\.[A-Za-z0-9]{1,8})?$/)
    .default(''),
  /** Characters, with the extension. */
  longest: z.int().min(5).max(limits.fileNameBytes),
});
export type ControlNames = z.infer<typeof ControlNames>;

/** Of a machine profile: what its control needs, program by program made a `ControlForm` and a name. */
export const ControlNeeds = z.strictObject({
  lineEnds: ControlForm.shape.lineEnds.default('as-is'),
  percent: ControlForm.shape.percent.default('as-is'),
  leader: ControlForm.shape.leader.default(0),
  /** `from-name`: a program that gives itself no number gets the one in its file name. */
  number: z.enum(['as-is', 'from-name']).default('as-is'),
  sequenceNumbers: ControlForm.shape.sequenceNumbers.default('as-is'),
  letters: ControlForm.shape.letters.default('as-is'),
  comments: ControlForm.shape.comments.default('as-is'),
  names: ControlNames.optional(),
});
export type ControlNeeds = z.infer<typeof ControlNeeds>;

/** What the form changes, each in a few words for people who approve it. */
export function formChanges(form: ControlForm): string[] {
  const { lineEnds, percent, leader, number, sequenceNumbers, letters, comments } = form;
  return [
    ...(lineEnds === 'as-is' ? [] : [`blocks end in ${lineEnds.toUpperCase().replaceAll('-', ' ')}`]),
    ...(percent === 'as-is' ? [] : ['% first and last']),
    ...(leader === 0 ? [] : [`a leader of ${leader} NUL bytes`]),
    ...(number === undefined ? [] : [`${number} is put before it`]),
    ...(sequenceNumbers === 'as-is' ? [] : ['without sequence numbers']),
    ...(letters === 'as-is' ? [] : ['in capitals']),
    ...(comments === 'as-is' ? [] : [comments === 'ascii' ? 'comments in ASCII' : 'without comments']),
  ];
}
