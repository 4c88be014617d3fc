import ssh2 from 'ssh2';

export type SshKeyPair = { private: string; public: string };

/**
 * A new Ed25519 key pair in OpenSSH's own forms, which are the ones that ssh2 reads. ssh2 drops the leading zero byte
 * of one in 256 public keys and then writes what neither it nor OpenSSH can read: such a key is thrown away.
 */
export function newSshKeyPair(): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
