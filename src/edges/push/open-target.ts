import { DomainError } from '../../domain/errors.ts';
import type { PushLink } from '../../domain/machine-links.ts';
import { readSecret, type SecretFile } from '../../platform/secret.ts';
import { openFolder } from './folder-target.ts';
import { openFtp } from './ftp-target.ts';
import { openSftp } from './sftp-target.ts';
import type { Target } from './target.ts';

export type Reach = { folders: readonly string[]; secrets: Readonly<Record<string, SecretFile>>; answerMs: number };

/** Reaches the folder of a machine, by whatever way its registration says. */
export async function openTarget(link: PushLink, { folders, secrets, answerMs }: Reach): Promise<Target> {
  if (link.kind === 'folder') return openFolder(link, folders, answerMs);
  const secret = secretOf(link.secret, secrets);
  return link.kind === 'sftp' ? openSftp(link, secret, answerMs) : openFtp(link, secret, answerMs);
}

function secretOf(name: string, secrets: Reach['secrets']): string {
  const place = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (!place) throw new DomainError('config-invalid', `push.secrets of the configuration names no ${name}.`);
  return readSecret(place);
}
