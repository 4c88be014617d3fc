import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import type { ManifestFile } from '../domain/manifest.ts';
import type { ReleaseStatement } from '../domain/statements.ts';
import { digestOfFile } from '../platform/file-digest.ts';
import { canonicalJson } from '../platform/hash.ts';
import type { CmsSigner } from './cms.ts';
import { openEnvelope, signPayload } from './dsse.ts';
import type { SignedRelease } from './signer-protocol.ts';
import type { SigningKey } from './signing-key.ts';
import type { Trust } from './trust.ts';

/** A file of a release, and where the signer reads its bytes. */
export type Artefact = Pick<ManifestFile, 'name' | 'digest'> & { path: string };
type Keys = { releaseKey: SigningKey; cms: CmsSigner; trust: Pick<Trust, 'releaseKey'> };

/**
 * Signs what was found good: each file as a detached CMS over bytes that are read here, then the statement. Every
 * signature is checked before it leaves, against the published key: a wrong key must never go unseen. Throws
 * `bytes-differ` for a file that is not the one of the manifest.
 */
export async function signReleased(
  statement: ReleaseStatement,
  artefacts: readonly Artefact[],
  { releaseKey, cms, trust, timeMs }: Keys & { timeMs: number },
): Promise<SignedRelease> {
  const signatures: SignedRelease['signatures'] = [];
  for (const { name, digest, path } of artefacts) {
    if ((await fileDigest(path)) !== digest)
      throw new DomainError('bytes-differ', `${name} in the vault is not the file that was approved.`);
    signatures.push({ name, digest, cms: (await cms.sign(digest, timeMs)).toString('base64') });
  }
  const envelope = await signPayload(canonicalJson(statement), releaseKey);
  openEnvelope(envelope, [trust.releaseKey]);
  return { envelope, signatures };
}

async function fileDigest(path: string): Promise<Digest> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return await digestOfFile(file);
  } finally {
    await file.close();
  }
}
