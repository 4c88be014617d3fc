import type { Digest } from '../domain/digest.ts';
import type { Event } from '../domain/events.ts';
import type { EvidenceQuestion } from '../domain/evidence.ts';

/** One ledger entry of a pack. Without `disclosed` its leaf still proves that something of this type was recorded then. */
export type PackEntry = {
  index: number;
  time: string;
  type: string;
  leaf: Buffer;
  /** Inclusion in the tree of the pack's checkpoint, sibling of the leaf first. */
  proof: readonly Buffer[];
  disclosed: { body: Buffer; salt: Buffer; event: Event } | undefined;
  /** Why the body is not there. */
  withheld: string | undefined;
};

/** A file of a release, or a difference that somebody was shown, whose bytes go into the pack, out of the vault. */
export type PackArtefact = { path: string; digest: Digest; size: number };

/** A tree that somebody else holds a checkpoint of, and the proof that the pack's tree extends it (RFC 9162 2.1.4). */
export type OlderTree = { note: string; size: number; root: Buffer; proof: readonly Buffer[] };

/** A tree that a timestamping authority saw: its checkpoint's note, and the answer over those exact bytes (RFC 3161). */
export type StampedTree = OlderTree & { response: Buffer; genTimeMs: number };

/** Everything that a pack says. Its files, its report and its list of entries are made of this and nothing else. */
export type PackModel = {
  origin: string;
  question: EvidenceQuestion;
  redacted: boolean;
  /** A signed note with its cosignatures, and what it signs. */
  checkpoint: string;
  size: number;
  root: Buffer;
  older: OlderTree | undefined;
  /** The newest there is; the entries under it were there by its time. */
  stamped: StampedTree | undefined;
  /** By index. */
  entries: readonly PackEntry[];
  artefacts: readonly PackArtefact[];
  /** What the asker may know of and may not take away. */
  leftOut: readonly { what: string; why: string }[];
  /** Certificates and tokens, for information: verification keys come from outside the pack. */
  further: readonly { path: string; bytes: Buffer }[];
  /** IANA time zone of the plant. */
  timeZone: string;
};

/** A file of the pack: bytes that are here, or a blob of the vault. */
export type PackFile = { path: string; digest: Digest; size: number } & ({ bytes: Buffer } | { blob: Digest });
