import { z } from 'zod';
import { Decision } from './decisions.ts';
import { Digest } from './digest.ts';
import { MachineId, MediaId, ReleaseId } from './ids.ts';
import { limits } from './limits.ts';
import type { Manifest } from './manifest.ts';
import { ReadbackVerdict } from './returns.ts';
import { FileName, PathWord, ShortText, Text } from './text.ts';

/** What is written on the stick itself, so that people can tell one from another. */
export const StickNumber = PathWord;

/** One program on a stick, named and formed as its control needs it. */
export const MediaFile = z.strictObject({ name: FileName, releaseId: ReleaseId, digest: Digest, size: z.int().min(0) });
export type MediaFile = z.infer<typeof MediaFile>;

/** A release for the machine that a stick does not carry whole; `why` is for the person who has it written. */
export type LeftOut = Pick<Manifest, 'part' | 'revision' | 'operation'> & { releaseId: ReleaseId; why: string };

const about = { mediaId: MediaId, number: StickNumber, machineId: MachineId };

export const mediaIssuedFields = {
  ...about,
  /** Not to be used any more after this moment. */
  expires: z.iso.datetime({ precision: 3 }),
  files: z.array(MediaFile).min(1).max(limits.filesPerMedia),
  /** About the first of its programs; each delivery has its own. */
  decision: Decision,
};

/** What a stick may hold that is no program: it is named, and nothing of it is opened. */
export const oddities = [
  'link',
  'folder',
  'starts-by-itself',
  'hidden',
  'too-large',
  'empty',
  'name',
  'no-file',
] as const;
export const Oddity = z.strictObject({ name: ShortText, what: z.enum(oddities) });
export type Oddity = z.infer<typeof Oddity>;

export const mediaReturnedFields = {
  ...about,
  /** Every program that was on it; `unmatched`: never delivered to this machine. */
  programs: z.array(z.strictObject({ name: FileName, verdict: ReadbackVerdict })).max(limits.filesPerMedia),
  /** What it was issued with and does not hold any more. */
  missing: z.array(FileName).max(limits.filesPerMedia),
  odd: z.array(Oddity).max(limits.filesPerMedia),
  /** Why it came back after it had expired. */
  late: Text.optional(),
  decision: Decision,
};

/** The folder of a stick that is ours, and in it the entry of the ledger that says what the stick is, with its proof. */
export const stickFolder = 'KEYWAY';
export const stickManifest = 'manifest.json';
export const StickManifest = z.strictObject({
  v: z.literal(1),
  /** The body of `media.issued`, its salt and its leaf, in base64. */
  body: z.base64().max(100_000),
  salt: z.base64().max(100),
  leaf: z.base64().max(4_000),
  /** c2sp.org/tlog-proof@v1. */
  proof: z.string().max(20_000),
});
export type StickManifest = z.infer<typeof StickManifest>;
