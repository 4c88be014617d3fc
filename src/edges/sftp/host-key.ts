import ssh2 from 'ssh2';

/** A new Ed25519 host key in OpenSSH's own private key form, which is the one that ssh2 reads. */
export const newHostKey = (): string => ssh2.utils.generateKeyPairSync('ed25519').private;
