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
