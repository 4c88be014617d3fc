import { Readable } from 'node:stream';
import type { Catalog } from '../catalog/catalog.ts';
import { historyOf } from '../catalog/queries/history.ts';
import type { PastRelease } from '../catalog/queries/releases.ts';
import type { Decision } from '../domain/decisions.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, type EventType, makeEvent, type Sequenced } from '../domain/events.ts';
import type { EvidenceQuestion } from '../domain/evidence.ts';
import { limits } from '../domain/limits.ts';
import { layOut } from '../evidence/layout.ts';
import type { OlderTree, PackArtefact, PackEntry, PackModel, StampedTree } from '../evidence/pack.ts';
import { zipStream } from '../evidence/zip.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Proofs } from '../ledger/proofs.ts';
import type { Publisher, SignedCheckpoint } from '../ledger/publisher.ts';
import type { Timestamps } from '../ledger/timestamps.ts';
import type { Witnesses } from '../ledger/witnesses.ts';
import { openLogCheckpoint } from '../merkle/checkpoint.ts';
import { consistencyProof, type HashReader } from '../merkle/tree.ts';
import type { Sqlite } from '../platform/sqlite.ts';
import { openProvenEvent } from '../signing/proven-event.ts';
import type { Trust } from '../signing/trust.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { type Authority, packageFacts } from './authority.ts';
import { entriesOfRelease, namedIn, registrationsOf, releasesOf, tooMany } from './evidence-scope.ts';
import type { Asker } from './principals.ts';

type EvidenceParts = {
  ledger: Ledger;
  catalog: Catalog;
  publisher: Publisher;
  witnesses: Pick<Witnesses, 'cosigned'>;
  /** Undefined where checkpoints are not stamped. */
  timestamps: Pick<Timestamps, 'newest'> | undefined;
  proofs: Proofs;
  hashes: HashReader;
  vault: Pick<BlobStore, 'stream'>;
  authority: Authority;
  trust: Trust;
};

export type EvidenceRequest = {
  question: EvidenceQuestion;
  /** For a receiver who may see no content at all. */
  redact: boolean;
  /** A signed checkpoint that the asker holds from before. */
  older?: string | undefined;
};

/** A release in the scope, and what of it the asker may have. */
type Allowed = { release: PastRelease; entries: boolean; files: boolean; decision: Decision };

/** Packs of evidence: everything that the ledger holds about a question, with what it takes to check it without us. */
export class EvidenceService {
  readonly #parts: EvidenceParts;

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  /**
   * A zip, made as it is read. That it was made is in the ledger before the first byte leaves. Throws `not-found` where
   * the question leads to nothing that the asker may know of, `too-large`, `checkpoint-behind`, or `request-invalid`
   * for an older checkpoint that is not one of this ledger.
   */
  async export(asker: Asker, request: EvidenceRequest): Promise<Readable> {
    const db = await this.#parts.catalog.current();
    const allowed = this.#allowed(asker, releasesOf(db, request.question));
    const tree = this.#newest();
    const read = this.#reader(tree);
    const scope = this.#scope(db, allowed, read, tree.size);
    const entries = [...scope].map(([index, withheld]) =>
      this.#entry(index, tree, read, request.redact ? 'left out for this receiver' : withheld),
    );
    const model: PackModel = {
      origin: this.#parts.trust.origin,
      question: request.question,
      redacted: request.redact,
      checkpoint: this.#parts.witnesses.cosigned(tree) ?? tree.note,
      size: tree.size,
      root: tree.root,
      older: request.older === undefined ? undefined : this.#older(request.older, tree),
      stamped: this.#stamped(tree),
      entries,
      artefacts: request.redact ? [] : allowed.filter(({ files }) => files).flatMap(artefactsOf),
      leftOut: request.redact ? [] : allowed.flatMap(leftOutOf),
      further: request.redact ? [] : this.#certificates(),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
    const { files, sums } = await layOut(model);
    const { decision } = allowed.find(({ entries: shown }) => shown) ?? (allowed[0] as Allowed);
    await this.#record(asker, request, model, { sums: sums.digest, decision });
    return zipStream([...files, sums], (digest) => Readable.from(this.#parts.vault.stream(digest)));
  }

  /** A release that may not be shown does not exist. Never empty: where nothing is left, the question leads to nothing. */
  #allowed(asker: Asker, releases: readonly PastRelease[]): Allowed[] {
    const { authority } = this.#parts;
    const known = releases.flatMap((release): Allowed[] => {
      const decide = (action: 'view' | 'disclose' | 'download') =>
        authority.decide(action, asker, packageFacts(release.packageId, release.manifest));
      const [view, disclose, download] = [decide('view'), decide('disclose'), decide('download')];
      const entries = disclose.verdict === 'permit';
      if (!entries && view.verdict === 'deny') return [];
      return [{ release, entries, files: download.verdict === 'permit', decision: entries ? disclose : view }];
    });
    if (known.length === 0) throw new DomainError('not-found', 'The ledger holds nothing about this.');
    return known;
  }

  #newest(): SignedCheckpoint {
    const { latest } = this.#parts.publisher;
    if (latest) return latest;
    throw new DomainError('checkpoint-behind', 'There is no signed checkpoint yet. Try again in a moment.');
  }

  /** Reads entries of the tree once each, believed only by their proof. */
  #reader(tree: SignedCheckpoint): (index: number) => Sequenced {
    const read = new Map<number, Sequenced>();
    return (index) => {
      const known = read.get(index) ?? openProvenEvent(this.#parts.proofs.prove(index, tree.size), tree);
      read.set(index, known);
      return known;
    };
  }

  /** Each entry that belongs to the question, by index, with why its content is withheld where it is. */
  #scope(
    db: Sqlite,
    allowed: readonly Allowed[],
    read: (index: number) => Sequenced,
    size: number,
  ): Map<number, string | undefined> {
    const readable = (index: number) => {
      if (index >= size) throw behind();
      return read(index);
    };
    const found = new Map<number, string | undefined>();
    for (const { release, entries } of allowed) {
      for (const index of entriesOfRelease(db, release, readable)) {
        // What stands in the story of two releases is shown where one of them may be.
        if (entries) found.set(index, undefined);
        else if (!found.has(index)) found.set(index, 'you may not be shown the content of this package');
      }
      if (found.size > limits.evidenceEntries) throw tooMany();
    }
    const shown = [...found].flatMap(([index, withheld]) => (withheld === undefined ? [read(index).event] : []));
    for (const index of registrationsOf(db, namedIn(shown), readable))
      found.set(index, withheldSecret(read(index).event));
    for (const index of historyOf(db, 'gateway', limits.evidenceEntries))
      if (index < size && ruleEvents.has(read(index).event.type)) found.set(index, undefined);
    return new Map([...found].sort(([a], [b]) => a - b));
  }

