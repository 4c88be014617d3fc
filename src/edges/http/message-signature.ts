import { type KeyObject, sign, verify } from 'node:crypto';
import { type Digest, digestFromHex, digestHex } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { KeyId } from '../../domain/people.ts';
import { rawOfDer } from '../../signing/ecdsa.ts';
import type { SigningKey } from '../../signing/signing-key.ts';

/** The parts of a request that its signature covers, as they stand on the wire. */
export type SignableRequest = {
  /** In capitals. */
  method: string;
  /** The path as sent, still percent-encoded; starts with `/`. */
  path: string;
  /** What follows the first `?`, without it; empty when there is none. */
  query: string;
  /** SHA-256 of the body; undefined when the request has none. */
  bodyDigest: Digest | undefined;
};

/** What `Signature-Input` and `Signature` say, before anything of it is believed. */
export type RequestSignature = {
  keyId: KeyId;
  /** Seconds since the epoch. */
  created: number;
  nonce: string;
  components: readonly string[];
  /** The value of `@signature-params`, exactly as received. */
  parameters: string;
  signature: Buffer;
};

const label = 'keyway';
const algorithm = 'ecdsa-p256-sha256';
const signatureBytes = 64;
const encoding = { dsaEncoding: 'ieee-p1363' } as const;

/** The `Content-Digest` field (RFC 9530 2) for a body of this digest. */
export const contentDigest = (digest: Digest): string =>
  `sha-256=:${Buffer.from(digestHex(digest), 'hex').toString('base64')}:`;

/** The digest of a `Content-Digest` field that holds one SHA-256 and nothing else. Throws `request-invalid`. */
export function parseContentDigest(field: string): Digest {
  const bytes = decodeByteSequence(field.startsWith('sha-256=') ? field.slice('sha-256='.length) : '', 32);
  if (bytes) return digestFromHex(bytes.toString('hex'));
  throw new DomainError('request-invalid', 'Content-Digest must be one SHA-256: sha-256=:<base64>: (RFC 9530).', {
    field: 'Content-Digest',
  });
}

/** What is covered: always the same, so that nobody can sign less. */
export const requiredComponents = (hasBody: boolean): readonly string[] => [
  '@method',
  '@path',
  '@query',
  ...(hasBody ? ['content-digest'] : []),
];

/** The text that is signed (RFC 9421 2.5): a line for each component, the parameters last, no newline at the end. */
export function signatureBase(
  components: readonly (readonly [name: string, value: string])[],
  parameters: string,
): string {
  const lines = components.map(([name, value]) => `"${name}": ${value}\n`);
  return `${lines.join('')}"@signature-params": ${parameters}`;
}

type SignedAbout = SignableRequest & { keyId: KeyId; created: number; nonce: string };

/**
 * Headers that sign a request with a person's ECDSA P-256 key (RFC 9421 3.3.4: raw r ‖ s, 64 bytes), and its
 * `Content-Digest`. `created` is seconds since the epoch; `nonce` is 16 to 64 letters, digits, `-` or `_`, never used
 * before with this key.
 */
export function signRequest(about: SignedAbout & { privateKey: KeyObject }): Record<string, string> {
  const { parameters, base } = toBeSigned(about);
  return signedFields(about, parameters, sign('sha256', base, { key: about.privateKey, ...encoding }));
}

/** As `signRequest`, with a key however it is held. */
export async function signRequestWith(
  key: SigningKey,
  about: Omit<SignedAbout, 'keyId'>,
): Promise<Record<string, string>> {
  const { parameters, base } = toBeSigned({ ...about, keyId: key.keyId });
  return signedFields(about, parameters, rawOfDer(await key.sign(base)));
}

