import type { PasskeyMade } from '../../edges/http/contract/passkeys.ts';
import { keyWords } from '../words/keys.ts';
import { type Bytes, fromBase64, hex, sha256, textOf } from './bytes.ts';

type OfferedKey = PasskeyMade['key'];

const mostChars = 20_000;

/**
 * What somebody brings: a public key (PEM), the certificate of a card with those above it (PEM or DER), or a passkey as the
 * page of its owner gave it (JSON). The gateway judges it.
 */
export async function readKeyFile(file: Blob): Promise<OfferedKey> {
  if (file.size > mostChars) throw new Error(keyWords.noKey);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const certificates = certificatesIn(bytes);
  if (certificates[0] !== undefined) return cardOf(certificates[0], certificates);
  const text = textOf(bytes, keyWords.file);
  const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(text)?.[1];
  if (pem !== undefined)
    return { assurance: 'file', ...(await keyOf(fromBase64(pem.replace(/\s/g, ''), keyWords.file))) };
  return passkeyIn(text);
}

function passkeyIn(text: string): OfferedKey {
  try {
    const key: unknown = JSON.parse(text);
    if (isPasskey(key)) return key;
  } catch {
    // Neither of the three.
  }
  throw new Error(keyWords.noKey);
}

const isPasskey = (value: unknown): value is OfferedKey =>
  typeof value === 'object' && value !== null && 'assurance' in value && value.assurance === 'passkey';

async function cardOf(own: string, certificates: readonly string[]): Promise<OfferedKey> {
  const key = await keyOf(publicKeyIn(fromBase64(own, keyWords.file)).slice());
  return { assurance: 'token', ...key, certificates: certificates.map(certificatePem) };
}

/** Read as a key and written anew, so that its name is the digest of what everybody else writes. */
async function keyOf(der: Bytes): Promise<Pick<OfferedKey, 'keyId' | 'publicKey'>> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const read = await crypto.subtle.importKey('spki', der, algorithm, true, ['verify']).catch(() => undefined);
  if (!read) throw new Error(keyWords.notP256);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', read));
  const lines = btoa(String.fromCharCode(...spki)).match(/.{1,64}/g) ?? [];
  return {
    keyId: `sha256:${hex(await sha256(spki))}`,
    publicKey: ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n'),
  };
}

/** A certificate in PEM, as a change of keys holds it (RFC 7468). */
const certificatePem = (base64: string): string =>
  ['-----BEGIN CERTIFICATE-----', ...(base64.match(/.{1,64}/g) ?? []), '-----END CERTIFICATE-----', ''].join('\n');

/** The base64 of each certificate in a file: PEM, the card's own first, or one in DER. Empty for anything else. */
function certificatesIn(bytes: Uint8Array): string[] {
  if (bytes[0] === sequence) return [btoa(String.fromCharCode(...bytes))];
  const text = new TextDecoder().decode(bytes);
  const found = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g);
  return [...found].map(([, base64 = '']) => base64.replace(/\s/g, ''));
}

const sequence = 0x30;
const version = 0xa0;
/** Serial number, algorithm, issuer, validity and subject stand before the key (RFC 5280 4.1). */
const fieldsBefore = 5;

/** The SubjectPublicKeyInfo of an X.509 certificate, DER. Reads no more than its place; the gateway judges what is in it. */
function publicKeyIn(der: Uint8Array): Uint8Array {
  const certificate = valueAt(der, 0);
  const signed = valueAt(der, certificate.from);
  const isVersioned = der[signed.from] === version;
  let at = isVersioned ? valueAt(der, signed.from).to : signed.from;
  for (let field = 0; field < fieldsBefore; field++) at = valueAt(der, at).to;
  const { to } = valueAt(der, at);
  return der.slice(at, to);
}

/** Where the content of the value at `at` begins and ends (X.690 8.1.3, definite form). */
function valueAt(der: Uint8Array, at: number): { from: number; to: number } {
  const first = der[at + 1];
  if (first === undefined) throw new Error(keyWords.noCertificate);
  const isLong = first >= 0x80;
  const octets = isLong ? first - 0x80 : 0;
  if (octets > 3) throw new Error(keyWords.noCertificate);
  const length = isLong ? der.slice(at + 2, at + 2 + octets).reduce((sum, octet) => sum * 256 + octet, 0) : first;
  const from = at + 2 + octets;
  if (from + length > der.length) throw new Error(keyWords.noCertificate);
  return { from, to: from + length };
}
