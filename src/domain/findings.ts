import { z } from 'zod';
import { Text } from './text.ts';

/** One thing that inspection saw. `block` keeps a deposit in quarantine, `warn` is shown to approvers. */
export const Finding = z.strictObject({
  rule: z.string().regex(/^[a-z][a-z0-9-]{0,60}$/),
  severity: z.enum(['block', 'warn', 'note']),
  file: z.string().max(200),
  /** 1-based; absent where the finding is about the whole file. */
  line: z.int().min(1).optional(),
  message: Text,
});
export type Finding = z.infer<typeof Finding>;

/** What a program says about itself. Claims of the text, never trusted for classification or identity. */
export const ProgramFacts = z.strictObject({
  file: z.string().max(200),
  dialect: z.enum(['iso', 'unrecognised']),
  /** As written, such as `O4471`. */
  programNumber: z.string().max(40).optional(),
  programName: z.string().max(120).optional(),
  lines: z.int().min(0),
  tools: z.array(z.int().min(0)).max(300),
  calls: z.array(z.string().max(40)).max(300),
  units: z.enum(['inch', 'millimetre', 'mixed', 'unstated']),
});
export type ProgramFacts = z.infer<typeof ProgramFacts>;
