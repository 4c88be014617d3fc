import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { describe, expect, it } from 'vitest';
import type { KeyOf } from '../../src/domain/people.ts';
import { type Envelope, payloadType, signatureCounter } from '../../src/domain/statements.ts';
import { openEnvelope } from '../../src/signing/dsse.ts';
import { newP256Key } from '../../src/signing/keys.ts';
import { passkeyOf } from '../../src/signing/passkey-registration.ts';
import { challengeOf, requireCounter } from '../../src/signing/webauthn.ts';
import {
  attestationObject,
  authenticatorFlags as flag,
  type Lies,
  SoftwareAuthenticator,
} from '../helpers/software-authenticator.ts';

const [rpId, origin] = ['keyway.test', 'https://keyway.test:8443'];
const challenge = challengeOf(Buffer.from('registration'));
const payload = Buffer.from('{"a":"statement"}');
const bytes = (text: string) => Buffer.from(text, 'base64url');
const device = new SoftwareAuthenticator();

const register = (lies: Lies = {}, about = { challenge, rpId, origin }): KeyOf<'passkey'> => {
  const { response } = device.register({ challenge, rpId, origin }, lies);
  return passkeyOf(
    { clientDataJSON: bytes(response.clientDataJSON), attestationObject: bytes(response.attestationObject) },
    about,
  );
};
const key = register();

function envelope(lies: Lies = {}, over = payload): Envelope {
  const { response } = device.assert({ challenge: challengeOf(over), rpId, origin }, lies);
  const base64 = (text: string) => bytes(text).toString('base64');
  const webauthn = {
    authenticatorData: base64(response.authenticatorData),
    clientDataJSON: base64(response.clientDataJSON),
  };
  const signature = { keyid: key.keyId, sig: base64(response.signature), webauthn };
  return { payloadType, payload: payload.toString('base64'), signatures: [signature] };
}
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: 'signature-invalid', message: expect.stringMatching(message) });

/** Each field that a hostile page, browser or authenticator could set, wrong alone. */
const hostile: [string, Lies, RegExp][] = [
  ['of another type', { type: 'payment.get' }, /of the type payment\.get/],
  ['over another statement', { challenge: challengeOf(Buffer.from('other')) }, /another statement/],
  ['made at another origin', { origin: 'https://keyway.test.evil:8443' }, /made at/],
  ['made at another port', { origin: 'https://keyway.test' }, /made at/],
  ['made inside a page of another origin', { crossOrigin: true }, /another origin/],
  ['made under a page of another origin', { topOrigin: 'https://evil.test' }, /another origin/],
  ['for another relying party', { rpId: 'evil.test' }, /not for keyway\.test/],
  ['without touching the authenticator', { flags: flag.userVerified }, /nobody touched/],
  ['without verifying the person', { flags: flag.userPresent }, /did not verify the person/],
];

describe('a signature by a passkey', () => {
  it('is taken as one over the statement, and the library that others use takes it too', async () => {
    expect(openEnvelope(envelope(), [key])).toEqual(payload);
    const response = device.assert({ challenge: challengeOf(payload), rpId, origin });
    const judged = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challengeOf(payload),
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id: key.credentialId, publicKey: new Uint8Array(device.cose()), counter: 0 },
    });
    expect(judged.verified).toBe(true);
  });

  it.each([
    ...hostile,
    ['by another key', { key: newP256Key() }, /does not match/] as const,
    [
      'with a new credential in it',
      { flags: flag.userPresent | flag.userVerified | flag.attested },
      /new credential/,
    ] as const,
    ['with bytes that no flag announces', { trailing: Buffer.from('a0', 'hex') }, /length and flags/] as const,
  ])('%s is refused', (_what, lies, message) => {
    expect(() => openEnvelope(envelope(lies), [key])).toThrow(invalid(message));
  });

  it('is refused over another payload, without its evidence, with the evidence of another one, and as that of a file key', () => {
    const good = envelope();
    const [signature] = good.signatures;
    if (!signature) throw new Error('no signature');
    const { webauthn: _, ...bare } = signature;
    const other = envelope({}, Buffer.from('{"b":1}')).signatures[0]?.webauthn;
    const file = { assurance: 'file' as const, keyId: key.keyId, publicKey: key.publicKey };
    expect(() => openEnvelope({ ...good, payload: Buffer.from('{}').toString('base64') }, [key])).toThrow(
      invalid(/another statement/),
    );
    expect(() => openEnvelope({ ...good, signatures: [bare] }, [key])).toThrow(invalid(/through a browser/));
    expect(() => openEnvelope({ ...good, signatures: [{ ...signature, webauthn: other }] }, [key])).toThrow(
      invalid(/another statement/),
    );
    expect(() => openEnvelope(good, [file])).toThrow(invalid(/through a browser/));
  });

  it('is refused for each byte of its evidence that is changed', () => {
    const good = envelope();
    const [signature] = good.signatures;
    if (!signature?.webauthn) throw new Error('no evidence');
    const data = Buffer.from(signature.webauthn.authenticatorData, 'base64');
    for (let at = 0; at < data.length; at++) {
      const flipped = Buffer.from(data);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const webauthn = { ...signature.webauthn, authenticatorData: flipped.toString('base64') };
      expect(() => openEnvelope({ ...good, signatures: [{ ...signature, webauthn }] }, [key])).toThrow(
        invalid(/passkey/),
      );
    }
  });

  it('counts on: a counter that stands still or goes back is refused, one that is always 0 is not', () => {
    const evidence = envelope({ counter: 41 }).signatures[0]?.webauthn;
    expect(evidence && signatureCounter(evidence)).toBe(41);
    expect(() => requireCounter(41, 40)).not.toThrow();
    expect(() => requireCounter(0, 0)).not.toThrow();
    for (const [now, last] of [
      [41, 41],
      [40, 41],
      [0, 41],
    ] as const)
      expect(() => requireCounter(now, last)).toThrow(invalid(/went back/));
  });
});

