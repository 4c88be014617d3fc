import ssh2 from 'ssh2';

/**
 * A new Ed25519 host key in OpenSSH's own private key form, which is the one that ssh2 reads. ssh2 drops the leading
 * zero byte of one in 256 public keys and then writes what neither it nor OpenSSH can read: such a key is thrown away.
 */
export function newHostKey(): string {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519').private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}
