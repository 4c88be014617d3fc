import type { PasskeyMade, RegistrationAsked } from '../../edges/http/contract/passkeys.ts';
import { makePasskey } from '../parts/passkey.ts';
import { fromBase64, hex, sha256, textOf } from '../proof/bytes.ts';
import { keyWords } from '../words/keys.ts';
import { sendJson } from './api.ts';
import { officeApi } from './office-paths.ts';

export type OfferedKey = PasskeyMade['key'];

/** Made by whoever touches it here; it signs nothing before administrators put their names to it. */
export async function registerPasskey(person: string): Promise<OfferedKey> {
  const { publicKey } = await sendJson<RegistrationAsked>('POST', officeApi.passkeyOptions, { person });
  const credential = await makePasskey(publicKey);
  return (await sendJson<PasskeyMade>('POST', officeApi.passkeys, { person, credential })).key;
}

const mostChars = 20_000;

/** What somebody brings: a public key (PEM), or a passkey as the page of its owner gave it (JSON). The gateway judges it. */
export async function readKeyFile(file: Blob): Promise<OfferedKey> {
  if (file.size > mostChars) throw new Error(keyWords.noKey);
  const text = textOf(new Uint8Array(await file.arrayBuffer()), keyWords.file);
  const pem = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(text)?.[1];
  if (pem !== undefined) return keyOf(pem.replace(/\s/g, ''));
  const key: unknown = JSON.parse(text);
  if (!isPasskey(key)) throw new Error(keyWords.noKey);
  return key;
}

const isPasskey = (value: unknown): value is OfferedKey =>
  typeof value === 'object' && value !== null && 'assurance' in value && value.assurance === 'passkey';

/** Read as a key and written anew, so that its name is the digest of what everybody else writes. */
async function keyOf(base64: string): Promise<OfferedKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const read = await crypto.subtle
    .importKey('spki', fromBase64(base64, keyWords.file), algorithm, true, ['verify'])
    .catch(() => undefined);
  if (!read) throw new Error(keyWords.notP256);
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', read));
  const lines = btoa(String.fromCharCode(...spki)).match(/.{1,64}/g) ?? [];
  return {
    assurance: 'file',
    keyId: `sha256:${hex(await sha256(spki))}`,
    publicKey: ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n'),
  };
}
