import { randomBytes } from 'node:crypto';
import ssh2, { type PublicKeyAuthContext } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offeredKey } from '../../../src/edges/sftp/offered-key.ts';
import { sshString } from '../../../src/signing/ssh-key.ts';
import { type KeyPair, makeKey } from '../../helpers/sftp-test-door.ts';
import { SshAuthority } from '../../helpers/ssh-authority.ts';

let authority: SshAuthority;
beforeAll(() => {
  authority = new SshAuthority();
});
afterAll(() => authority.remove());

const blob = randomBytes(200);
const cert = (name: string) => `${name}-cert-v01@openssh.com`;

/** A login as ssh2 shows it. */
const offered = (algo: string, data: Buffer, signature?: Buffer) =>
  offeredKey({ key: { algo, data }, blob, ...(signature && { signature }) } as PublicKeyAuthContext, '10.20.0.7');

/** As SSH writes it; `algorithm` may be a lie. */
function signedBy({ private: text }: KeyPair, algorithm: string, data = blob): Buffer {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  const bytes = key.sign(data, algorithm === 'rsa-sha2-256' ? 'sha256' : algorithm === 'ssh-rsa' ? 'sha1' : undefined);
  if (bytes instanceof Error) throw bytes;
  return Buffer.concat([sshString(algorithm), sshString(bytes)]);
}

describe('a machine that shows a certificate', () => {
  it('holds its key when it signed the login with it, and not otherwise', () => {
    const pair = makeKey();
    const data = authority.certificateOf(pair);
    const holds = (signature?: Buffer) => offered(cert('ssh-ed25519'), data, signature)?.signatureHolds();
    const own = signedBy(pair, 'ssh-ed25519');
    expect(holds(own)).toBe(true);
    expect(offered(cert('ssh-ed25519'), data)?.credential).toEqual({
      ...{ kind: 'ssh-certificate', certificate: data.toString('base64'), address: '10.20.0.7' },
    });
    const wrong = {
      nothing: undefined,
      empty: Buffer.alloc(0),
      another: signedBy(makeKey(), 'ssh-ed25519'),
      elsewhere: signedBy(pair, 'ssh-ed25519', randomBytes(200)),
      bare: own.subarray(-64),
      more: Buffer.concat([own, Buffer.alloc(1)]),
      lie: signedBy(pair, 'ecdsa-sha2-nistp256'),
    };
    for (const [what, signature] of Object.entries(wrong)) expect([what, holds(signature)]).toEqual([what, false]);
  });

  it('signs with SHA-2 where its key is RSA, and says so', () => {
    const pair = makeKey('rsa-3072');
    const data = authority.certificateOf(pair);
    const sha2 = signedBy(pair, 'rsa-sha2-256');
    expect(offered(cert('rsa-sha2-256'), data, sha2)?.signatureHolds()).toBe(true);
    expect(offered(cert('rsa-sha2-256'), data, signedBy(pair, 'ssh-rsa'))?.signatureHolds()).toBe(false);
    expect(offered(cert('ssh-rsa'), data, sha2)).toBeUndefined();
  });

  it('is not listened to when it says that it is of another kind, or shows what is no certificate', () => {
    const data = authority.certificateOf(makeKey());
    expect(offered(cert('ecdsa-sha2-nistp256'), data)).toBeUndefined();
    expect(offered('ssh-ed25519', data)).toBeUndefined();
    expect(offered(cert('ssh-ed25519'), data.subarray(0, -1))).toBeUndefined();
    expect(offered(cert('ssh-ed25519'), Buffer.alloc(20_000))).toBeUndefined();
    expect(offered(cert('ssh-ed25519'), Buffer.from(makeKey().public))).toBeUndefined();
  });
});
