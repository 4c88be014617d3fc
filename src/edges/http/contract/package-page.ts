import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { checkNames, Finding, ProgramFacts, severities } from '../../../domain/findings.ts';
import { DepositId, PackageId, PersonId, ReleaseId } from '../../../domain/ids.ts';
import { PersonRole } from '../../../domain/people.ts';
import { packageStates, releaseStates } from '../../../domain/states.ts';
import { FileName } from '../../../domain/text.ts';
import { Missing, PackageView } from './packages.ts';

/** One row of a story; `index` is the ledger entry that it stands for. */
export const TimelineEntry = z.strictObject({
  index: z.int(),
  time: z.string(),
  type: z.string(),
  who: z.string(),
  sentence: z.string(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** What the asker may do with the package, or the sentence that stands under the button that is off. */
export const Act = z.discriminatedUnion('allowed', [
  z.strictObject({
    act: z.enum(['approve', 'refuse', 'withdraw', 'download', 'compare']),
    allowed: z.literal(true),
    role: PersonRole.optional(),
    /** What a signature in this role means. */
    meaning: z.string().optional(),
    /** It has to say which first article is needed. */
    decidesFirstArticle: z.boolean().optional(),
  }),
  z.strictObject({
    act: z.enum(['approve', 'refuse', 'withdraw', 'download', 'compare']),
    allowed: z.literal(false),
    role: PersonRole.optional(),
    code: z.enum(errorCodes),
    why: z.string(),
  }),
]);
export type Act = z.infer<typeof Act>;

/** What inspection looked at, each with the gravest that it found; `passed` where it found nothing. */
export const Check = z.strictObject({
  check: z.enum(checkNames),
  state: z.enum([...severities, 'passed']),
  findings: z.int().min(0),
});

/** Everything that the page of one package shows. */
export const PackagePage = z.strictObject({
  ...PackageView.shape,
  /** Whether export rules or CUI ask for more than care. */
  controlled: z.boolean(),
  deposit: z.strictObject({
    depositId: DepositId,
    door: z.string(),
    name: z.string(),
    facts: z.array(ProgramFacts),
    findings: z.array(Finding),
    moreFindings: z.int(),
    waived: z.array(z.strictObject({ finding: Finding, entry: z.int() })),
  }),
  checks: z.array(Check),
  /** What `made` of a file of the manifest changes, in a few words each; none where no byte is. */
  forms: z.array(z.strictObject({ name: FileName, changes: z.array(z.string()) })),
  acts: z.array(Act),
  /** What is missing, and who could give it. */
  missing: z.array(z.strictObject({ ...Missing.shape, open: z.boolean(), people: z.array(PersonId) })),
  /** What it is compared with: the release in force for the job, or the one that this package's release superseded. */
  previous: z
    .strictObject({ packageId: PackageId, releaseId: ReleaseId, revision: z.string(), state: z.enum(releaseStates) })
    .optional(),
  release: z
    .strictObject({
      releaseId: ReleaseId,
      state: z.enum(releaseStates),
      reason: z.string().optional(),
      index: z.int(),
      time: z.string(),
    })
    .optional(),
  /** The oldest first; where there is more of it, the newest. */
  timeline: z.array(TimelineEntry),
});
export type PackagePage = z.infer<typeof PackagePage>;

/** What a package is compared with, file by file. */
export const AgainstView = z.strictObject({
  packageId: PackageId,
  releaseId: ReleaseId.optional(),
  revision: z.string(),
  state: z.enum(packageStates),
  files: z.array(
    z.strictObject({
      name: z.string(),
      role: z.string(),
      before: z.strictObject({ digest: Digest, size: z.int() }).optional(),
      after: z.strictObject({ digest: Digest, size: z.int() }).optional(),
    }),
  ),
});
export type AgainstView = z.infer<typeof AgainstView>;

export const AgainstQuery = z.strictObject({ against: z.union([PackageId, ReleaseId]).optional() });
export const ToolpathQuery = z.strictObject({ ...AgainstQuery.shape, of: z.enum(['before', 'after']).optional() });
export const FileQuery = z.strictObject({ for: z.enum(['view']).optional() });
