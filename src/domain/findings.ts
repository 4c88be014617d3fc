import { z } from 'zod';
import { dialects } from './nc.ts';
import { PersonRole } from './people.ts';
import { Text } from './text.ts';

/** Grave first. */
export const severities = ['block', 'hold', 'warn', 'note'] as const;
export type Severity = (typeof severities)[number];

/** What inspection looks at, as a person asks: each rule belongs to one of them. */
export const checkNames = ['text', 'dialect', 'frame', 'subprograms', 'flow', 'offsets', 'tools', 'envelope'] as const;
export type CheckName = (typeof checkNames)[number];

/**
 * One thing that inspection saw. `block` keeps a deposit in quarantine; `hold` is for a person of `role` to acknowledge;
 * `warn` is shown to approvers.
 */
export const Finding = z.strictObject({
  rule: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  severity: z.enum(severities),
  /** Who acknowledges a hold. */
  role: PersonRole.optional(),
  file: z.string().max(200),
  /** 1-based; absent where the finding is about the whole file. */
  line: z.int().min(1).optional(),
  message: Text,
  /** This finding stands for so many further lines that are not named. */
  more: z.int().min(1).optional(),
});
export type Finding = z.infer<typeof Finding>;

const Words = z.array(z.string().min(1).max(120)).max(300);
const Span = z.strictObject({ lowest: z.number(), highest: z.number() });

/** What else a program says about itself. Lists are cut so that the facts of a package fit into one event. */
export const ProgramDetails = z.strictObject({
  /** Why the dialect was taken for what it is. */
  dialectBecause: Words,
  /** Other programs that stand in the file, `O4472`. */
  programs: Words,
  /** Comments of a whole line before the first motion. */
  comments: Words,
  tools: z
    .array(
      z.strictObject({
        /** `5` or `MILL_D10`. */
        tool: z.string().min(1).max(120),
        line: z.int().min(1),
        description: z.string().min(1).max(120).optional(),
        /** Length and radius offsets that are called while it is in: `H5`, `D5`. */
        offsets: z.array(z.string().max(20)).max(12),
      }),
    )
    .max(300),
  /** `G54`, `G54.1 P5`, `H1`, `preset 1`. */
  workOffsets: Words,
  /** As programmed, in rpm. */
  spindle: Span.optional(),
  /** As programmed, per minute in the program's unit. */
  feed: Span.optional(),
  /** `absolute`, `incremental`, `per-revolution` … */
  modes: Words,
  cycles: Words,
  variablesRead: Words,
  variablesWritten: Words,
  /** Written end points by axis, in the program's unit and its own coordinates: no cycles, offsets or loops. */
  envelope: z
    .array(z.strictObject({ axis: z.string().regex(/^[A-Z]$/), lowest: z.number(), highest: z.number() }))
    .max(9),
  /** What running it without a machine gives. Lengths in millimetres; `complete` where it ran to its end. */
  estimate: z
    .strictObject({
      seconds: z.number().min(0),
      complete: z.boolean(),
      /** Moves whose time is not known and is in no sum. */
      untimed: z.int().min(0),
      tools: z
        .array(
          z.strictObject({
            tool: z.string().max(120),
            seconds: z.number().min(0),
            feed: z.number().min(0),
            rapid: z.number().min(0),
          }),
        )
        .max(300),
    })
    .optional(),
  /** Lists that were cut. */
  cut: z.boolean(),
});
export type ProgramDetails = z.infer<typeof ProgramDetails>;

/** What a program says about itself. Claims of the text, never trusted for classification or identity. */
export const ProgramFacts = z.strictObject({
  file: z.string().max(200),
  dialect: z.enum([...dialects, 'unrecognised']),
  /** As written, such as `O4471`. */
  programNumber: z.string().max(40).optional(),
  programName: z.string().max(120).optional(),
  lines: z.int().min(0),
  tools: z.array(z.int().min(0)).max(300),
  calls: z.array(z.string().max(40)).max(300),
  units: z.enum(['inch', 'millimetre', 'mixed', 'unstated']),
  /** Not there in what was inspected before, nor where the dialect is unrecognised. */
  details: ProgramDetails.optional(),
});
export type ProgramFacts = z.infer<typeof ProgramFacts>;
