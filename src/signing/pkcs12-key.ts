import { createPrivateKey } from 'node:crypto';
import * as pkijs from 'pkijs';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { pemSigningKey, type SigningKey } from './signing-key.ts';

const keyBag = '1.2.840.113549.1.12.10.1.1';
const shroudedKeyBag = '1.2.840.113549.1.12.10.1.2';

/**
 * The one private key of a PKCS#12 file (RFC 7292), once its passphrase fits. Throws `config-invalid` for a wrong
 * passphrase, a file without exactly one ECDSA P-256 key, or the old ciphers that OpenSSL 3 calls legacy.
 */
export async function pkcs12SigningKey(bytes: Uint8Array, passphrase: string): Promise<SigningKey> {
  if (bytes.length > limits.pkcs12Bytes) throw unreadable('it is too large');
  const keys = await privateKeysIn(bytes, passphrase).catch((cause: unknown) => {
    throw unreadable('the passphrase is not the right one, or it is damaged or made with an old cipher', cause);
  });
  const [key, ...more] = keys;
  if (key === undefined || more.length > 0) throw unreadable(`it holds ${keys.length} private keys, not one`);
  return pemSigningKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

/** PKCS#8 DER of each private key. */
async function privateKeysIn(bytes: Uint8Array, passphrase: string): Promise<Buffer[]> {
  const password = new TextEncoder().encode(passphrase).buffer;
  const pfx = pkijs.PFX.fromBER(new Uint8Array(bytes).buffer);
  await pfx.parseInternalValues({ password, checkIntegrity: true });
  const safe = pfx.parsedValue?.authenticatedSafe;
  if (!safe) throw new Error('no content under password integrity');
  await safe.parseInternalValues({ safeContents: safe.safeContents.map(() => ({ password })) });
  const bags: pkijs.SafeBag[] = safe.parsedValue.safeContents.flatMap(
    (content: { value: pkijs.SafeContents }) => content.value.safeBags,
  );
  const keys: Buffer[] = [];
  for (const { bagId, bagValue } of bags) {
    if (bagId === keyBag) keys.push(Buffer.from(bagValue.toSchema().toBER()));
    if (bagId !== shroudedKeyBag || !(bagValue instanceof pkijs.PKCS8ShroudedKeyBag)) continue;
    await (
      bagValue as unknown as { parseInternalValues(p: { password: ArrayBuffer }): Promise<void> }
    ).parseInternalValues({ password });
    if (bagValue.parsedValue) keys.push(Buffer.from(bagValue.parsedValue.toSchema().toBER()));
  }
  return keys;
}

const unreadable = (why: string, cause?: unknown) =>
  new DomainError('config-invalid', `The PKCS#12 file cannot be used: ${why}.`, { cause });
