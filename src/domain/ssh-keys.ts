import { z } from 'zod';

/** One OpenSSH public key line without options or comment (RFC 4253 6.6): `ssh-ed25519 AAAA…`. */
export const SshPublicKey = z
  .string()
  .max(2_000)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ecdsa-sha2-nistp521|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/, {
    message: 'must be one OpenSSH public key: type and base64, without comment',
  });

/** An OpenSSH certificate of a key (PROTOCOL.certkeys) in base64, 8 kB of it at most. */
export const SshCertificateText = z
  .string()
  .max(11_000)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/);

/** What does not let a machine in any more, by one name of ssh-keygen's: `-l` shows fingerprints, `-L` serials. */
export const SshRevocation = z.discriminatedUnion('kind', [
  /** A key, and every certificate of it. */
  z.strictObject({ kind: z.literal('key'), fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/) }),
  z.strictObject({ kind: z.literal('certificate'), serial: z.string().regex(/^(0|[1-9][0-9]{0,19})$/) }),
]);
export type SshRevocation = z.infer<typeof SshRevocation>;
