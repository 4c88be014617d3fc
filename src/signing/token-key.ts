import { createPublicKey, hash, type KeyObject, randomBytes, verify, X509Certificate } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import type { KeyId } from '../domain/people.ts';
import { derOfRaw } from './ecdsa.ts';
import { isP256, keyIdOf, publicPem } from './keys.ts';
import type { SigningKey } from './signing-key.ts';
import { openToken, type Token, type TokenPlace } from './token.ts';

/** Which key of which token. `keyLabel` (CKA_LABEL) is needed where the token holds several that sign. */
export type TokenKeyPlace = TokenPlace & { keyLabel?: string | undefined };

/**
 * A private key in a card, token or HSM: it signs there and cannot leave. One signature at a time, as a session of
 * PKCS#11 does one thing at a time.
 */
export class TokenKey implements SigningKey {
  readonly keyId: KeyId;
  readonly publicKey: string;
  /** PEM, of this key; none where the token holds none. */
  readonly certificate: string | undefined;
  readonly #token: Token;
  readonly #object: Buffer;
  readonly #public: KeyObject;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(token: Token, object: Buffer, publicKey: KeyObject, certificate: X509Certificate | undefined) {
    this.#token = token;
    this.#object = object;
    this.#public = publicKey;
    this.keyId = keyIdOf(publicKey);
    this.publicKey = publicPem(publicKey);
    this.certificate = certificate?.toString();
  }

  /**
   * Logs in and proves by a signature that the private half answers to the public one. Throws `token-unavailable` where
   * the token is not there, `config-invalid` for a wrong PIN, no such key or one that could be copied out.
   */
  static async open(place: TokenKeyPlace, pin: string | undefined): Promise<TokenKey> {
    const token = await openToken(place, pin);
    try {
      const object = onlyKey(token, place);
      requireHeldFast(token, object, place);
      const certificate = certificateOf(token, object);
      const key = new TokenKey(token, object, publicKeyOf(token, object, certificate, place), certificate);
      await key.sign(randomBytes(32));
      return key;
    } catch (error) {
      token.close();
      throw error;
    }
  }

  sign(bytes: Uint8Array): Promise<Buffer> {
    const made = this.#last.then(async () => {
      const raw = await this.#token.signDigest(this.#object, hash('sha256', bytes, 'buffer'));
      const signature = derOfRaw(raw);
      if (!verify('sha256', bytes, this.#public, signature))
        throw new DomainError('config-invalid', 'The token signs with another key than the public one beside it.');
      return signature;
    });
    this.#last = made.catch(() => {});
    return made;
  }

  /** Throws `token-unavailable` once the token was taken away. */
  requireThere(): void {
    this.#token.attribute(this.#object, 'id');
  }

  close(): void {
    this.#token.close();
  }
}

function onlyKey(token: Token, { keyLabel, tokenLabel }: TokenKeyPlace): Buffer {
  const [key, ...more] = token.find('private-key', keyLabel === undefined ? {} : { label: keyLabel });
  const named = keyLabel === undefined ? '' : ` with the label ${keyLabel}`;
  if (!key) throw new DomainError('config-invalid', `The token ${tokenLabel} holds no private key${named}.`);
  if (more.length === 0) return key;
  throw new DomainError(
    'config-invalid',
    `The token ${tokenLabel} holds ${more.length + 1} private keys${named}; name one by its label.`,
  );
}

/** A key that its token would hand out is no better than a file. */
function requireHeldFast(token: Token, key: Buffer, { tokenLabel }: TokenKeyPlace): void {
  if (token.flag(key, 'sensitive') === true && token.flag(key, 'extractable') === false) return;
  throw new DomainError(
    'config-invalid',
    `The key can be copied out of the token ${tokenLabel}; make one there that is sensitive and not extractable.`,
  );
}

function certificateOf(token: Token, key: Buffer): X509Certificate | undefined {
  const [object] = token.find('certificate', { id: token.attribute(key, 'id') });
  return object && new X509Certificate(token.attribute(object, 'value'));
}

/** The public half, from the certificate or from the public key object of the same CKA_ID. */
function publicKeyOf(
  token: Token,
  key: Buffer,
  certificate: X509Certificate | undefined,
  { tokenLabel }: TokenKeyPlace,
): KeyObject {
  const [object] = certificate ? [] : token.find('public-key', { id: token.attribute(key, 'id') });
  const found = certificate?.publicKey ?? (object && pointKey(token.attribute(object, 'ecPoint')));
  if (found && isP256(found)) return found;
  throw new DomainError(
    'config-invalid',
    `The key in the token ${tokenLabel} is not an ECDSA P-256 key with its certificate or public half beside it.`,
  );
}

/** CKA_EC_POINT is an uncompressed point, in an OCTET STRING or, by some modules, without it. */
function pointKey(point: Buffer): KeyObject | undefined {
  const bare = point.length === 67 && point[0] === 0x04 && point[1] === 65 ? point.subarray(2) : point;
  if (bare.length !== 65 || bare[0] !== 0x04) return undefined;
  const coordinate = (from: number) => bare.subarray(from, from + 32).toString('base64url');
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) } });
}
