import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { newP256Key } from '../../src/signing/keys.ts';

/** What a browser or an authenticator says that a test wants to be otherwise. */
export type Lies = {
  type?: string;
  challenge?: string;
  origin?: string;
  crossOrigin?: boolean;
  topOrigin?: string;
  rpId?: string;
  flags?: number;
  counter?: number;
  key?: KeyObject;
  /** Bytes after the authenticator data. */
  trailing?: Buffer;
};

const userPresent = 0x01;
const userVerified = 0x04;
const attested = 0x40;
export const authenticatorFlags = { userPresent, userVerified, attested };

/** A passkey in software, with the browser before it: answers as WebAuthn Level 3 has them, JSON forms included. */
export class SoftwareAuthenticator {
  readonly key = newP256Key();
  readonly credentialId: Buffer;
  counter = 0;

  constructor(name = 'credential') {
    this.credentialId = Buffer.from(hash('sha256', name, 'hex'), 'hex');
  }

  register(options: { challenge: string; rpId: string; origin: string }, lies: Lies = {}) {
    const authData = Buffer.concat([
      this.#head(options.rpId, userPresent | userVerified | attested, lies),
      Buffer.alloc(16),
      Buffer.from([0, this.credentialId.length]),
      this.credentialId,
      this.cose(),
      lies.trailing ?? Buffer.alloc(0),
    ]);
    const clientData = this.#clientData('webauthn.create', options, lies);
    return {
      id: this.credentialId.toString('base64url'),
      rawId: this.credentialId.toString('base64url'),
      type: 'public-key' as const,
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestationObject(authData).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  assert(options: { challenge: string; rpId: string; origin: string }, lies: Lies = {}) {
    this.counter += 1;
    const head = this.#head(options.rpId, userPresent | userVerified, lies);
    const authenticatorData = Buffer.concat([head, lies.trailing ?? Buffer.alloc(0)]);
    const clientData = this.#clientData('webauthn.get', options, lies);
    const signed = Buffer.concat([authenticatorData, hash('sha256', clientData, 'buffer')]);
    return {
      id: this.credentialId.toString('base64url'),
      rawId: this.credentialId.toString('base64url'),
      type: 'public-key' as const,
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: sign('sha256', signed, lies.key ?? this.key).toString('base64url'),
      },
    };
  }

  /** The public key in COSE form (RFC 9053 7.1), canonical CBOR. */
  cose(): Buffer {
    const { x = '', y = '' } = createPublicKey(this.key).export({ format: 'jwk' });
    return Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
  }

  #head(rpId: string, flags: number, lies: Lies): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? this.counter);
    return Buffer.concat([hash('sha256', lies.rpId ?? rpId, 'buffer'), Buffer.from([lies.flags ?? flags]), counter]);
  }

  #clientData(type: string, { challenge, origin }: { challenge: string; origin: string }, lies: Lies): Buffer {
    const { crossOrigin = false, topOrigin } = lies;
    const said = { type, challenge, origin, crossOrigin, ...(topOrigin === undefined ? {} : { topOrigin }) };
    const named = Object.entries(lies).filter(([name]) => ['type', 'challenge', 'origin'].includes(name));
    return Buffer.from(JSON.stringify({ ...said, ...Object.fromEntries(named) }));
  }
}

/** `{fmt: "none", attStmt: {}, authData}` in canonical CBOR. */
export function attestationObject(authData: Buffer, fmt = 'none'): Buffer {
  const length = authData.length < 256 ? [0x58, authData.length] : [0x59, authData.length >> 8, authData.length & 255];
  return Buffer.concat([
    Buffer.from([0xa3, 0x63]),
    Buffer.from('fmt'),
    Buffer.from([0x60 | fmt.length]),
    Buffer.from(fmt),
    Buffer.from([0x67]),
    Buffer.from('attStmt'),
    Buffer.from([0xa0, 0x68]),
    Buffer.from('authData'),
    Buffer.from(length),
    authData,
  ]);
}