function toBeSigned(about: SignedAbout): { parameters: string; base: Buffer } {
  const components = requiredComponents(about.bodyDigest !== undefined);
  const list = components.map((name) => `"${name}"`).join(' ');
  const parameters = `(${list});created=${about.created};nonce="${about.nonce}";keyid="${about.keyId}";alg="${algorithm}"`;
  return { parameters, base: Buffer.from(baseOf(about, components, parameters), 'latin1') };
}

const signedFields = ({ bodyDigest }: Pick<SignableRequest, 'bodyDigest'>, parameters: string, signature: Buffer) => ({
  'signature-input': `${label}=${parameters}`,
  signature: `${label}=:${signature.toString('base64')}:`,
  ...(bodyDigest === undefined ? {} : { 'content-digest': contentDigest(bodyDigest) }),
});

/**
 * Reads the two fields of one signature with the label `keyway`, and nothing else. Components and parameters may come
 * in any order; each must be there once, in the form that RFC 8941 4.1 writes. Throws `unauthenticated`.
 */
export function parseRequestSignature(fields: { signatureInput: string; signature: string }): RequestSignature {
  const input =
    /^keyway=(\(("[a-z@-]+"(?: "[a-z@-]+"){0,9})\)((?:;[a-z]+=(?:[0-9]{1,12}|"[A-Za-z0-9:_-]{1,100}")){4}))$/.exec(
      fields.signatureInput,
    );
  const signature = fields.signature.startsWith(`${label}=`)
    ? decodeByteSequence(fields.signature.slice(label.length + 1), signatureBytes)
    : undefined;
  const [, parameters, list, rest] = input ?? [];
  if (!signature || parameters === undefined || list === undefined || rest === undefined) throw malformed();
  const values = new Map(
    rest
      .slice(1)
      .split(';')
      .map((pair) => pair.split('=', 2) as [string, string]),
  );
  const created = /^[0-9]+$/.exec(values.get('created') ?? '')?.[0];
  const nonce = /^"([A-Za-z0-9_-]{16,64})"$/.exec(values.get('nonce') ?? '')?.[1];
  const keyId = KeyId.safeParse(values.get('keyid')?.slice(1, -1));
  if (created === undefined || nonce === undefined || !keyId.success || values.get('alg') !== `"${algorithm}"`) {
    throw malformed();
  }
  const components = list.slice(1, -1).split('" "');
  return { keyId: keyId.data, created: Number(created), nonce, components, parameters, signature };
}

/** Whether `publicKey` (ECDSA P-256) made this signature over exactly the required parts of this request. */
export function verifyRequest(signed: RequestSignature, request: SignableRequest, publicKey: KeyObject): boolean {
  const required = requiredComponents(request.bodyDigest !== undefined);
  if (signed.components.length !== required.length || !required.every((name) => signed.components.includes(name))) {
    return false;
  }
  const base = baseOf(request, signed.components, signed.parameters);
  return verify('sha256', Buffer.from(base, 'latin1'), { key: publicKey, ...encoding }, signed.signature);
}

function baseOf(request: SignableRequest, components: readonly string[], parameters: string): string {
  const values: Record<string, string> = {
    '@method': request.method,
    '@path': request.path,
    '@query': `?${request.query}`,
    'content-digest': request.bodyDigest === undefined ? '' : contentDigest(request.bodyDigest),
  };
  return signatureBase(
    components.map((name) => [name, values[name] ?? ''] as const),
    parameters,
  );
}

/** A structured-field byte sequence (RFC 8941 3.3.5) of exactly `bytes` bytes, in canonical base64. */
function decodeByteSequence(text: string, bytes: number): Buffer | undefined {
  const decoded = Buffer.from(text.slice(1, -1), 'base64');
  return decoded.length === bytes && text === `:${decoded.toString('base64')}:` ? decoded : undefined;
}

const malformed = () =>
  new DomainError(
    'unauthenticated',
    `The request's signature must be one RFC 9421 signature "${label}" over @method, @path, @query and, with a body, content-digest, with created, nonce, keyid and alg="${algorithm}".`,
  );
