import type { ReleaseStatement } from '../domain/statements.ts';
import { canonicalJson } from '../platform/hash.ts';
import { type Artefact, verifyArtefacts } from './artefacts.ts';
import type { CmsSigner } from './cms.ts';
import { openEnvelope, signPayload } from './dsse.ts';
import type { SignedRelease } from './signer-protocol.ts';
import type { SigningKey } from './signing-key.ts';
import type { Trust } from './trust.ts';

type Keys = { releaseKey: SigningKey; cms: CmsSigner; trust: Pick<Trust, 'releaseKey'> };

/**
 * Signs what was found good: each file as a detached CMS over bytes that are read here, then the statement. Every
 * signature is checked before it leaves, against the published key: a wrong key must never go unseen. Throws
 * `bytes-differ` for a file that is not the one of the manifest, or not the form of its program that it says.
 */
export async function signReleased(
  statement: ReleaseStatement,
  artefacts: readonly Artefact[],
  { releaseKey, cms, trust, timeMs }: Keys & { timeMs: number },
): Promise<SignedRelease> {
  const signatures: SignedRelease['signatures'] = [];
  await verifyArtefacts(artefacts);
  for (const { name, digest } of artefacts) {
    signatures.push({ name, digest, cms: (await cms.sign(digest, timeMs)).toString('base64') });
  }
  const envelope = await signPayload(canonicalJson(statement), releaseKey);
  openEnvelope(envelope, [trust.releaseKey]);
  return { envelope, signatures };
}
