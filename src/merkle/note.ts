import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { decodeBase64, decodeText } from './encoding.ts';
import { MerkleError } from './errors.ts';

/** One signature line of a note: `signature` is without the key id that stands before it in the base64. */
export type NoteSignature = { name: string; keyId: Buffer; signature: Buffer };
/** C2SP signed-note v1. `text` ends in a newline and is what was signed. */
export type Note = { text: string; signatures: readonly NoteSignature[] };

export const noteAlgorithms = { ed25519: 1, ecdsa: 2, cosignature: 4 } as const;
export type NoteAlgorithm = (typeof noteAlgorithms)[keyof typeof noteAlgorithms];

export type NoteVerifier = {
  readonly name: string;
  readonly keyId: Buffer;
  readonly algorithm: NoteAlgorithm;
  /** The key as text, from which another thread or program makes the same verifier. */
  readonly vkey: string;
  verify(text: Buffer, signature: Buffer): boolean;
};
export type NoteSigner = { readonly name: string; readonly keyId: Buffer; sign(text: Buffer): Buffer };

const maxNoteBytes = 1_000_000;
const maxSignatures = 100;
const linePrefix = '— ';

/** Control characters other than the newline. A form feed or NUL would let a note look like another one on a screen. */
const controls = /[\0-\x09\x0b-\x1f]/;

function requireText(text: string): void {
  if (!text.endsWith('\n')) throw new MerkleError('malformed', 'a note text ends in a newline');
  if (controls.test(text)) throw new MerkleError('malformed', 'a note holds no control characters');
}

/** Throws `malformed` for a name that a signature line or vkey cannot hold. */
export function requireKeyName(name: string): void {
  if (name === '' || /[\p{White_Space}+]/u.test(name) || controls.test(name) || !name.isWellFormed()) {
    throw new MerkleError('malformed', 'a key name is not empty and holds neither spaces nor "+"');
  }
}

/** `— <name> base64(key id ‖ signature)`, without a newline. Throws `malformed`. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  requireKeyName(name);
  if (keyId.length !== 4 || signature.length === 0) {
    throw new MerkleError('malformed', `the signature of ${name} lacks a key id of 4 bytes, or itself`);
  }
  return `${linePrefix}${name} ${Buffer.concat([keyId, signature]).toString('base64')}`;
}

/** Reads one signature line without its newline. Throws `malformed`. */
export function parseSignatureLine(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.slice(linePrefix.length).split(' ');
  if (!line.startsWith(linePrefix) || name === undefined || encoded === undefined || rest.length > 0) {
    throw new MerkleError('malformed', 'a signature line is a dash, a key name and base64');
  }
  requireKeyName(name);
  const bytes = decodeBase64(encoded, `the signature of ${name}`);
  if (bytes.length < 5) throw new MerkleError('malformed', `the signature of ${name} is too short`);
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** The one encoding of a signed note, with 1 to 100 signatures. Throws `malformed`. */
export function formatNote(text: string, signatures: readonly NoteSignature[]): string {
  requireText(text);
  if (signatures.length === 0 || signatures.length > maxSignatures) {
    throw new MerkleError('malformed', `a note carries 1 to ${maxSignatures} signatures, not ${signatures.length}`);
  }
  return decodeText(
    `${text}\n${signatures.map((s) => `${formatSignatureLine(s)}\n`).join('')}`,
    maxNoteBytes,
    'the note',
  );
}

/** Splits a note, verifying nothing: its text means nothing before `verifyNote`. Throws `malformed`. */
export function parseNote(input: string | Uint8Array): Note {
  const note = decodeText(input, maxNoteBytes, 'the note');
  // The last one: the text may hold blank lines of its own.
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0 || !note.endsWith('\n')) {
    throw new MerkleError('malformed', 'a note is a text, a blank line and signature lines');
  }
  const text = note.slice(0, blank + 1);
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > maxSignatures)
    throw new MerkleError('malformed', `a note carries at most ${maxSignatures} signatures`);
  const signatures = lines.map(parseSignatureLine);
  if (formatNote(text, signatures) !== note) throw new MerkleError('malformed', 'the note is not in canonical form');
  return { text, signatures };
}

/**
 * The signatures of `verifiers`, one for each, in the order of the note. Unknown keys are ignored; a known key's
 * signature that does not verify, even beside a good one, refuses the note (`bad-signature`), as do fewer than `required`
 * verifiers (`missing`).
 */
export function verifyNote(note: Note, verifiers: readonly NoteVerifier[], required = 1): NoteSignature[] {
  const text = Buffer.from(note.text, 'utf8');
  const verified = new Map<NoteVerifier, NoteSignature>();
  for (const signature of note.signatures) {
    const [verifier, other] = verifiers.filter((v) => v.name === signature.name && v.keyId.equals(signature.keyId));
    if (!verifier) continue;
    if (other) throw new MerkleError('malformed', `two trusted keys are both ${verifier.name} with the same key id`);
    if (!verifier.verify(text, signature.signature)) {
      throw new MerkleError(
        'bad-signature',
        `the signature of ${verifier.name} (${keyIdHex(verifier)}) does not verify`,
      );
    }
    if (!verified.has(verifier)) verified.set(verifier, signature);
  }
  if (verified.size < required) {
    throw new MerkleError('missing', `the note is signed by ${verified.size} of the ${required} trusted keys it needs`);
  }
  return [...verified.values()];
}

const keyIdHex = ({ keyId }: { keyId: Buffer }): string => keyId.toString('hex');

