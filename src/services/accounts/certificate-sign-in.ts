import type { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Standing } from '../../catalog/standing.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PersonId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { SignInConfig } from '../../platform/sign-in-config.ts';
import { verifyPath } from '../../signing/certificate-path.ts';
import { keyIdOf } from '../../signing/keys.ts';
import { RevocationList } from '../../signing/revocation-list.ts';
import { personInOffice } from '../office.ts';
import type { LockOut } from './lock-out.ts';
import type { Proof } from './sessions.ts';

type CertificateParts = {
  standing: Standing;
  lockOut: LockOut;
  settings: SignInConfig['certificates'];
  authorities(timeMs: number): readonly X509Certificate[];
  clock: Clock;
};

/**
 * Signing in with the certificate that TLS showed, whose private key the handshake has proven. TLS itself is told to
 * believe nobody: the path, its purpose and every revocation list on it are judged here.
 */
export class CertificateSignIn {
  readonly #parts: CertificateParts;

  constructor(parts: CertificateParts) {
    this.#parts = parts;
  }

  get isOffered(): boolean {
    return this.#parts.settings !== undefined;
  }

  /** `shown`: the certificate, then what came along. Throws `unauthenticated`, saying why. */
  async prove(shown: readonly X509Certificate[], address: string | undefined): Promise<Proof> {
    const { lockOut, standing, settings, clock } = this.#parts;
    const [leaf, ...intermediates] = shown;
    if (!settings) throw refused('This gateway takes no client certificates.');
    if (!leaf) throw refused('This browser showed no certificate. Put the card in, and open a new window.');
    const attempt = lockOut.fromAddress(address);
    await this.#verify(leaf, intermediates, settings.revocationLists);
    const keyId = keyIdOf(leaf.publicKey);
    const enrolled = standing.personByKey(keyId)?.person.id;
    const person = enrolled ?? subjectRule(settings.subjects, leaf);
    if (person === undefined)
      throw refused('The certificate is good, but belongs to nobody here. Ask an administrator to enrol its key.');
    attempt.succeeded();
    const { id } = personInOffice(standing, person, clock());
    return { person: id, by: 'certificate', mfa: true, ...(enrolled !== undefined && { keyId }) };
  }

  async #verify(leaf: X509Certificate, intermediates: readonly X509Certificate[], folder: string): Promise<void> {
    const atMs = this.#parts.clock();
    const authorities = this.#parts.authorities(atMs);
    const question = { authorities, intermediates, atMs, purpose: 'sign-in' } as const;
    try {
      const path = verifyPath(leaf, question);
      const revocationLists = await readLists(folder, path.slice(1));
      verifyPath(leaf, { ...question, revocationLists, revocationRequired: true });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new DomainError('unauthenticated', error.message, { cause: error });
    }
  }
}

/** Those of the folder that one of these authorities signed. */
async function readLists(folder: string, authorities: readonly X509Certificate[]): Promise<RevocationList[]> {
  const found: RevocationList[] = [];
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (statSync(path).size > limits.revocationListBytes) continue;
    const list = await RevocationList.open(readFileSync(path), authorities).catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
    if (list) found.push(list);
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ name }) => name).slice(0, limits.revocationLists);
  } catch (cause) {
    throw new DomainError('unauthenticated', 'The folder of revocation lists cannot be read.', { cause });
  }
}

/** Node writes a line for each part of a subject, the first one first. */
const subjectRule = (rules: readonly { subject: string; person: PersonId }[], { subject }: X509Certificate) =>
  rules.find((rule) => rule.subject === subject.replaceAll('\n', ', '))?.person;

const refused = (why: string) => new DomainError('unauthenticated', why);
