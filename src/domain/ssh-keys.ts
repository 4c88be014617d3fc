import { z } from 'zod';

/** One OpenSSH public key line without options or comment (RFC 4253 6.6): `ssh-ed25519 AAAA…`. */
export const SshPublicKey = z
  .string()
  .max(2_000)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ecdsa-sha2-nistp521|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/, {
    message: 'must be one OpenSSH public key: type and base64, without comment',
  });
