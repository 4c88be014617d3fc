import { z } from 'zod';
import { Digest } from '../../../domain/digest.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { FirstArticleDecision, FirstArticleDraft } from '../../../domain/first-article.ts';
import { DepositId, GroupId, MachineId, PackageId, PersonId, ReleaseId } from '../../../domain/ids.ts';
import { changeSizes, Manifest } from '../../../domain/manifest.ts';
import { assurances, PersonRole } from '../../../domain/people.ts';
import { Envelope } from '../../../domain/statements.ts';
import { deliveryStates, packageStates, releaseStates } from '../../../domain/states.ts';
import { PathWord, Text } from '../../../domain/text.ts';
import { SignedWaiver } from '../../../domain/waivers.ts';
import { RowsQuery } from './common.ts';

/** What a route still asks for; of several steps the lowest is open. */
export const Missing = z.strictObject({ step: z.int(), role: PersonRole, count: z.int() });

export const PackageSummary = z.strictObject({
  packageId: PackageId,
  state: z.enum(packageStates),
  part: z.string(),
  revision: z.string(),
  operation: z.string(),
  machineGroup: z.string(),
  author: z.string(),
  /** Classification banner, to stand over whatever is shown of it. */
  banner: z.string(),
  releaseId: ReleaseId.optional(),
  index: z.int(),
  time: z.string(),
});
export type PackageSummary = z.infer<typeof PackageSummary>;

export const PackageView = z.strictObject({
  ...PackageSummary.shape,
  depositId: DepositId,
  manifest: Manifest,
  manifestDigest: Digest,
  reason: z.string().optional(),
  /** The package that took the place of this one, and the one whose place this took: approvals do not pass over. */
  replacedBy: PackageId.optional(),
  replaces: PackageId.optional(),
  /** The approval route that holds for it now; an approval names its version. */
  route: z.strictObject({
    id: z.string(),
    version: Digest,
    /** Of the package beside the release in force; a route may depend on it. */
    change: z.enum(changeSizes),
    approvals: z.array(
      z.strictObject({
        step: z.int(),
        role: PersonRole,
        count: z.int(),
        assurance: z.array(z.enum(assurances)),
        meaning: z.string(),
      }),
    ),
    missing: z.array(Missing),
  }),
  /** What the change may mean for the first article, where it changes a released program. A draft: quality decides. */
  firstArticle: FirstArticleDraft.optional(),
  /** Findings that it was admitted with, by whose signature. */
  waivers: z.array(SignedWaiver),
  approvals: z.array(
    z.strictObject({
      index: z.int(),
      person: z.string(),
      role: z.string(),
      verdict: z.enum(['approve', 'refuse']),
      detail: z.string(),
      /** What it decides about the first article. */
      firstArticle: FirstArticleDecision.optional(),
      time: z.string(),
      /** Why it does not count, or no more. */
      notCounted: z.strictObject({ code: z.enum(errorCodes), message: z.string() }).optional(),
    }),
  ),
  deliveries: z.array(
    z.strictObject({
      deliveryId: z.string(),
      machineId: MachineId,
      file: z.string(),
      digest: Digest,
      state: z.enum(deliveryStates),
      bytes: z.int(),
      index: z.int(),
      time: z.string(),
    }),
  ),
});
export type PackageView = z.infer<typeof PackageView>;

/** A signed approval or refusal; the envelope's statement says which. */
export const SubmitApproval = z.strictObject({ envelope: Envelope });
export const ApprovalAnswer = z.strictObject({
  index: z.int(),
  decision: z.enum(['approve', 'refuse']),
  release: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('released'), releaseId: ReleaseId, index: z.int() }),
    z.strictObject({ state: z.literal('waiting-for-approvals'), missing: z.array(Missing) }),
    /** The route is complete; the release follows by itself when `code` no longer holds. */
    z.strictObject({ state: z.literal('waiting'), code: z.string(), detail: z.string() }),
    z.strictObject({ state: z.literal('refused') }),
  ]),
});
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

export const Withdraw = z.strictObject({ reason: Text });
export const Withdrawn = z.strictObject({ index: z.int(), withdrawn: z.string() });
export const Released = z.strictObject({ releaseId: ReleaseId, index: z.int() });

/** One row of a list or queue. */
export const PackageListed = z.strictObject({
  ...PackageSummary.shape,
  changeOrder: z.string(),
  due: z.string().optional(),
  replacedBy: PackageId.optional(),
  findings: z.strictObject({ hold: z.int(), warn: z.int(), note: z.int() }),
  /** While it waits: its route, what that still asks for, and in which roles the asker could approve it now. */
  waiting: z
    .strictObject({
      routeId: z.string(),
      change: z.enum(changeSizes),
      missing: z.array(Missing),
      yourRoles: z.array(PersonRole),
    })
    .optional(),
});
export type PackageListed = z.infer<typeof PackageListed>;

/** A place in a list: the day, where it is in order of days, and the ledger index of the last row. */
const Position = z.string().regex(/^([0-9]{4}(-[0-9]{2}-[0-9]{2})?\.)?(0|[1-9][0-9]{0,14})$/);

/**
 * `turn`: waits for the asker, or for somebody of a role. `order=due`: what is wanted first comes first, of what waits where no
 * state is said; otherwise the newest. `after` is the `next` of the page before.
 */
export const PackagesQuery = z.strictObject({
  ...RowsQuery.shape,
  state: z.enum(packageStates).optional(),
  turn: z.union([z.literal('me'), PersonRole]).optional(),
  part: PathWord.optional(),
  machineGroup: GroupId.optional(),
  author: PersonId.optional(),
  order: z.enum(['newest', 'due']).optional(),
  after: Position.optional(),
});
/** Only those that the asker may see. Where there may be more, `next` says behind what: a page may be short of its rows. */
export const PackageList = z.strictObject({ packages: z.array(PackageListed), next: Position.optional() });

export const ProgramsQuery = z.strictObject({
  ...RowsQuery.shape,
  /** How the part's name begins. */
  q: PathWord.optional(),
  after: z.string().max(200).optional(),
});
/** A job on the floor with what is in force for it and what waits; `next` is to be given back as `after`. */
export const ProgramList = z.strictObject({
  programs: z.array(
    z.strictObject({
      ...{ part: z.string(), operation: z.string(), machineGroup: z.string(), banner: z.string() },
      released: PackageSummary.optional(),
      open: z.array(PackageSummary),
    }),
  ),
  next: z.string().optional(),
});

export const EntryPosition = z.string().regex(/^(0|[1-9][0-9]{0,14})$/);
export const ReleasesQuery = z.strictObject({
  ...RowsQuery.shape,
  state: z.enum(releaseStates).optional(),
  part: PathWord.optional(),
  after: EntryPosition.optional(),
});
export const ReleaseListed = z.strictObject({
  ...{ releaseId: ReleaseId, packageId: PackageId, state: z.enum(releaseStates), reason: z.string().nullable() },
  ...{ part: z.string(), revision: z.string(), operation: z.string(), machineGroup: z.string(), banner: z.string() },
  ...{ index: z.int(), time: z.string() },
});
export const ReleaseList = z.strictObject({ releases: z.array(ReleaseListed), next: EntryPosition.optional() });
