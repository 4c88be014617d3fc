import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import {
  type DeliveredFile,
  newestDeliveries,
  notCompared,
  type RetrievalRow,
  retrievalRow,
  sameDifference,
} from '../catalog/queries/returns.ts';
import type { Standing } from '../catalog/standing.ts';
import { mostRestrictive } from '../domain/combine-labels.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, type EventData, makeEvent } from '../domain/events.ts';
import { type MachineId, newDepositId, type RandomBytes, type RetrievalId } from '../domain/ids.ts';
import type { ChangeCounts, Difference } from '../domain/nc-difference.ts';
import type { Principal } from '../domain/people.ts';
import type { MatchedDelivery } from '../domain/readback.ts';
import type { ReadbackVerdict } from '../domain/returns.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import { packageFacts, type Resource } from './authority.ts';
import type { Comparison } from './comparison.ts';
import { matchDelivery, programNumberOf } from './readback-match.ts';
import { sentence } from './reason-text.ts';

type ReadbackParts = {
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  vault: Pick<BlobStore, 'readQuarantinedHead' | 'putBytes' | 'admit'>;
  comparison: Comparison;
  random: RandomBytes;
  log: Logger;
};

/** A program that came back whole: durable in the vault's quarantine under its digest. */
export type Retrieved = {
  retrievalId: RetrievalId;
  machineId: MachineId;
  name: string;
  digest: Digest;
  size: number;
};
type Matched = { delivery: DeliveredFile; by: MatchedDelivery['by'] };
/** What the control calls the program that it was matched with. */
type Called = { as: string | undefined };
type Judged = Pick<EventData<'readback.verdict'>, 'verdict' | 'received' | 'matched'>;

const gateway: Principal = { kind: 'gateway' };
const headBytes = 4 * 1024;

