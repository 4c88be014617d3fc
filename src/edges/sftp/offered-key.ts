import { createPublicKey } from 'node:crypto';
import ssh2, { type PublicKeyAuthContext } from 'ssh2';
import type { Credential } from '../../domain/shelf.ts';
import { SshCertificateText, SshPublicKey } from '../../domain/ssh-keys.ts';
import { isSshCertificateKind, parseSshCertificate, type SshCertificate } from '../../signing/ssh-certificate.ts';
import { sshSignatureHolds } from '../../signing/ssh-key.ts';

/** NIST SP 800-131A rev. 2, table 2: shorter RSA keys are disallowed. */
const rsaBits = 2048;
/** As RSA certificates name themselves in a login, beside what the certificate itself says it is (RFC 8332 3). */
const rsaCertificates: readonly string[] = ['rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-256-cert-v01@openssh.com'];

/** What a client says is its key: who that is, the core says; that it holds the key, its signature shows. */
export type OfferedKey = {
  credential: Credential;
  /** Of the request that this is; false as long as nothing was signed. */
  signatureHolds(): boolean;
};

/** Undefined for what is none of the kinds that a machine may have, or not exactly what it says it is. */
export const offeredKey = (context: PublicKeyAuthContext, address: string): OfferedKey | undefined =>
  isSshCertificateKind(context.key.algo) ? offeredCertificate(context, address) : plainKey(context);

function plainKey({ key, hashAlgo, blob, signature }: PublicKeyAuthContext): OfferedKey | undefined {
  const line = SshPublicKey.safeParse(`${key.algo} ${key.data.toString('base64')}`);
  if (!line.success) return undefined;
  const parsed = ssh2.utils.parseKey(line.data);
  if (parsed instanceof Error || parsed.type !== key.algo || !parsed.getPublicSSH().equals(key.data)) return undefined;
  if (parsed.type === 'ssh-rsa') {
    // Without a hash algorithm the request was plain ssh-rsa, which signs SHA-1 (RFC 8332 section 3).
    const bits = createPublicKey(parsed.getPublicPEM()).asymmetricKeyDetails?.modulusLength ?? 0;
    if ((hashAlgo !== 'sha256' && hashAlgo !== 'sha512') || bits < rsaBits) return undefined;
  }
  return {
    credential: { kind: 'ssh-key', key: line.data },
    // ssh2 returns an Error, which is truthy, for a signature that it cannot read.
    signatureHolds: () =>
      blob !== undefined && signature !== undefined && parsed.verify(blob, signature, hashAlgo) === true,
  };
}

/** ssh2 hands certificates and signatures by them through as they are: what they say is read and checked here and in the core. */
function offeredCertificate({ key, blob, signature }: PublicKeyAuthContext, address: string): OfferedKey | undefined {
  const text = SshCertificateText.safeParse(key.data.toString('base64'));
  const certificate = text.success ? readCertificate(key.data) : undefined;
  if (!text.success || certificate === undefined || !isNamedRightly(key.algo, certificate)) return undefined;
  return {
    credential: { kind: 'ssh-certificate', certificate: text.data, address },
    signatureHolds: () =>
      blob !== undefined && signature !== undefined && sshSignatureHolds(certificate.key, blob, signature),
  };
}

const isNamedRightly = (algorithm: string, { key: { kind } }: SshCertificate): boolean =>
  kind === 'ssh-rsa' ? rsaCertificates.includes(algorithm) : algorithm === `${kind}-cert-v01@openssh.com`;

function readCertificate(blob: Buffer): SshCertificate | undefined {
  try {
    return parseSshCertificate(blob);
  } catch {
    return undefined;
  }
}
