import { X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { PersonId } from '../domain/ids.ts';
import { newSshKeyPair } from '../edges/sftp/ssh-keys.ts';
import { systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { replaceFile } from '../platform/durable-file.ts';
import { initialiseKeys } from '../signing/initialise.ts';
import { newP256Key, privatePem } from '../signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../signing/signing-key.ts';

/** Makes the data folder, keys of a development PKI and the trust file. Throws `conflict` when they are there. */
export async function initialiseDevelopment(config: Config): Promise<void> {
  if (config.mode === 'production') {
    throw new DomainError(
      'config-invalid',
      'mode: "keyway init" makes a development PKI, which production refuses; begin with "keyway keys init" (README, "For real").',
    );
  }
  // Loaded here only: nothing of a running gateway ever touches the development PKI.
  const { makeDevelopmentPki } = await import('../../certs-dev/generate.ts');
  mkdirSync(config.data, { recursive: true, mode: 0o700 });
  const names = [...new Set(['localhost', hostname()])].filter((name) => /^[A-Za-z0-9.-]{1,63}$/.test(name));
  const now = systemClock();
  const pki = makeDevelopmentPki({ now, hostnames: names, ips: ['127.0.0.1', '::1'] });
  const issued = {
    authority: pki.ca.certificatePem,
    release: pki.release,
    tls: pki.tls,
    sshHostKey: newSshKeyPair().private,
    administrators: makeDevelopmentAdministrators(config.paths.devAdmins),
    expiresMs: Date.parse(new X509Certificate(pki.release.certificatePem).validTo),
  };
  await initialiseKeys(config.paths, config.origin, issued, now);
}

/** Two administrators whose keys lie beside the data: whoever may read them is both, which production refuses. */
function makeDevelopmentAdministrators(folder: string): { person: PersonId; key: SigningKey }[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return ['ADMIN-1', 'ADMIN-2'].map((id) => {
    const key = newP256Key();
    replaceFile(join(folder, `${id}.key.pem`), privatePem(key));
    return { person: PersonId.parse(id), key: pemSigningKey(key) };
  });
}