/** Judges what comes back from machines, by whichever door it came. */
export class ReadbackService {
  readonly #parts: ReadbackParts;
  #explaining: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(parts: ReadbackParts) {
    this.#parts = parts;
  }

  /** What policy is asked about before the first byte: the release that bears this name there, or a program of unknown label. */
  async resourceOf(machineId: MachineId, name: string): Promise<Resource> {
    const db = await this.#parts.catalog.current();
    const named = matchDelivery({ name, digest: '' as Digest, number: undefined }, newestDeliveries(db, machineId));
    const made = named && releasePackage(db, named.delivery.releaseId);
    if (made) return packageFacts(made.packageId, made.manifest);
    const { standing } = this.#parts;
    const groups = standing.machine(machineId)?.machine.groups ?? [];
    const labels = [...standing.releases()]
      .filter(({ manifest }) => groups.includes(manifest.machineGroup))
      .map(({ manifest }) => manifest.classification);
    return { kind: 'stray', classification: mostRestrictive({ jurisdiction: 'none' }, ...labels) };
  }

  /**
   * Records that it came and what it is beside what was delivered, in one act: a program that differs is on hold from the
   * entry on that says so. The difference itself follows, as it may take a while.
   */
  async judge(got: Retrieved): Promise<ReadbackVerdict> {
    const matched = await this.#match(got);
    const judged = await this.#beside(got, matched);
    const db = await this.#parts.catalog.current();
    const before =
      judged.verdict === 'different' && judged.matched ? sameDifference(db, got, judged.matched.releaseId) : undefined;
    await this.#parts.ledger.commit(
      () => ({ events: this.#events(got, { ...judged, as: matched?.delivery.as }, before), result: undefined }),
      {
        ending: true,
      },
    );
    if (judged.verdict === 'different' && !before) this.#explainLater(got.retrievalId);
    return judged.verdict;
  }

  /** After a start: differences that the gateway did not come to. */
  async resume(): Promise<void> {
    for (const { retrievalId } of notCompared(await this.#parts.catalog.current())) this.#explainLater(retrievalId);
  }

  /** Resolves when every difference that was asked for is on record, or could not be. */
  async settled(): Promise<void> {
    await this.#explaining;
  }

  /** What is not on record by now is taken up at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#parts.comparison.stop();
    await this.#explaining;
  }

  async #match({ machineId, name, digest }: Retrieved): Promise<Matched | undefined> {
    const { catalog, vault } = this.#parts;
    const number = programNumberOf(await vault.readQuarantinedHead(digest, headBytes));
    return matchDelivery({ name, digest, number }, newestDeliveries(await catalog.current(), machineId));
  }

  async #beside({ digest }: Retrieved, matched: Matched | undefined): Promise<Judged> {
    if (!matched) return { verdict: 'unmatched', received: { digest } };
    const { delivery, by } = matched;
    const of = (delivered: MatchedDelivery['delivered']): MatchedDelivery => {
      const { deliveryId, releaseId, file } = delivery;
      return { deliveryId, releaseId, file, by, delivered };
    };
    if (delivery.digest === digest)
      return { verdict: 'identical', received: { digest }, matched: of({ digest: delivery.digest }) };
    const forms = await this.#parts.comparison.canonical(await this.#groupOf(delivery), digest, delivery.digest);
    const isSame = forms !== undefined && forms.received === forms.delivered;
    return {
      verdict: isSame ? 'equivalent' : 'different',
      received: { digest, ...(forms && { canonical: forms.received }) },
      matched: of({ digest: delivery.digest, ...(forms && { canonical: forms.delivered }) }),
    };
  }

  async #groupOf({ releaseId }: Pick<DeliveredFile, 'releaseId'>): Promise<string> {
    return releasePackage(await this.#parts.catalog.current(), releaseId)?.manifest.machineGroup ?? '';
  }

  #events(got: Retrieved, { as, ...judged }: Judged & Called, before: RetrievalRow | undefined): Event[] {
    const { retrievalId, machineId, name, digest, size } = got;
    const about = { retrievalId, machineId };
    const releaseId = judged.matched?.releaseId;
    const machine: Principal = { kind: 'machine', id: machineId };
    const received = makeEvent('retrieval.received', machine, { ...about, name, digest, size });
    const verdict = makeEvent('readback.verdict', gateway, {
      ...{ ...about, ...judged },
      ...(releaseId && { releaseId }),
      ...(before && { sameAs: before.retrievalId }),
    });
    const cleared = this.#residueCleared(got, { ...judged, as });
    if (judged.verdict !== 'different' || !releaseId || before) return [received, verdict, ...cleared];
    const reason = sentence(
      `${machineId} sent back ${judged.matched?.file ?? name}, and it is not what was delivered.`,
    );
    const depositId = newDepositId(this.#parts.random);
    const proposal = {
      ...about,
      releaseId,
      depositId,
      name: `${name} from ${machineId}`,
      file: { name, digest, size },
    };
    return [
      received,
      verdict,
      ...(this.#parts.standing.release(releaseId)
        ? [makeEvent('release.held', gateway, { releaseId, ...about, reason })]
        : []),
      makeEvent('deposit.proposed', machine, proposal),
    ];
  }

  /** A recalled program whose place on the control another release's program is shown to have taken. */
  #residueCleared({ retrievalId, machineId }: Retrieved, { verdict, matched, as }: Judged & Called): Event[] {
    if (!matched || (verdict !== 'identical' && verdict !== 'equivalent')) return [];
    const name = as?.toLowerCase();
    return [...this.#parts.standing.residue.all()].flatMap(({ releaseId, machineId: at, files }) => {
      const gone = files.filter((other) => other.toLowerCase() === name);
      if (at !== machineId || releaseId === matched.releaseId || gone.length === 0) return [];
      const proof = { kind: 'readback' as const, retrievalId };
      return [makeEvent('residue.cleared', gateway, { releaseId, machineId, files: gone, proof })];
    });
  }

  /** One after the other; trouble with one keeps none of the others. */
  #explainLater(retrievalId: RetrievalId): void {
    this.#explaining = this.#explaining
      .then(() => this.#explain(retrievalId))
      .catch((err: unknown) => this.#parts.log.error({ err, retrievalId }, 'a difference was not recorded'));
  }

  async #explain(retrievalId: RetrievalId): Promise<void> {
    const { catalog, comparison, vault, ledger } = this.#parts;
    const row = retrievalRow(await catalog.current(), retrievalId);
    if (this.#stopped || !row?.digest || !row.releaseId || !row.deliveredDigest) return;
    const { name, machineId, releaseId, digest, deliveredDigest: delivered } = row;
    const found = await comparison.difference(await this.#groupOf({ releaseId }), {
      name,
      delivered,
      received: digest,
    });
    if (this.#stopped) return;
    const blob =
      'difference' in found ? await vault.putBytes(Buffer.from(JSON.stringify(found.difference))) : undefined;
    // Our own words, and an artefact of packs of evidence: what they were made from stays in quarantine.
    if (blob) vault.admit(blob.digest);
    const event = makeEvent('readback.compared', gateway, {
      ...{ retrievalId, machineId, releaseId, sentences: found.sentences.map(sentence) },
      ...(blob && { difference: blob }),
      ...('difference' in found && { counts: presentCounts(found.difference) }),
    });
    await ledger.commit(() => ({ events: [event], result: undefined })).catch(unlessClosing);
  }
}

const presentCounts = ({ counts }: Difference): ChangeCounts =>
  Object.fromEntries(Object.entries(counts).filter(([, blocks]) => blocks > 0));

/** It is found again at the next start. */
function unlessClosing(error: unknown): void {
  if (error instanceof DomainError && (error.code === 'ledger-unavailable' || error.code === 'storage-full')) return;
  throw error;
}
