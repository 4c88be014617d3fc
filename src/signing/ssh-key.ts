import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';

/** NIST SP 800-131A rev. 2, table 2: shorter RSA keys are disallowed. */
const rsaBits = 2048;

const curves = {
  'ecdsa-sha2-nistp256': { curve: 'nistp256', jwk: 'P-256', bytes: 32, hash: 'sha256' },
  'ecdsa-sha2-nistp384': { curve: 'nistp384', jwk: 'P-384', bytes: 48, hash: 'sha384' },
  'ecdsa-sha2-nistp521': { curve: 'nistp521', jwk: 'P-521', bytes: 66, hash: 'sha512' },
} as const;
type CurveKind = keyof typeof curves;

export const sshKeyKinds = ['ssh-ed25519', ...(Object.keys(curves) as CurveKind[]), 'ssh-rsa'] as const;
export type SshKeyKind = (typeof sshKeyKinds)[number];

/** A public key as SSH writes it (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4). */
export type SshKey = { kind: SshKeyKind; blob: Buffer; key: KeyObject };

/** Takes SSH's data types (RFC 4251 5) off the front, one after the other. What runs over its end throws `not-verified`. */
export class SshReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.#take(this.uint32());
  }

  /** Names of algorithms, and what people read. Throws for what is not UTF-8. */
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.string());
    } catch {
      throw malformed('a text is not UTF-8');
    }
  }

  /** A positive integer without needless zeros before it, as big-endian bytes. */
  positive(): Buffer {
    const bytes = this.string();
    const [first = 0, second = 0] = bytes;
    if (bytes.length === 0 || first >= 0x80 || (first === 0 && second < 0x80))
      throw malformed('a number is not positive, or has zeros before it');
    return first === 0 ? bytes.subarray(1) : bytes;
  }

  get done(): boolean {
    return this.at === this.bytes.length;
  }

  end(): void {
    if (!this.done) throw malformed('something stands behind its end');
  }

  #take(size: number): Buffer {
    if (size > this.bytes.length - this.at) throw malformed('a field runs over the end');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }
}

export const sshString = (bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
};

export const isSshKeyKind = (name: string): name is SshKeyKind => (sshKeyKinds as readonly string[]).includes(name);

/** Throws `not-verified` for what is no key of a kind and size that is accepted here. */
export function parseSshKey(blob: Buffer): SshKey {
  const reader = new SshReader(blob);
  const kind = reader.text();
  if (!isSshKeyKind(kind)) throw malformed('a key of an unknown kind');
  const key = readSshKeyFields(kind, reader);
  reader.end();
  return { kind, blob, key };
}

/** What follows the kind in a key, and stands in the midst of a certificate. */
export function readSshKeyFields(kind: SshKeyKind, reader: SshReader): KeyObject {
  const key = keyOf(readFields(kind, reader));
  if (kind === 'ssh-rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < rsaBits)
    throw malformed(`an RSA key of fewer than ${rsaBits} bits`);
  return key;
}

function readFields(kind: SshKeyKind, reader: SshReader): JsonWebKey {
  if (kind === 'ssh-ed25519') return { kty: 'OKP', crv: 'Ed25519', x: base64url(reader.string()) };
  if (kind === 'ssh-rsa') {
    const e = base64url(reader.positive());
    return { kty: 'RSA', e, n: base64url(reader.positive()) };
  }
  const { curve, jwk, bytes } = curves[kind];
  const named = reader.text();
  const point = reader.string();
  // SEC 1 2.3.3: uncompressed, as RFC 5656 3.1 lets everybody write it and everybody does.
  if (named !== curve || point.length !== 1 + 2 * bytes || point[0] !== 4) throw malformed('not a point of its curve');
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  return { kty: 'EC', crv: jwk, x: base64url(x), y: base64url(y) };
}

function keyOf(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (cause) {
    throw new DomainError('not-verified', 'An SSH key is malformed: no such key.', { cause });
  }
}

/** As `ssh-keygen -l` shows it. */
export const sshFingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** By what a key of this kind signs; RSA with SHA-1 is not among it (RFC 8332). */
const signatureAlgorithms: Record<SshKeyKind, readonly string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Whether `signature`, as SSH writes it with the name of its algorithm, is by this key over `data`. Never throws. */
export function sshSignatureHolds({ kind, key }: SshKey, data: Buffer, signature: Buffer): boolean {
  try {
    const reader = new SshReader(signature);
    const algorithm = reader.text();
    const bytes = reader.string();
    reader.end();
    if (!signatureAlgorithms[kind].includes(algorithm)) return false;
    if (kind === 'ssh-ed25519') return verify(null, data, key, bytes);
    if (kind === 'ssh-rsa') return verify(algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512', data, key, bytes);
    const { hash, bytes: size } = curves[kind];
    return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, plainEcdsa(bytes, size));
  } catch {
    return false;
  }
}

/** RFC 5656 3.1.2: r and s as two numbers. */
function plainEcdsa(bytes: Buffer, size: number): Buffer {
  const reader = new SshReader(bytes);
  const numbers = [reader.positive(), reader.positive()];
  reader.end();
  const plain = Buffer.alloc(2 * size);
  for (const [at, number] of numbers.entries()) {
    if (number.length > size) throw malformed('a number is too large for its curve');
    number.copy(plain, (at + 1) * size - number.length);
  }
  return plain;
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');

const malformed = (why: string) => new DomainError('not-verified', `An SSH key or certificate is malformed: ${why}.`);
