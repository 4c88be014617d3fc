import { z } from 'zod';
import { ControlNeeds } from '../../domain/control-form.ts';
import { GroupId } from '../../domain/ids.ts';
import { Dialect } from '../../domain/nc.ts';
import { PersonRole } from '../../domain/people.ts';
import { ShortText } from '../../domain/text.ts';

const Range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, 'is a range from high to low');
const WholeRange = z
  .tuple([z.int().min(0), z.int().min(0)])
  .refine(([low, high]) => low <= high, 'is a range from high to low');
const Unit = z.enum(['inch', 'millimetre']);

/** What a rule does on this machine. `off` is for what the machine needs every day; rules that protect the reading have no such choice. */
export const RuleChoice = z.discriminatedUnion('verdict', [
  /** `waivedBy`: who may sign that one such finding may stand after all. */
  z.strictObject({ verdict: z.literal('block'), waivedBy: PersonRole.optional() }),
  z.strictObject({ verdict: z.literal('hold'), role: PersonRole }),
  z.strictObject({ verdict: z.literal('warn') }),
  z.strictObject({ verdict: z.literal('off') }),
]);
export type RuleChoice = z.infer<typeof RuleChoice>;

/** What this control is known to change in a program that passed through it. Only these are ignored in readback. */
export const rewrites = [
  /** Bytes before the first `%` and behind the last. */
  'leader',
  /** LF, CR LF, LF CR CR. */
  'block-ends',
  /** `x1.` comes back as `X1.`, outside of comments. */
  'case',
  /** Blanks between words, outside of comments. */
  'spacing',
  /** N-words are added, dropped or counted anew. Never where the program jumps to one. */
  'sequence-numbers',
  /** Comments are dropped. */
  'comments',
] as const;

/** `config/machines/NAME.yaml`: what one kind of machine reads, can do and is allowed. */
export const MachineProfile = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'must be lower-case letters, digits and hyphens'),
  /** Machine groups that it stands for. A group has one profile at most. */
  groups: z.array(GroupId).min(1).max(64),
  control: ShortText,
  dialect: Dialect,
  /** Where controls of one dialect differ. */
  flavour: z.enum(['fanuc', 'haas', 'hurco', 'mazak', 'okuma', 'siemens', 'heidenhain', 'linuxcnc']),
  kind: z.enum(['mill', 'lathe', 'mill-turn']),
  /** The unit of lengths and feeds in this file. */
  unit: Unit,
  /** What a program that states no unit runs in. */
  unitAtStart: Unit,
  /** What `X100` without a point is: 100 units, or 100 of the smallest steps. */
  withoutPoint: z.enum(['units', 'smallest-step']).default('units'),
  smallestStep: z.number().positive().max(1).default(0.001),
  /** Machine travel by axis, in machine coordinates. A program may not span more, and what it says in G53 lies within. */
  travel: z.partialRecord(z.enum(['X', 'Y', 'Z', 'A', 'B', 'C', 'U', 'V', 'W']), Range).default({}),
  /** rpm. */
  spindle: z.strictObject({ highest: z.number().positive() }).optional(),
  feed: z
    .strictObject({ highestPerMinute: z.number().positive(), highestPerRevolution: z.number().positive().optional() })
    .optional(),
  rapid: z.strictObject({ perMinute: z.number().positive() }).optional(),
  toolChangeSeconds: z.number().min(0).max(600).optional(),
  tools: z
    .strictObject({
      /** Tool numbers that exist. */
      numbers: z.array(WholeRange).max(64).default([]),
      names: z.array(ShortText).max(500).default([]),
      /** Length and radius offsets (H and D) that exist. */
      offsets: z.array(WholeRange).max(64).default([]),
      /** Shops that give tool and offset one number want H and D to be the tool's. */
      offsetIsTool: z.boolean().default(false),
    })
    .optional(),
  /** Programs in the control's memory that packages may call: numbers, ranges and names (case is ignored). */
  resident: z
    .strictObject({
      numbers: z.array(WholeRange).max(200).default([]),
      names: z.array(ShortText).max(200).default([]),
    })
    .prefault({}),
  encoding: z
    .strictObject({
      /** What comments may hold; code is ASCII everywhere. */
      comments: z.enum(['ascii', 'latin1', 'utf-8']).default('ascii'),
      lineEnds: z
        .array(z.enum(['lf', 'crlf', 'cr']))
        .min(1)
        .default(['lf', 'crlf']),
      longestLine: z.int().min(40).max(65_536).default(256),
      tabs: z.boolean().default(false),
      /** Lower-case letters outside of comments. */
      lowerCase: z.boolean().default(true),
    })
    .prefault({}),
  names: z
    .strictObject({
      /** O-numbers that the control takes, where it has them. */
      numbers: z.array(WholeRange).max(16).default([]),
      /** Of a file, with its extension. */
      longest: z.int().min(1).max(200).optional(),
      extensions: z
        .array(z.string().regex(/^\.[A-Za-z0-9]{1,8}$/))
        .max(16)
        .default([]),
    })
    .prefault({}),
  /** Variables that programs may write without being asked, beside the dialect's own common ones: numbers or names. */
  writableVariables: z
    .strictObject({ numbers: z.array(WholeRange).max(100).default([]), names: z.array(ShortText).max(200).default([]) })
    .prefault({}),
  readback: z.strictObject({ rewrites: z.array(z.enum(rewrites)).default([]) }).prefault({}),
  /** What must be changed on the way to the control: declared in the manifest with the digests of both forms. */
  delivery: ControlNeeds.prefault({}),
  rules: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,60}$/), RuleChoice).default({}),
});
export type MachineProfile = z.infer<typeof MachineProfile>;
