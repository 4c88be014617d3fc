import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import type { Config } from '../platform/config.ts';
import { keyFiles } from './key-files.ts';
import { keyIdOf, readPrivateKey } from './keys.ts';
import { isDevelopmentCertificate, isDevelopmentTrust, loadTrust, type Trust } from './trust.ts';

/** The trust root that the configuration names. Throws `config-invalid` where the two do not belong together. */
export function checkedTrust(config: Config): Trust {
  const trust = loadTrust(config.paths.trust);
  requireUsableTrust(config, trust);
  const certificate = join(config.paths.keys, keyFiles.tlsCertificate);
  if (config.mode === 'production' && isDevelopmentCertificate(readFileSync(certificate)))
    throw madeForDevelopment(certificate);
  return trust;
}

/** Of this gateway's origin, and in production nothing of a development PKI. Throws `config-invalid`. */
export function requireUsableTrust({ origin, paths, mode }: Config, trust: Trust): void {
  if (trust.origin !== origin) {
    throw new DomainError(
      'config-invalid',
      `origin: the configuration says ${origin}, ${paths.trust} says ${trust.origin}.`,
    );
  }
  if (mode !== 'production') return;
  if (isDevelopmentTrust(trust)) throw madeForDevelopment(paths.trust);
  requireOwnAdministrators(trust, paths.devAdmins);
}

/** Whoever may read the data folder is both administrators, if their keys lie in there. */
function requireOwnAdministrators({ file }: Trust, folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const keyId = keyIdOf(readPrivateKey(join(folder, name)));
    if (file.root.administrators.some((one) => one.keyId === keyId)) throw madeForDevelopment(join(folder, name));
  }
}

const madeForDevelopment = (path: string) =>
  new DomainError(
    'config-invalid',
    `${path}: made for development; production needs keys of your own ("keyway keys init").`,
  );
