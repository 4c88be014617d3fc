/** Names in the keys folder (mode 0700). Only the signer process opens the private ones of the release and the ledger. */
export const keyFiles = {
  release: 'release.key.pem',
  releaseCertificate: 'release.crt.pem',
  ledgerEd25519: 'ledger-ed25519.key.pem',
  ledgerP256: 'ledger-p256.key.pem',
  /** Transport keys: held by the door that speaks the protocol, good for nothing but that. */
  tls: 'tls.key.pem',
  tlsCertificate: 'tls.crt.pem',
  authority: 'ca.crt.pem',
  sshHost: 'sftp-host-ed25519.key.pem',
  /** Seals batches that no checkpoint covers yet; read by the core (see ledger.ts). */
  seal: 'ledger-seal.key',
} as const;
