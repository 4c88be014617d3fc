import { z } from 'zod';
import { MachineId, MediaId, ReleaseId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { MediaFile, mediaReturnedFields, Oddity, StickNumber } from '../../../domain/media.ts';
import { ReadbackVerdict } from '../../../domain/returns.ts';
import { FileName, Text } from '../../../domain/text.ts';

export const oneMedia = z.strictObject({ mediaId: MediaId });
export const fileOfMedia = z.strictObject({ mediaId: MediaId, name: FileName });

export const IssueMedia = z.strictObject({
  machineId: MachineId,
  number: StickNumber,
  days: z.int().min(1).max(limits.mediaMaxDays),
});
export const MediaView = z.strictObject({
  mediaId: MediaId,
  number: StickNumber,
  machineId: MachineId,
  expires: z.string(),
  files: z.array(MediaFile),
  index: z.int().min(0),
  since: z.string(),
});
export type MediaView = z.infer<typeof MediaView>;
export const MediaIssued = MediaView.extend({
  /** Releases for this machine that the stick does not carry, as far as whoever issues it may see them. */
  leftOut: z
    .array(
      z.strictObject({
        releaseId: ReleaseId,
        part: z.string(),
        revision: z.string(),
        operation: z.string(),
        why: z.string(),
      }),
    )
    .max(limits.filesPerMedia),
});
export const MediaList = z.strictObject({ media: z.array(MediaView) });

/** What stands on the stick, and which machine it comes from. */
export const BeginReturn = z.strictObject({ number: StickNumber, machineId: MachineId, late: Text.optional() });
export const Begun = z.strictObject({ mediaId: MediaId });
export const MediaProgram = z.strictObject({ name: FileName, verdict: ReadbackVerdict });
export const EndReturn = z.strictObject({ odd: z.array(Oddity).max(limits.filesPerMedia) });
const { decision: _decision, ...returned } = mediaReturnedFields;
export const MediaReturned = z.strictObject(returned);
export type MediaReturned = z.infer<typeof MediaReturned>;