describe('the registration of a passkey', () => {
  it('gives the key, bound to relying party and origin, as the library that others use reads it', async () => {
    expect(key).toMatchObject({
      assurance: 'passkey',
      rpId,
      origin,
      counter: 0,
      credentialId: device.credentialId.toString('base64url'),
    });
    const judged = await verifyRegistrationResponse({
      response: device.register({ challenge, rpId, origin }),
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
    });
    expect(judged.verified).toBe(true);
    expect(Buffer.from(judged.registrationInfo?.credential.publicKey ?? [])).toEqual(device.cose());
  });

  it.each([
    ...hostile,
    ['without a credential', { flags: flag.userPresent | flag.userVerified }, /no credential/] as const,
    ['with bytes that no flag announces', { trailing: Buffer.from('a0', 'hex') }, /length and flags/] as const,
  ])('%s is refused', (_what, lies, message) => {
    expect(() => register(lies)).toThrow(invalid(message));
  });

  const parts = () => {
    const { response } = device.register({ challenge, rpId, origin });
    const object = bytes(response.attestationObject);
    return {
      clientDataJSON: bytes(response.clientDataJSON),
      object,
      authData: object.subarray(object.indexOf('authData') + 10),
    };
  };
  const coseAt = (authData: Buffer) => authData.length - device.cose().length;
  const edited = (at: number, value: number) => {
    const { authData } = parts();
    const copy = Buffer.from(authData);
    copy[at] = value;
    return attestationObject(copy);
  };
  it.each<[string, () => Buffer, RegExp]>([
    [
      'with an attestation of some maker',
      () => attestationObject(parts().authData, 'packed'),
      /attestation is not "none"/,
    ],
    ['cut off', () => parts().object.subarray(0, -1), /cut off/],
    ['with something behind it', () => Buffer.concat([parts().object, Buffer.alloc(1)]), /goes on/],
    ['with an RSA key', () => edited(coseAt(parts().authData) + 2, 0x03), /not ECDSA P-256/],
    ['with a key for another algorithm', () => edited(coseAt(parts().authData) + 4, 0x27), /not ECDSA P-256/],
    ['with a key of another curve', () => edited(coseAt(parts().authData) + 6, 0x02), /not ECDSA P-256/],
    [
      'with a point that is not on the curve',
      () => edited(parts().authData.length - 1, (parts().authData.at(-1) ?? 0) ^ 1),
      /point of P-256/,
    ],
    ['that is empty', () => Buffer.alloc(0), /attestation is not/],
  ])('%s is refused', (_what, object, message) => {
    const { clientDataJSON } = parts();
    expect(() => passkeyOf({ clientDataJSON, attestationObject: object() }, { challenge, rpId, origin })).toThrow(
      invalid(message),
    );
  });

  it('of client data that is not JSON is refused', () => {
    const { object } = parts();
    expect(() =>
      passkeyOf({ clientDataJSON: Buffer.from([0xff]), attestationObject: object }, { challenge, rpId, origin }),
    ).toThrow(invalid(/client data cannot be read/));
  });
});
