import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { DomainError } from '../domain/errors.ts';
import { newSshKeyPair } from '../edges/sftp/ssh-keys.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { initialiseKeys } from '../signing/initialise.ts';

/** Makes the data folder, keys of a development PKI and the trust file. Throws `conflict` when they are there. */
export async function initialiseDevelopment(config: Config): Promise<void> {
  if (config.mode === 'production') {
    throw new DomainError(
      'config-invalid',
      'mode: "keyway init" makes a development PKI, which production refuses; bring keys and certificates of your own CA (README, "For real").',
    );
  }
  // Loaded here only: nothing of a running gateway ever touches the development PKI.
  const { makeDevelopmentPki } = await import('../../certs-dev/generate.ts');
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const names = [...new Set(['localhost', hostname()])].filter((name) => /^[A-Za-z0-9.-]{1,63}$/.test(name));
  const pki = makeDevelopmentPki({ now: systemClock(), hostnames: names, ips: ['127.0.0.1', '::1'] });
  initialiseKeys(config.paths, config.origin, {
    authority: pki.ca.certificatePem,
    release: pki.release,
    tls: pki.tls,
    sshHostKey: newSshKeyPair().private,
  });
}
