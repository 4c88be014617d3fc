import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestHex } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Event } from '../../domain/events.ts';
import { sequencedEntries } from '../../ledger/open.ts';
import type { LedgerReader } from '../../ledger/store.ts';
import { BlobStore } from '../../vault/blob-store.ts';

/** Everything deposited stands in `quarantine`; what was packaged or released, and may be delivered, also in `blobs`. */
type Area = 'quarantine' | 'blobs';
/** A blob that the ledger names, where it must stand, and the first entry that says so. */
export type NamedBlob = { digest: Digest; size: number; area: Area; index: number };
export type BlobFinding = NamedBlob & { state: 'missing' | 'damaged' };

export function namedBlobs(reader: LedgerReader): NamedBlob[] {
  const named = new Map<string, NamedBlob>();
  for (const { index, event } of sequencedEntries(reader, 0, reader.size())) {
    const { area, files } = blobsOf(event);
    for (const { digest, size } of files) {
      const key = `${area}/${digest}`;
      if (!named.has(key)) named.set(key, { digest, size, area, index });
    }
  }
  return [...named.values()];
}

function blobsOf(event: Event): { area: Area; files: readonly { digest: Digest; size: number }[] } {
  switch (event.type) {
    case 'deposit.received':
      return { area: 'quarantine', files: event.data.files };
    case 'package.submitted':
      return { area: 'blobs', files: event.data.manifest.files };
    case 'gateway.configured':
      return { area: 'blobs', files: event.data.policyFiles ?? [] };
    case 'release.issued':
      return { area: 'blobs', files: event.data.signatures };
    default:
      return { area: 'blobs', files: [] };
  }
}

/** Reads every one of them whole. Answers those that are not there, or are not what their digest says. */
export async function checkBlobs(vault: string, named: readonly NamedBlob[]): Promise<BlobFinding[]> {
  // The store makes its folders where they are not; a check changes nothing.
  const areas = (['quarantine', 'blobs'] as const).filter((area) => existsSync(join(vault, area)));
  if (areas.length < 2) return named.map((blob) => ({ ...blob, state: 'missing' }));
  const store = new BlobStore(vault);
  const found: BlobFinding[] = [];
  for (const blob of named) {
    const state = await stateOf(store, blob);
    if (state !== 'good') found.push({ ...blob, state });
  }
  return found;
}

async function stateOf(store: BlobStore, { digest, size, area }: NamedBlob): Promise<'good' | 'missing' | 'damaged'> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of area === 'blobs' ? store.stream(digest) : store.streamQuarantined(digest)) {
      hash.update(part);
      bytes += part.length;
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'not-found') return 'missing';
    if (error.code === 'bytes-differ') return 'damaged';
    throw error;
  }
  return bytes === size && hash.digest('hex') === digestHex(digest) ? 'good' : 'damaged';
}
