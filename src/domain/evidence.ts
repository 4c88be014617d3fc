import { z } from 'zod';
import { DeliveryId, type PackageId, ReleaseId } from './ids.ts';
import { Serial } from './runs.ts';
import { PathWord } from './text.ts';

const time = z.iso.datetime({ precision: 3 });

/** What an investigator starts from: one thing that stands on a part, in a traveller or in a log, or a span of time. */
export const EvidenceQuestion = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('serial'), serial: Serial }),
  z.strictObject({ by: z.literal('part'), part: PathWord }),
  z.strictObject({ by: z.literal('release'), releaseId: ReleaseId }),
  z.strictObject({ by: z.literal('transfer'), deliveryId: DeliveryId }),
  z.strictObject({ by: z.literal('time'), from: time, to: time }),
]);
export type EvidenceQuestion = z.infer<typeof EvidenceQuestion>;

/** The question as a sentence's end: `serial 0417`. */
export function questionText(question: EvidenceQuestion): string {
  switch (question.by) {
    case 'serial':
      return `serial ${question.serial}`;
    case 'part':
      return `part ${question.part}`;
    case 'release':
      return `release ${question.releaseId}`;
    case 'transfer':
      return `transfer ${question.deliveryId}`;
    case 'time':
      return `the time from ${question.from} to ${question.to}`;
  }
}

/** What a question leads to: releases, and with them the packages and everything that happened to both. */
export type EvidenceScope = { releaseIds: readonly ReleaseId[]; packageIds: readonly PackageId[] };
