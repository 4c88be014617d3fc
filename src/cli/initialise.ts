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
import { keyIdOf, newP256Key, privatePem, publicPem } from '../signing/keys.ts';
import type { RootAdministrator } from '../signing/trust.ts';

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
    administrators: makeDevelopmentAdministrators(config.paths.devAdmins),
  });
}

/** Two administrators whose keys lie beside the data: whoever may read them is both, which production refuses. */
function makeDevelopmentAdministrators(folder: string): RootAdministrator[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return ['ADMIN-1', 'ADMIN-2'].map((id) => {
    const key = newP256Key();
    replaceFile(join(folder, `${id}.key.pem`), privatePem(key));
    return { person: PersonId.parse(id), keyId: keyIdOf(key), publicKey: publicPem(key) };
  });
}
