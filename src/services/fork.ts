import type { MachineStanding } from '../catalog/machine-register.ts';
import { type PersonStanding, Standing } from '../catalog/standing.ts';
import type { ChangeOf } from '../domain/changes.ts';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { type Event, type EventOf, makeEvent } from '../domain/events.ts';
import type { DeliveryId, MachineId, PackageId, ReleaseId } from '../domain/ids.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Principal } from '../domain/people.ts';
import { PeopleRegister } from '../domain/people-register.ts';
import { requireExtends } from '../ledger/anchor.ts';
import type { Ledger, Receipt } from '../ledger/ledger.ts';
import { LedgerTiles } from '../ledger/ledger-tiles.ts';
import { sequencedEntries } from '../ledger/open.ts';
import type { SignedCheckpoint } from '../ledger/publisher.ts';
import type { LedgerReader } from '../ledger/store.ts';
import { openCheckpoint } from '../merkle/checkpoint.ts';
import { leafHash } from '../merkle/hashes.ts';
import { rootOf } from '../merkle/tree.ts';
import { officeAt, verifyAuthorisation } from '../signing/change.ts';
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
  people: (PersonStanding & { leafHash: Buffer })[];
  machines: (MachineStanding & { leafHash: Buffer })[];
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
  const { origin, ledgerVerifiers: verifiers } = trust;
  try {
    openCheckpoint(unreached, { origin, verifiers, required: verifiers.length });
  } catch (cause) {
    const why = (cause as Error).message;
    throw new DomainError('not-verified', `The checkpoint is not signed by the keys of ${origin} (${why}).`, { cause });
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
  const hashed = <T extends { index: number }>(known: T) => ({ ...known, leafHash: leafHashOf(reader, known.index) });
  return {
    origin: trust.origin,
    trust: trust.digest,
    final,
    people: [...standing.people()].map(hashed),
    // One that was suspended is not: to carry it over would resume it.
    machines: [...standing.machines()].filter(({ suspended }) => !suspended).map(hashed),
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

function leafHashOf(reader: LedgerReader, index: number): Buffer {
  const leaf = reader.entry(index)?.leaf;
  if (!leaf) throw new DomainError('not-verified', `Ledger entry ${index} is missing.`);
  return leafHash(leaf);
}

export type ForkRequest = {
  actor: Principal;
  by: string;
  reason: string;
  unreached: string;
  /** Administrators of the new ledger sign each enrolment anew: who was lost from the old one cannot be told apart. */
  sign(change: ChangeOf<'person.enrol'>): Promise<SignedChange>;
};
export type SignedChange = Pick<EventOf<'person.enrolled'>['data'], 'changeId' | 'reason' | 'authorisation'>;

/**
 * Begins the new ledger, in one act: what it goes on after, then every person and machine anew, each with the entry that
 * it came from. Releases and open packages do not come along: what people signed named the old ledger's entries and
 * routes, and a release that could be delivered on signatures which the new ledger does not hold would rest on a ledger
 * that is known to have lost some. Throws `conflict` where the new ledger has begun, `signatures-missing` where the
 * enrolments are not signed by enough administrators.
 */
export async function forkLedger(ledger: Ledger, trust: Trust, old: OldLedger, request: ForkRequest): Promise<Receipt> {
  const { actor, by, reason, unreached, sign } = request;
  const counts = { openPackages: old.open.length, releases: old.released.length };
  const from = { origin: old.origin, trust: old.trust, final: old.final.note, unreached };
  const carried = ({ index, leafHash: hash }: { index: number; leafHash: Buffer }) => ({
    carried: { origin: old.origin, index, leafHash: hash.toString('hex') },
  });
  const enrolled = old.people.map(async (known) => {
    const fields = { person: known.person, ...carried(known) };
    return makeEvent('person.enrolled', actor, { ...fields, ...(await sign({ kind: 'person.enrol', ...fields })) });
  });
  const people = await Promise.all(enrolled);
  const events: Event[] = [
    makeEvent('gateway.forked', actor, { from, by, reason, leftBehind: counts }),
    makeEvent('gateway.initialised', { kind: 'gateway' }, { origin: trust.origin, trust: trust.digest }),
    ...people,
    ...old.machines.map((known) =>
      makeEvent('machine.registered', actor, { machine: known.machine, ...carried(known) }),
    ),
  ];
  const { receipt } = await ledger.commit(({ nextIndex, time }) => {
    if (nextIndex > 0) throw new DomainError('conflict', 'The new ledger has begun already.');
    const office = officeAt(trust, new PeopleRegister(), Date.parse(time));
    for (const event of people) verifyAuthorisation({ event, index: events.indexOf(event), time }, office);
    return { events, result: undefined };
  });
  return receipt;
}
