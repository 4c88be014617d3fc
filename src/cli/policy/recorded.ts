import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { sequencedEntries } from '../../ledger/open.ts';
import type { LedgerReader } from '../../ledger/store.ts';
import { Policy } from '../../policy/decide.ts';
import { policyFile } from '../../policy/policy-files.ts';
import { BlobStore } from '../../vault/blob-store.ts';

/** The policy sets that a ledger names, from the vault: each is what its digest says or it is none. */
export class RecordedPolicies {
  readonly #reader: LedgerReader;
  readonly #vault: string;
  readonly #loaded = new Map<Digest, Policy>();

  constructor(reader: LedgerReader, vault: string) {
    this.#reader = reader;
    this.#vault = vault;
  }

  /** Throws `not-found` where the ledger does not name its files, `not-verified` where they are not this set. */
  async load(policySet: Digest): Promise<Policy> {
    const known = this.#loaded.get(policySet);
    if (known) return known;
    const store = new BlobStore(this.#vault);
    const files = [];
    for (const { name, digest } of this.#filesOf(policySet))
      files.push(policyFile(name, await store.read(digest, limits.policyFileBytes)));
    const policy = Policy.of(files, policySet);
    if (policy.digest !== policySet)
      throw new DomainError('not-verified', 'The files that the ledger names are not the set that decided.');
    this.#loaded.set(policySet, policy);
    return policy;
  }

  #filesOf(policySet: Digest) {
    for (const { event } of sequencedEntries(this.#reader, 0, this.#reader.size())) {
      if (event.type !== 'gateway.configured' || event.data.policySet !== policySet) continue;
      if (event.data.policyFiles) return event.data.policyFiles;
    }
    throw new DomainError('not-found', `The ledger does not name the files of the policy set ${policySet}.`);
  }
}
