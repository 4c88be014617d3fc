import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { requireCount } from './encoding.ts';
import { MerkleError } from './errors.ts';
import {
  decodeVerifierKey,
  ed25519Key,
  ed25519Material,
  encodeVerifierKey,
  formatSignatureLine,
  keyIdOf,
  type Note,
  type NoteSignature,
  type NoteSigner,
  type NoteVerifier,
  noteAlgorithms,
  parseSignatureLine,
  requireKeyName,
  type VerifierKey,
  verifyNote,
} from './note.ts';

/**
 * C2SP tlog-cosignature v1, Ed25519: a witness' word that at `timestamp` (POSIX seconds) this was the largest tree of
 * the log that it had seen, consistent with all before. `signature` is the 64 bytes of RFC 8032.
 */
export type Cosignature = { name: string; keyId: Buffer; timestamp: number; signature: Buffer };

const algorithm = noteAlgorithms.cosignature;
const timestampBytes = 8;
const signatureBytes = 64;

/** What a cosigner signs: the time and the whole text of the checkpoint's note. */
export function cosignatureMessage(timestamp: number, text: string | Buffer): Buffer {
  requireCount(timestamp, 'timestamp');
  return Buffer.concat([Buffer.from(`cosignature/v1\ntime ${timestamp}\n`), Buffer.from(text)]);
}

function encodeTimestamped(timestamp: number, signature: Buffer): Buffer {
  requireCount(timestamp, 'timestamp');
  if (signature.length !== signatureBytes) throw new MerkleError('malformed', 'an Ed25519 signature is 64 bytes');
  const time = Buffer.alloc(timestampBytes);
  time.writeBigUInt64BE(BigInt(timestamp));
  return Buffer.concat([time, signature]);
}

function decodeTimestamped(bytes: Buffer): { timestamp: number; signature: Buffer } {
  if (bytes.length !== timestampBytes + signatureBytes) {
    throw new MerkleError('malformed', 'a cosignature is a time of 8 bytes and a signature of 64');
  }
  const timestamp = Number(bytes.readBigUInt64BE());
  requireCount(timestamp, 'timestamp');
  return { timestamp, signature: bytes.subarray(timestampBytes) };
}

/** The note signature that carries it. Throws `malformed`. */
export const toNoteSignature = ({ name, keyId, timestamp, signature }: Cosignature): NoteSignature => ({
  name,
  keyId,
  signature: encodeTimestamped(timestamp, signature),
});

/** Reads a note signature of a cosigner's key. Throws `malformed`. */
export const fromNoteSignature = ({ name, keyId, signature }: NoteSignature): Cosignature => ({
  name,
  keyId,
  ...decodeTimestamped(signature),
});

/** A signature line without its newline, as a witness answers it. Throws `malformed`. */
export const formatCosignature = (cosignature: Cosignature): string =>
  formatSignatureLine(toNoteSignature(cosignature));
export const parseCosignature = (line: string): Cosignature => fromNoteSignature(parseSignatureLine(line));

/** Signs checkpoints as a witness does; `nowSeconds` is POSIX time. Throws `malformed` unless the key is Ed25519. */
export function makeCosigner(name: string, privateKey: KeyObject, nowSeconds: () => number): NoteSigner {
  const { keyId } = makeCosignerVerifier(name, createPublicKey(privateKey));
  return {
    name,
    keyId,
    sign(text) {
      const timestamp = nowSeconds();
      return encodeTimestamped(timestamp, sign(null, cosignatureMessage(timestamp, text), privateKey));
    },
  };
}

/** Throws `malformed` unless the key is Ed25519. */
export function makeCosignerVerifier(name: string, publicKey: KeyObject): NoteVerifier {
  const key = cosignerKeyOf(name, publicKey);
  return {
    name,
    keyId: key.keyId,
    algorithm,
    vkey: encodeVerifierKey(key),
    verify(text, bytes) {
      if (bytes.length !== timestampBytes + signatureBytes) return false;
      const seconds = bytes.readBigUInt64BE();
      if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return false;
      return verify(null, cosignatureMessage(Number(seconds), text), publicKey, bytes.subarray(timestampBytes));
    },
  };
}

function cosignerKeyOf(name: string, publicKey: KeyObject): VerifierKey {
  requireKeyName(name);
  const material = ed25519Material(publicKey);
  return { name, keyId: keyIdOf(name, algorithm, material), algorithm, material };
}

/** The vkey of a cosigner (0x04). */
export const formatCosignerKey = (name: string, publicKey: KeyObject): string =>
  encodeVerifierKey(cosignerKeyOf(name, publicKey));

/** The verifier of a witness' vkey. Throws `malformed`, also for a log's key. */
export function parseCosignerKey(text: string): NoteVerifier {
  const key = decodeVerifierKey(text);
  if (key.algorithm !== algorithm)
    throw new MerkleError('malformed', `the verifier key of ${key.name} is not a cosigner's`);
  return makeCosignerVerifier(key.name, ed25519Key(key.material));
}

/**
 * The cosignatures of these witnesses on a checkpoint, one for each; none is no error, so the caller counts. Throws
 * `bad-signature` where one of theirs does not verify.
 */
export const verifyCosignatures = (note: Note, cosigners: readonly NoteVerifier[]): Cosignature[] =>
  verifyNote(note, cosigners, 0).map(fromNoteSignature);
