import type { Standing } from '../catalog/standing.ts';
import { type Event, makeEvent, type StoredFile } from '../domain/events.ts';
import type { Policy } from '../policy/decide.ts';
import type { Routes } from '../policy/routes.ts';
import type { Trust } from '../signing/trust.ts';
import type { BlobStore } from '../vault/blob-store.ts';

/** The text of every rule in force stands in the vault before the ledger names it. */
export async function keepPolicy(vault: BlobStore, { files }: Policy): Promise<StoredFile[]> {
  const kept: StoredFile[] = [];
  for (const { name, text } of files) {
    const stored = await vault.putBytes(Buffer.from(text, 'utf8'));
    vault.admit(stored.digest);
    kept.push({ name, ...stored });
  }
  return kept;
}

type InForce = { trusted: Event[]; policy: Policy; policyFiles: StoredFile[]; routes: Routes };

/** What a start records: the first of all entries, and trust root, rules and routes where they are new. */
export function openingEvents(size: number, trust: Trust, inForce: InForce, standing: Standing): Event[] {
  const { trusted, policy, policyFiles, routes } = inForce;
  const gateway = { kind: 'gateway' } as const;
  const first =
    size === 0 ? [makeEvent('gateway.initialised', gateway, { origin: trust.origin, trust: trust.digest })] : [];
  const { configured } = standing.rules;
  const same =
    configured?.policySet === policy.digest &&
    configured.policyFiles !== undefined &&
    configured.routes.version === routes.version;
  const data = { policySet: policy.digest, policyFiles, routes: { version: routes.version, text: routes.text } };
  return same ? [...first, ...trusted] : [...first, ...trusted, makeEvent('gateway.configured', gateway, data)];
}
