import { z } from 'zod';
import { ProvenEvent } from '../../../signing/proven-event.ts';

export const LedgerStatus = z.strictObject({
  origin: z.string(),
  size: z.int(),
  /** Base64 of the 32-byte root over `size` entries. */
  root: z.string(),
  /** Whether it takes entries: without them nothing is released or delivered. */
  writable: z.boolean(),
  checkpoint: z.strictObject({ size: z.int(), note: z.string() }).optional(),
  /** Base64: that the checkpoint extends the first `since` entries (RFC 6962 2.1.2). Absent where it has fewer. */
  growth: z.array(z.string()).optional(),
  /** Absent where no witness is configured. */
  witnessed: z
    .strictObject({
      quorum: z.int(),
      of: z.int(),
      /** Of the witnesses (C2SP), to check the cosignatures with. */
      vkeys: z.array(z.string()),
      /** Of the newest witnessed checkpoint; 0 before the first. */
      size: z.int(),
      at: z.string().optional(),
      ageSeconds: z.int().optional(),
      /** Whether the newest checkpoint has its quorum. */
      reached: z.boolean(),
    })
    .optional(),
  /** Absent where no timestamping authority is configured. */
  stamped: z
    .strictObject({
      /** Of the newest checkpoint with a timestamp; 0 before the first. */
      size: z.int(),
      at: z.string().optional(),
      ageSeconds: z.int().optional(),
      /** Why the last attempt gave none. */
      failing: z.string().optional(),
    })
    .optional(),
});
export type LedgerStatus = z.infer<typeof LedgerStatus>;

/** `since`: the entries of a checkpoint that the asker saw before. */
export const LedgerStateQuery = z.strictObject({
  since: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/, 'must be decimal digits')
    .optional(),
});

/** One entry with all it takes to check it, and the checkpoint that its proof leads to. */
export const EntryView = z.strictObject({
  index: z.int(),
  time: z.string(),
  type: z.string(),
  /** Absent, with body and salt, where it is about a package that the asker may not see. */
  event: z.unknown().optional(),
  proven: ProvenEvent.partial({ body: true, salt: true }),
  checkpoint: z.string(),
});
export type EntryView = z.infer<typeof EntryView>;

/** What follows `tile/` in a C2SP tlog-tiles path: level or `entries`, number in groups of three digits, partial width. */
export const TilePath = z
  .string()
  .regex(/^(entries|[0-9]{1,2})\/(x[0-9]{3}\/)*[0-9]{3}(\.p\/[0-9]{1,3})?$/, 'is no tile');

export const Rebuilt = z.strictObject({
  entries: z.int(),
  /** Tables whose content differed from a fresh fold before the rebuild. */
  differing: z.array(z.string()),
});

/** `file`: the RFC 8785 JSON of the signed trust file, with its vkeys; `index` is the entry by which it came into force. */
export const TrustView = z.strictObject({
  version: z.int(),
  index: z.int(),
  digest: z.string(),
  file: z.string(),
});
export type TrustView = z.infer<typeof TrustView>;
