import { hash } from 'node:crypto';
import { decodeBase64, decodeText, parseDecimal, requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import { type Hash, hashBytes } from './hashes.ts';
import { formatNote, type NoteSignature, parseNote, parseSignatureLine } from './note.ts';

/**
 * C2SP tlog-witness v1, the body of `POST <prefix>/add-checkpoint`: the size of the tree that the witness cosigned last,
 * the proof that the checkpoint's tree extends it, and the checkpoint with the log's signatures, verbatim.
 */
export type AddCheckpoint = { oldSize: number; proof: readonly Hash[]; checkpoint: string };

/** The specification's own bound: no tree has a longer path. */
const maxProofLines = 63;
const maxRequestBytes = 16 * 1024;

/** The media type of the answer 409: the size of the witness' newest checkpoint, in decimal, and a newline. */
export const treeSizeType = 'text/x.tlog.size';

/** Throws `malformed`. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  requireCount(oldSize, 'old size');
  if (proof.length > maxProofLines || proof.some((each) => each.length !== hashBytes)) {
    throw new MerkleError('malformed', `a proof is at most ${maxProofLines} hashes of 32 bytes`);
  }
  if (oldSize === 0 && proof.length > 0) throw new MerkleError('malformed', 'nothing proves the empty tree');
  parseNote(checkpoint);
  const lines = [`old ${oldSize}`, ...proof.map((each) => each.toString('base64'))];
  return decodeText(`${lines.join('\n')}\n\n${checkpoint}`, maxRequestBytes, 'the request');
}

/** Reads a request and checks its form only: whose checkpoint it is and what it proves is the caller's. Throws `malformed`. */
export function parseAddCheckpoint(input: string | Uint8Array): AddCheckpoint {
  const text = decodeText(input, maxRequestBytes, 'the request');
  // The first one: the lines before it are never empty, and the checkpoint has a blank line of its own.
  const blank = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(blank, 0)).split('\n');
  if (!first?.startsWith('old ')) throw new MerkleError('malformed', 'a request begins with the old size');
  const request = {
    oldSize: parseDecimal(first.slice(4), 'old size'),
    proof: lines.map((line) => decodeBase64(line, 'a hash of the proof')),
    checkpoint: text.slice(blank + 2),
  };
  if (formatAddCheckpoint(request) !== text) throw new MerkleError('malformed', 'the request is not in canonical form');
  return request;
}

/** The answer 200: one or more signature lines, each with its newline. Throws `malformed`. */
export function parseCosignatureLines(input: string | Uint8Array): string[] {
  const text = decodeText(input, maxRequestBytes, 'the answer');
  if (!text.endsWith('\n')) throw new MerkleError('malformed', 'an answer is lines, each with its end');
  const lines = text.slice(0, -1).split('\n');
  for (const line of lines) parseSignatureLine(line);
  return lines;
}

export function formatTreeSize(size: number): string {
  requireCount(size, 'tree size');
  return `${size}\n`;
}

/** Throws `malformed`. */
export function parseTreeSize(input: string | Uint8Array): number {
  const text = decodeText(input, maxRequestBytes, 'the answer');
  if (!text.endsWith('\n')) throw new MerkleError('malformed', 'a tree size is one line');
  return parseDecimal(text.slice(0, -1), 'tree size');
}

/** The same note with more signature lines behind its own. Throws `malformed`. */
export function addSignatures(note: string, lines: readonly string[]): string {
  const { text, signatures } = parseNote(note);
  const more: NoteSignature[] = lines.map(parseSignatureLine);
  return formatNote(text, [...signatures, ...more]);
}

/** Under the witness' prefix: where anyone reads the newest checkpoint that it cosigned (C2SP tlog-witness, monitoring). */
export const monitoringPath = (origin: string): string => `${hash('sha256', origin, 'hex')}/checkpoint`;
