import type { Catalog } from '../catalog/catalog.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import { holdersOf, type ResidueRow, residueRows } from '../catalog/queries/residue.ts';
import type { Residue } from '../catalog/residue-register.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Digest } from '../domain/digest.ts';
import { digestHex } from '../domain/digest.ts';
import type { DoorChannel } from '../domain/doors.ts';
import { DomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import type { MachineId, ReleaseId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Manifest } from '../domain/manifest.ts';
import { type Holder, ResidueStatement } from '../domain/residue.ts';
import type { Envelope } from '../domain/statements.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { canonicalJson, digestOf } from '../platform/hash.ts';
import { openEnvelope } from '../signing/dsse.ts';
import { manifestDigest, parseSigned } from '../signing/statements.ts';
import type { AlarmSource } from './alarms.ts';
import { type Authority, asPerson, packageFacts } from './authority.ts';
import { requireFreshCounters } from './passkey-counters.ts';
import type { Asker } from './principals.ts';
import type { ReleaseService } from './release.ts';
import { signerOf } from './signer-of.ts';

type ResidueParts = {
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  releases: Pick<ReleaseService, 'withdraw'>;
};

/** Taking back what machines already have: who may hold it, and how each of them came to be clear of it. */
export class ResidueService {
  readonly #parts: ResidueParts;

  constructor(parts: ResidueParts) {
    this.#parts = parts;
  }

  /** Withdraws the release where it is in force, and opens it on every machine that may hold it, whatever it is now. */
  async recall(asker: Asker, releaseId: ReleaseId, reason: string): Promise<{ index: number; holders: Holder[] }> {
    const { ledger, catalog, standing, authority, releases } = this.#parts;
    const made = releasePackage(await catalog.current(), releaseId);
    if (!made) throw new DomainError('not-found', 'There is no such release.');
    const facts = packageFacts(made.packageId, made.manifest);
    authority.require('withdraw', asker, facts);
    // First: from here on no delivery of it begins, so that what is looked up next is all there will be.
    if (standing.release(releaseId)) await releases.withdraw(asker, releaseId, reason);
    const holders = holdersOf(await catalog.current(), releaseId);
    const { receipt } = await ledger.commit(() => {
      const decision = authority.require('withdraw', asker, facts);
      const event = makeEvent('release.recalled', asker.principal, { releaseId, reason, holders, decision });
      return { events: [event], result: undefined };
    });
    return { index: receipt.index, holders };
  }

  /** Open ones first, of the releases that the asker may clear machines of. */
  async list(asker: Asker): Promise<ResidueRow[]> {
    const { catalog, authority } = this.#parts;
    const db = await catalog.current();
    return residueRows(db, limits.residueRows).filter(({ releaseId }) => {
      const made = releasePackage(db, releaseId);
      const facts = made && packageFacts(made.packageId, made.manifest);
      return facts && authority.decide('clear-residue', asker, facts).verdict === 'permit';
    });
  }

  /** Takes somebody's signed word that a machine holds a recalled release no more. */
  async clear(asker: Asker, envelope: Envelope): Promise<{ index: number }> {
    const { ledger, catalog, standing, authority } = this.#parts;
    const { person } = signerOf(standing, asker, envelope);
    const statement = parseSigned(ResidueStatement, openEnvelope(envelope, person.keys));
    const { releaseId, machineId } = statement.predicate;
    const made = releasePackage(await catalog.current(), releaseId);
    if (!made) throw new DomainError('not-found', 'There is no such release.');
    requireSameSubject(statement, made.manifest);
    if (statement.predicate.person !== person.id)
      throw new DomainError('statement-mismatch', 'The signed statement names another person.');
    const { receipt } = await ledger.commit(() => {
      signerOf(standing, asker, envelope);
      requireFreshCounters(envelope, standing);
      const facts = packageFacts(made.packageId, made.manifest);
      const decision = authority.require('clear-residue', asPerson(person.id, asker.context), facts);
      const { files } = this.#requireOpen(releaseId, machineId);
      const proof = { kind: 'statement' as const, person: person.id, envelope };
      const data = { releaseId, machineId, files: [...files], proof, decision };
      return { events: [makeEvent('residue.cleared', asker.principal, data)], result: undefined };
    });
    return { index: receipt.index };
  }

  /**
   * Clears what a machine's own folder does not list any more, by a door that can list it: for pushes and their queue.
   * `names` are all that it listed, as they are on the control.
   */
  async clearByListing(channel: DoorChannel, machineId: MachineId, names: readonly string[]): Promise<void> {
    const listed = new Set(names.map((name) => name.toLowerCase()));
    const digest = digestOf(canonicalJson([...names]));
    const { ledger, standing } = this.#parts;
    await ledger.commit(() => {
      const events = [...standing.residue.all()].flatMap(({ releaseId, machineId: at, files }) => {
        const gone = at === machineId ? files.filter((file) => !listed.has(file.toLowerCase())) : [];
        if (gone.length === 0) return [];
        const proof = { kind: 'listing' as const, channel, digest };
        return [makeEvent('residue.cleared', { kind: 'gateway' }, { releaseId, machineId, files: gone, proof })];
      });
      return { events, result: undefined };
    });
  }

  #requireOpen(releaseId: ReleaseId, machineId: MachineId): Residue {
    const open = this.#parts.standing.residue.of(releaseId, machineId);
    if (open) return open;
    throw new DomainError('state-forbids', `Nothing of ${releaseId} is open on ${machineId}.`);
  }
}

function requireSameSubject({ subject: [manifest] }: ResidueStatement, of: Manifest): void {
  if (manifest.digest.sha256 !== digestHex(manifestDigest(of) as Digest))
    throw new DomainError('statement-mismatch', 'The signed statement is about another release.');
}

/** Machines that may still hold what was recalled. */
export const residueOpen =
  (standing: Pick<Standing, 'residue'>): AlarmSource =>
  () =>
    [...standing.residue.all()].map(({ releaseId, machineId, files, since }) => ({
      code: 'residue-open' as const,
      subject: `${releaseId} on ${machineId}`,
      sentence: `${machineId} may still hold ${files.length} programs of the recalled release ${releaseId}.`,
      goOn: 'Delete them there, then clear it with "keyway residue clear", or read back what stands in their place.',
      since,
    }));
