import { z } from 'zod';
import { Digest } from '../domain/digest.ts';
import { limits } from '../domain/limits.ts';
import { Envelope, ReleaseStatement } from '../domain/statements.ts';
import { FileName } from '../domain/text.ts';
import { procedure } from '../platform/rpc.ts';
import { ProvenEvent } from './proven-event.ts';
import { KeyPlaces } from './signer-keys.ts';

const Hash = z.base64().length(44);
export const TreeHead = z.strictObject({ size: z.int().min(0), root: Hash });
export type TreeHead = z.infer<typeof TreeHead>;

/** What the signer is told once, at its start. It reads its keys itself. */
export const SignerSettings = z.strictObject({
  keys: KeyPlaces,
  stateFile: z.string(),
  trustFile: z.string(),
  /** The root that the gateway goes by; another one in the file is refused. */
  trust: Digest,
  routesFile: z.string(),
});
export type SignerSettings = z.infer<typeof SignerSettings>;

export const ReleaseRequest = z.strictObject({
  statement: ReleaseStatement,
  /** A checkpoint that the signer signed and that covers all of the evidence. */
  checkpoint: z.string().max(10_000),
  submitted: ProvenEvent,
  approvals: z.array(ProvenEvent).min(1).max(16),
  /** `finding.waived` of each waiver in the manifest, in its order. */
  waivers: z.array(ProvenEvent).max(limits.waiversPerPackage).optional(),
  people: z.array(ProvenEvent).min(1).max(limits.peopleEntriesPerRelease),
  previous: z.strictObject({ issued: ProvenEvent, submitted: ProvenEvent }).optional(),
  /** Where the signer finds each file of the manifest, in its order; it hashes the bytes itself. */
  artefacts: z.array(z.string().max(500)).min(1).max(limits.filesPerPackage),
});
export type ReleaseRequest = z.infer<typeof ReleaseRequest>;

/** The next leaves, each as its text, with the bodies of those about people (see followed-ledger.ts). */
export const FollowedPart = z.strictObject({
  from: z.int().min(0),
  leaves: z.array(z.string().max(300)).min(1).max(limits.signerFeedLeaves),
  bodies: z.array(ProvenEvent.pick({ index: true, body: true, salt: true })).max(limits.signerFeedBodies),
});
export type FollowedPart = z.infer<typeof FollowedPart>;

export const SignedRelease = z.strictObject({
  envelope: Envelope,
  /** Detached CMS for each file, in the manifest's order. */
  signatures: z.array(z.strictObject({ name: FileName, digest: Digest, cms: z.base64() })),
});
export type SignedRelease = z.infer<typeof SignedRelease>;

/** All that the signer answers, `token-unavailable` where its key is away. There is no procedure that takes a bare digest. */
export const signerProcedures = {
  configure: procedure(SignerSettings, z.strictObject({ isolated: z.boolean() })),
  ping: procedure(z.strictObject({}), z.strictObject({})),
  /** The last tree head that it signed. */
  lastSigned: procedure(z.strictObject({}), TreeHead),
  /**
   * Signs a checkpoint that provably extends the last one: `proof` is a consistency proof from `from` to `size`.
   * `conflict` when `from` is not what it signed last, `ledger-inconsistent` when the proof fails.
   */
  signCheckpoint: procedure(
    z.strictObject({ ...TreeHead.shape, from: z.int().min(0), proof: z.array(Hash).max(130) }),
    z.strictObject({ note: z.string().max(2_000) }),
  ),
  /** Begins to show it the ledger up to the last head that it signed: leaves `from` to `to`. */
  followLedger: procedure(z.strictObject({}), z.strictObject({ from: z.int(), to: z.int() })),
  /** `not-verified` for what is no leaf, lacks a body about a person, or does not make the tree that it signed. */
  takeLeaves: procedure(FollowedPart, z.strictObject({})),
  signRelease: procedure(ReleaseRequest, SignedRelease),
};