  #entry(
    index: number,
    tree: SignedCheckpoint,
    read: (index: number) => Sequenced,
    withheld: string | undefined,
  ): PackEntry {
    const { time, event } = read(index);
    const { leaf, body, salt, proof } = this.#parts.proofs.prove(index, tree.size);
    const bytes = (text: string) => Buffer.from(text, 'base64');
    return {
      index,
      time,
      type: event.type,
      leaf: bytes(leaf),
      proof: proof.map(bytes),
      disclosed: withheld === undefined ? { body: bytes(body), salt: bytes(salt), event } : undefined,
      withheld,
    };
  }

  #older(note: string, tree: SignedCheckpoint): OlderTree {
    const { trust, hashes } = this.#parts;
    try {
      const { size, root } = openLogCheckpoint(note, trust);
      if (size > tree.size) throw new Error('it is newer than the newest that is published');
      return { note, size, root, proof: consistencyProof(size, tree.size, hashes) };
    } catch (cause) {
      throw new DomainError('request-invalid', 'The older checkpoint is not a signed one of this ledger.', {
        field: 'older',
        cause,
      });
    }
  }

  #stamped(tree: SignedCheckpoint): StampedTree | undefined {
    const newest = this.#parts.timestamps?.newest;
    if (!newest || newest.size > tree.size) return undefined;
    const { response, genTimeMs } = newest;
    return { ...this.#older(newest.note, tree), response, genTimeMs };
  }

  /** Of each release key, with those above it up to its authority. */
  #certificates(): PackModel['further'] {
    return this.#parts.trust.releases.map(({ keyId, path }) => ({
      path: `certificates/release-${keyId.slice(7, 15)}.crt.pem`,
      bytes: Buffer.from(path.map((certificate) => certificate.toString()).join('')),
    }));
  }

  async #record(
    asker: Asker,
    { question, redact }: EvidenceRequest,
    model: PackModel,
    made: { sums: Digest; decision: Decision },
  ): Promise<void> {
    const disclosed = model.entries.filter((entry) => entry.disclosed).length;
    const event = makeEvent('evidence.exported', asker.principal, {
      question,
      redacted: redact,
      treeSize: model.size,
      disclosed,
      withheld: model.entries.length - disclosed,
      artefacts: model.artefacts.length,
      ...made,
    });
    await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }));
  }
}

const behind = () =>
  new DomainError('checkpoint-behind', 'No signed checkpoint covers the newest entries yet. Try again in a moment.');

const ruleEvents: ReadonlySet<EventType> = new Set(['gateway.initialised', 'gateway.configured', 'trust.changed']);

/** The hash of a password may be guessed at for ever by whoever holds it. */
const withheldSecret = (event: Event): string | undefined =>
  (event.type === 'machine.registered' || event.type === 'machine.changed') && event.data.machine.password !== undefined
    ? "it holds the hash of the machine's password"
    : undefined;

function artefactsOf({ release }: Allowed): PackArtefact[] {
  const folder = `artefacts/${release.releaseId}`;
  return release.manifest.files.flatMap(({ name, digest, size }, at) => {
    const signature = release.signatures[at];
    return [
      { path: `${folder}/${name}`, digest, size },
      ...(signature ? [{ path: `${folder}/${name}.p7s`, digest: signature.digest, size: signature.size }] : []),
    ];
  });
}

function leftOutOf({ release, entries, files }: Allowed): { what: string; why: string }[] {
  const about = `release ${release.releaseId}`;
  return [
    ...(entries ? [] : [{ what: `what the entries of ${about} say`, why: 'you may not be shown it' }]),
    ...(files ? [] : [{ what: `the files of ${about}`, why: 'you may not take them away' }]),
  ];
}
