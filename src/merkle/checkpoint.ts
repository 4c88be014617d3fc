import { decodeBase64, parseDecimal, requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import { type Hash, hashBytes } from './hashes.ts';
import { type NoteVerifier, parseNote, verifyNote } from './note.ts';

/** C2SP tlog-checkpoint v1 without extension lines: the log's name, its number of leaves and the root over them. */
export type Checkpoint = { origin: string; size: number; root: Hash };

/** The note text, which ends in a newline. Throws `malformed`. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || /[\0-\x1f]/.test(origin) || !origin.isWellFormed()) {
    throw new MerkleError('malformed', 'an origin is one line of text');
  }
  requireCount(size, 'tree size');
  if (root.length !== hashBytes) throw new MerkleError('malformed', `a root is 32 bytes, not ${root.length}`);
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** Reads the text of a note that was verified. Extension lines are refused: no monitor can audit them. Throws `malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...more] = text.split('\n');
  if (origin === undefined || size === undefined || root === undefined || end !== '' || more.length > 0) {
    throw new MerkleError('malformed', 'a checkpoint is three lines: origin, tree size and root');
  }
  const checkpoint = { origin, size: parseDecimal(size, 'tree size'), root: decodeBase64(root, 'the root') };
  if (formatCheckpoint(checkpoint) !== text)
    throw new MerkleError('malformed', 'the checkpoint is not in canonical form');
  return checkpoint;
}

/**
 * The checkpoint of this origin in a note that at least `required` (1 or more) of these verifiers signed. `verifiers` are
 * the log's own keys; witnesses are counted by `verifyCosignatures`. Throws `malformed`, `bad-signature` (also for a
 * checkpoint of another origin, which is no signature for this one) or `missing`.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  trust: { origin: string; verifiers: readonly NoteVerifier[]; required: number },
): Checkpoint {
  if (!Number.isInteger(trust.required) || trust.required < 1) {
    throw new MerkleError('malformed', 'a checkpoint needs at least one signature');
  }
  const parsed = parseNote(note);
  verifyNote(parsed, trust.verifiers, trust.required);
  const checkpoint = parseCheckpoint(parsed.text);
  if (checkpoint.origin !== trust.origin) {
    throw new MerkleError('bad-signature', `the checkpoint is of ${checkpoint.origin}, not of ${trust.origin}`);
  }
  return checkpoint;
}

/** The keys of a log: those that sign now, every one of them, and each set that signed before. */
export type LogKeys = {
  origin: string;
  ledgerVerifiers: readonly NoteVerifier[];
  earlierLedgerKeys?: readonly EarlierKeys[];
};
/** `endedMs`: what such keys signed over an entry of that time or later is not the log's word. */
export type EarlierKeys = { verifiers: readonly NoteVerifier[]; endedMs: number };

/**
 * The checkpoint in a note that one set of the log's keys signed, each of them: the newest, or one of an earlier time.
 * Where the caller can look at the entries, `lastEntryMs` says when the last of `size` entries was written: a checkpoint
 * over it is younger, and keys that had ended by then are in other hands or should be gone. A log that was
 * made up from its first entry on only witnesses, anchors and timestamps can tell. Throws as `openCheckpoint`.
 */
export function openLogCheckpoint(
  note: string | Uint8Array,
  log: LogKeys,
  lastEntryMs: (size: number) => number | undefined = () => undefined,
): Checkpoint {
  const { verifiers, endedMs } = keysBehind(note, log);
  const checkpoint = openCheckpoint(note, { origin: log.origin, verifiers, required: verifiers.length });
  const lastMs = endedMs === Number.POSITIVE_INFINITY ? undefined : lastEntryMs(checkpoint.size);
  if (lastMs === undefined || lastMs < endedMs) return checkpoint;
  throw new MerkleError('bad-signature', `it is signed by keys that ended on ${new Date(endedMs).toISOString()}`);
}

/** The set of the log's keys that this note claims to be signed by; the newest where it names none of them. */
export function keysBehind(
  note: string | Uint8Array,
  { ledgerVerifiers, earlierLedgerKeys = [] }: LogKeys,
): EarlierKeys {
  const { signatures } = parseNote(note);
  const isNamed = ({ verifiers }: EarlierKeys) =>
    signatures.some(({ name, keyId }) => verifiers.some((key) => key.name === name && key.keyId.equals(keyId)));
  const newest = { verifiers: ledgerVerifiers, endedMs: Number.POSITIVE_INFINITY };
  return [newest, ...earlierLedgerKeys].find(isNamed) ?? newest;
}
