import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { Config } from '../platform/config.ts';
import { keyFiles } from './key-files.ts';
import { isDevelopmentCertificate, isDevelopmentTrust, loadTrust, type Trust } from './trust.ts';

/** Neither the keys that sign nor the certificate that the doors show may come from the development PKI. */
function refuseDevelopment(config: Config, trust: Trust): void {
  const tlsFile = join(config.paths.keys, keyFiles.tlsCertificate);
  const made = isDevelopmentTrust(trust)
    ? config.paths.trust
    : isDevelopmentCertificate(readFileSync(tlsFile))
      ? tlsFile
      : undefined;
  if (made === undefined) return;
  throw new DomainError('config-invalid', `${made}: made for development; production needs keys of your own CA.`);
}

/** The trust root that the configuration names. Throws `config-invalid` where the two do not belong together. */
export function checkedTrust(config: Config): Trust {
  const trust = loadTrust(config.paths.trust);
  if (trust.origin !== config.origin) {
    throw new DomainError(
      'config-invalid',
      `origin: the configuration says ${config.origin}, ${config.paths.trust} says ${trust.origin}.`,
    );
  }
  if (config.mode === 'production') refuseDevelopment(config, trust);
  return trust;
}
