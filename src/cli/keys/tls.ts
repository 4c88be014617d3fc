import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { replaceFile } from '../../platform/durable-file.ts';
import { keyFiles } from '../../signing/key-files.ts';
import { privatePem, readPrivateKey } from '../../signing/keys.ts';
import { cliContext } from '../context.ts';
import { answer, usage } from '../output.ts';
import { readNamed } from './draft.ts';

/** The key that waits for its certificate. */
export const newTlsKey = 'tls-new.key.pem';

/** Puts a new TLS key and its certificate in the place of those that are there, from the next start on. */
export function rotateTls(file: string, command: Command): void {
  const { config, json } = cliContext(command);
  const path = join(config.paths.keys, newTlsKey);
  if (!existsSync(path))
    throw usage('There is no new TLS key; "keyway keys request tls --host NAME" makes one.', 'tls');
  const chain = readNamed(file, '--certificate');
  const certificate = new X509Certificate(chain);
  const key = readPrivateKey(path);
  if (!certificate.checkPrivateKey(key))
    throw new DomainError('request-invalid', `${file} is for another key than ${path}.`, { field: '--certificate' });
  // A crash in between leaves a key beside another certificate: HTTPS does not start, and this is done again.
  replaceFile(join(config.paths.keys, keyFiles.tls), privatePem(key));
  replaceFile(join(config.paths.keys, keyFiles.tlsCertificate), chain, 0o644);
  answer(json, { certificate: file, subject: certificate.subject }, [
    `The TLS certificate "${certificate.subject.replaceAll('\n', ', ')}" is in place; start the gateway again.`,
  ]);
}
