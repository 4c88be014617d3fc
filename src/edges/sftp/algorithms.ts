import ssh2, { type Algorithms } from 'ssh2';
import { DomainError } from '../../domain/errors.ts';

/**
 * What is offered, in the order of our preference; the machine's own order decides. Left out of what ssh2 has: SHA-1,
 * CBC, 3DES, group exchange, chacha20-poly1305 (slower here, and the Terrapin attack's easiest prey), compression. ssh2
 * has no post-quantum exchange.
 */
export const sshAlgorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  compress: ['none'],
} as const satisfies Algorithms;

const hostKeyTypes: readonly string[] = sshAlgorithms.serverHostKey;

/**
 * Checks the text of a private host key. Throws `config-invalid`. RSA is refused: ssh2 adds the SHA-1 `ssh-rsa` to the
 * offer for any RSA host key, whatever the list says.
 */
export function checkHostKey(text: string | Buffer, where: string): void {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error || !key.isPrivateKey())
    throw new DomainError('config-invalid', `${where} is not an unencrypted SSH private key.`);
  if (!hostKeyTypes.includes(key.type))
    throw new DomainError('config-invalid', `${where} is ${key.type}; a host key is ed25519 or ECDSA.`);
}
