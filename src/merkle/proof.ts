import { type Checkpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { decodeBase64, decodeText, parseDecimal, requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import { type Hash, hashBytes } from './hashes.ts';
import { type NoteVerifier, parseNote } from './note.ts';
import { verifyInclusion } from './tree.ts';

/**
 * C2SP tlog-proof v1: leaf `index`, its audit path (sibling of the leaf first) and the signed checkpoint, verbatim.
 * `extra` is for the application and covered by nothing.
 */
export type TlogProof = { index: number; hashes: readonly Hash[]; checkpoint: string; extra?: Buffer };

const header = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^53 leaves has paths of 53 hashes. */
const maxHashes = 53;
const maxProofBytes = 2_000_000;

/** The content of a `.tlog-proof` file. Throws `malformed`. */
export function formatProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  requireCount(index, 'leaf index');
  if (hashes.length > maxHashes || hashes.some((hash) => hash.length !== hashBytes)) {
    throw new MerkleError('malformed', `a proof is at most ${maxHashes} hashes of 32 bytes`);
  }
  if (extra?.length === 0) throw new MerkleError('malformed', 'empty extra data is left out');
  const tree = parseCheckpoint(parseNote(checkpoint).text);
  if (index >= tree.size) throw new MerkleError('malformed', `leaf ${index} is not in a tree of ${tree.size}`);
  const lines = [
    header,
    ...(extra ? [`extra ${extra.toString('base64')}`] : []),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  return decodeText(`${lines.join('\n')}\n\n${checkpoint}`, maxProofBytes, 'the proof');
}

/** Reads a proof and checks its form; what it claims is checked by `openProof`. Throws `malformed`. */
export function parseProof(input: string | Uint8Array): TlogProof {
  const text = decodeText(input, maxProofBytes, 'the proof');
  // The first one: proof lines are never empty, and the checkpoint has a blank line of its own.
  const blank = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(blank, 0)).split('\n');
  if (first !== header) throw new MerkleError('malformed', `a proof begins with ${header}`);
  const extra = lines[0]?.startsWith('extra ')
    ? decodeBase64((lines.shift() ?? '').slice(6), 'the extra data')
    : undefined;
  const indexLine = lines.shift();
  if (!indexLine?.startsWith('index ')) throw new MerkleError('malformed', 'the proof has no index line');
  const proof: TlogProof = {
    index: parseDecimal(indexLine.slice(6), 'leaf index'),
    hashes: lines.map((line) => decodeBase64(line, 'a hash of the proof')),
    checkpoint: text.slice(blank + 2),
    ...(extra ? { extra } : {}),
  };
  if (formatProof(proof) !== text) throw new MerkleError('malformed', 'the proof is not in canonical form');
  return proof;
}

/**
 * The index and checkpoint under which a proof file shows this leaf to be in the log. Throws `malformed`,
 * `bad-signature`, `missing` or `bad-inclusion`.
 */
export function openProof(
  input: string | Uint8Array,
  trust: { leafHash: Hash; origin: string; verifiers: readonly NoteVerifier[]; required: number },
): { index: number; checkpoint: Checkpoint } {
  const { index, hashes, checkpoint: note } = parseProof(input);
  const checkpoint = openCheckpoint(note, trust);
  const { size, root } = checkpoint;
  if (!verifyInclusion({ leafHash: trust.leafHash, index, size, proof: hashes, root })) {
    throw new MerkleError(
      'bad-inclusion',
      `the proof does not lead from entry ${index} to the root over ${size} entries`,
    );
  }
  return { index, checkpoint };
}