/** Signs the text, which ends in a newline; the result goes into `formatNote`. */
export function signNoteLine(text: string, signer: NoteSigner): NoteSignature {
  requireText(text);
  return { name: signer.name, keyId: signer.keyId, signature: signer.sign(Buffer.from(text, 'utf8')) };
}

/** What a verifier key (vkey) holds: `material` is 32 bytes for Ed25519 and SPKI DER for ECDSA. */
export type VerifierKey = { name: string; keyId: Buffer; algorithm: NoteAlgorithm; material: Buffer };

/** `<name>+<hex key id>+<base64(algorithm ‖ material)>` */
export const encodeVerifierKey = ({ name, keyId, algorithm, material }: VerifierKey): string =>
  `${name}+${keyId.toString('hex')}+${Buffer.of(algorithm, ...material).toString('base64')}`;

/** Reads a vkey whose key id is the one that its algorithm prescribes. Throws `malformed`. */
export function decodeVerifierKey(text: string): VerifierKey {
  // The base64 may hold "+" too; the name and the key id cannot.
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || keyId === undefined || encoded === undefined) {
    throw new MerkleError('malformed', 'a verifier key is a name, 8 hex digits and base64, with "+" between');
  }
  requireKeyName(name);
  const bytes = decodeBase64(encoded, `the verifier key of ${name}`);
  const algorithm = Object.values(noteAlgorithms).find((known) => known === bytes[0]);
  if (algorithm === undefined) throw new MerkleError('malformed', `the verifier key of ${name} is of an unknown type`);
  const material = bytes.subarray(1);
  const key = { name, keyId: keyIdOf(name, algorithm, material), algorithm, material };
  if (keyIdHex(key) !== keyId) throw new MerkleError('malformed', `the verifier key of ${name} has another key id`);
  return key;
}

/** ECDSA keeps the id that existed before signed-note was written down: of the SPKI alone, without the name. */
export function keyIdOf(name: string, algorithm: NoteAlgorithm, material: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(algorithm), material]);
  return hash('sha256', algorithm === noteAlgorithms.ecdsa ? material : named, 'buffer').subarray(0, 4);
}

/** The 32 bytes of RFC 8032. Throws `malformed` for a key of another kind. */
export function ed25519Material(publicKey: KeyObject): Buffer {
  const { x } = publicKey.asymmetricKeyType === 'ed25519' ? publicKey.export({ format: 'jwk' }) : {};
  if (x === undefined) throw new MerkleError('malformed', 'the key is of a kind that cannot sign notes');
  return Buffer.from(x, 'base64url');
}

/** Throws `malformed`. */
export function ed25519Key(material: Buffer): KeyObject {
  if (material.length !== 32) throw new MerkleError('malformed', 'an Ed25519 public key is 32 bytes');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: material.toString('base64url') }, format: 'jwk' });
}

function verifierKeyOf(name: string, publicKey: KeyObject): VerifierKey {
  requireKeyName(name);
  const isP256 = publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  const algorithm = isP256 ? noteAlgorithms.ecdsa : noteAlgorithms.ed25519;
  const material = isP256 ? publicKey.export({ type: 'spki', format: 'der' }) : ed25519Material(publicKey);
  return { name, keyId: keyIdOf(name, algorithm, material), algorithm, material };
}

/** The vkey of an Ed25519 (0x01) or ECDSA P-256 (0x02) public key. Throws `malformed` for another kind. */
export const formatVerifierKey = (name: string, publicKey: KeyObject): string =>
  encodeVerifierKey(verifierKeyOf(name, publicKey));

/** Verifies Ed25519 over the text, or ECDSA P-256 in DER over its SHA-256. Throws `malformed` for another kind of key. */
export function makeVerifier(name: string, publicKey: KeyObject): NoteVerifier {
  const key = verifierKeyOf(name, publicKey);
  const { keyId, algorithm } = key;
  const digest = algorithm === noteAlgorithms.ecdsa ? 'sha256' : null;
  const vkey = encodeVerifierKey(key);
  return { name, keyId, algorithm, vkey, verify: (text, signature) => verify(digest, text, publicKey, signature) };
}

/**
 * The verifier of a log's vkey. Throws `malformed`, also for a cosigner's (0x04): a witness' word must never pass for
 * the log's own.
 */
export function parseVerifierKey(text: string): NoteVerifier {
  const { name, algorithm, material } = decodeVerifierKey(text);
  const verifier = makeVerifier(name, publicKeyOf(algorithm, material));
  if (verifier.vkey !== text) {
    throw new MerkleError('malformed', `the verifier key of ${name} is not in canonical form`);
  }
  return verifier;
}

function publicKeyOf(algorithm: NoteAlgorithm, material: Buffer): KeyObject {
  if (algorithm === noteAlgorithms.ed25519) return ed25519Key(material);
  if (algorithm !== noteAlgorithms.ecdsa) throw new MerkleError('malformed', "a cosigner's key is not a log's key");
  try {
    return createPublicKey({ key: material, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new MerkleError('malformed', 'not a public key in SPKI DER', { cause });
  }
}

/** Signs with an Ed25519 or ECDSA P-256 private key. Throws `malformed` for another kind. */
export function makeSigner(name: string, privateKey: KeyObject): NoteSigner {
  const { keyId, algorithm } = verifierKeyOf(name, createPublicKey(privateKey));
  const digest = algorithm === noteAlgorithms.ecdsa ? 'sha256' : null;
  return { name, keyId, sign: (text) => sign(digest, text, privateKey) };
}
