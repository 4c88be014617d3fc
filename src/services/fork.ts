import { Standing } from '../catalog/standing.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, type EventOf, makeEvent } from '../domain/events.ts';
import type { DeliveryId, MachineId, PackageId, PersonId, ReleaseId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import { requireExtends } from '../ledger/anchor.ts';
import type { Ledger, Receipt } from '../ledger/ledger.ts';
import { LedgerTiles } from '../ledger/ledger-tiles.ts';
import { sequencedEntries } from '../ledger/open.ts';
import type { SignedCheckpoint } from '../ledger/publisher.ts';
import type { LedgerReader } from '../ledger/store.ts';
import { openLogCheckpoint } from '../merkle/checkpoint.ts';
import { rootOf } from '../merkle/tree.ts';
import type { Trust } from '../signing/trust.ts';

/** A job of the old ledger that proves nothing in the new one and has to be deposited, approved and released again. */
export type Redeposit = Pick<Manifest, 'part' | 'revision' | 'operation' | 'machineGroup'> & {
  packageId: PackageId;
  releaseId?: ReleaseId;
};
/** What a machine last read to its end under a name: it may still hold it. */
export type Held = { machine: MachineId; file: string; releaseId: ReleaseId; digest: Digest; index: number };

/** What a verified ledger says up to its final checkpoint, for one that goes on after it. */
export type OldLedger = {
  origin: string;
  trust: Digest;
  final: SignedCheckpoint;
  people: PersonId[];
  machines: MachineId[];
  open: Redeposit[];
  released: Redeposit[];
  held: Held[];
};

/**
 * That somebody kept a checkpoint, signed by the old ledger's own keys, which its copy does not reach: without one
 * nothing is lost and the old ledger simply goes on. Throws `state-forbids`, or `not-verified` for a checkpoint that is
 * not the old ledger's.
 */
export function requireLost(reader: LedgerReader, trust: Trust, unreached: string): void {
  try {
    openLogCheckpoint(unreached, trust);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new DomainError('not-verified', `The checkpoint is not signed by the keys of ${trust.origin} (${why}).`, {
      cause,
    });
  }
  const size = reader.size();
  const { hashes } = new LedgerTiles(reader, size);
  try {
    requireExtends({ place: 'hand', note: unreached }, { size, root: rootOf(size, hashes), hashes }, trust);
  } catch {
    return;
  }
  throw new DomainError('state-forbids', `The old ledger reaches this checkpoint: nothing is lost. Start it as it is.`);
}

/** Folds a ledger that was verified, as far as its final checkpoint covers it; what came after proves nothing. */
export function readOldLedger(reader: LedgerReader, trust: Trust, final: SignedCheckpoint): OldLedger {
  const standing = new Standing();
  const held = new Map<string, Held>();
  const underWay = new Map<DeliveryId, EventOf<'delivery.started'>['data']>();
  for (const entry of sequencedEntries(reader, 0, final.size)) {
    standing.apply(entry);
    const { event, index } = entry;
    if (event.type === 'delivery.started') underWay.set(event.data.deliveryId, event.data);
    if (event.type !== 'delivery.completed' && event.type !== 'delivery.failed') continue;
    const started = underWay.get(event.data.deliveryId);
    underWay.delete(event.data.deliveryId);
    if (!started || event.type === 'delivery.failed') continue;
    const { machineId: machine, file, releaseId, digest } = started;
    held.set(`${machine} ${file}`, { machine, file, releaseId, digest, index });
  }
  return {
    origin: trust.origin,
    trust: trust.digest,
    final,
    people: [...standing.people()].map(({ person }) => person.id),
    machines: [...standing.machines()].map(({ machine }) => machine.id),
    open: [...standing.openPackages()].map(({ packageId, manifest }) => ({ packageId, ...jobOf(manifest) })),
    released: [...standing.releases()].map(({ packageId, releaseId, manifest }) => ({
      packageId,
      releaseId,
      ...jobOf(manifest),
    })),
    held: [...held.values()],
  };
}

const jobOf = ({ part, revision, operation, machineGroup }: Manifest) => ({ part, revision, operation, machineGroup });

export type ForkRequest = { actor: Principal; by: string; reason: string; unreached: string };

/**
 * Begins the new ledger with what it goes on after. Nothing comes along: people are in office by what administrators
 * signed for the old origin, releases rest on entries of the old ledger, and a delivery on either would rest on a ledger
 * that is known to have lost some. Throws `conflict` where the new ledger has begun.
 */
export async function forkLedger(ledger: Ledger, trust: Trust, old: OldLedger, request: ForkRequest): Promise<Receipt> {
  const { actor, by, reason, unreached } = request;
  const counts = { openPackages: old.open.length, releases: old.released.length };
  const from = { origin: old.origin, trust: old.trust, final: old.final.note, unreached };
  const events: Event[] = [
    makeEvent('gateway.forked', actor, { from, by, reason, leftBehind: counts }),
    makeEvent('gateway.initialised', { kind: 'gateway' }, { origin: trust.origin, trust: trust.digest }),
  ];
  const { receipt } = await ledger.commit(({ nextIndex }) => {
    if (nextIndex > 0) throw new DomainError('conflict', 'The new ledger has begun already.');
    return { events, result: undefined };
  });
  return receipt;
}
