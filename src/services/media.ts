import type { Catalog } from '../catalog/catalog.ts';
import type { MediaOut } from '../catalog/media-register.ts';
import { releasePackage } from '../catalog/queries/releases.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Decision } from '../domain/decisions.ts';
import { DomainError } from '../domain/errors.ts';
import { type EventData, makeEvent } from '../domain/events.ts';
import { type MachineId, type MediaId, newMediaId, type RandomBytes } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { LeftOut, MediaFile, Oddity, StickManifest } from '../domain/media.ts';
import type { ReadbackVerdict, Returns } from '../domain/returns.ts';
import type { Shelves } from '../domain/shelf.ts';
import { IncomingFile, type OpenArrival } from '../door/incoming-file.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Proofs } from '../ledger/proofs.ts';
import { formatProof } from '../merkle/proof.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import type { BlobStore } from '../vault/blob-store.ts';
import type { AlarmSource } from './alarms.ts';
import { type Authority, packageFacts, type Resource } from './authority.ts';
import { leftOut } from './left-out.ts';
import type { Asker } from './principals.ts';
import type { ProvenEntries } from './proven-entries.ts';
import type { ShelfFile, ShelfTree } from './shelf.ts';

type MediaParts = {
  ledger: Pick<Ledger, 'commit'>;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Authority;
  shelf: Pick<ShelfTree, 'find'>;
  shelves: Shelves;
  returns: Returns;
  openArrival: OpenArrival;
  vault: Pick<BlobStore, 'stream'>;
  proofs: Pick<Proofs, 'prove'>;
  entries: Pick<ProvenEntries, 'checkpointOver' | 'covering'>;
  clock: Clock;
  random: RandomBytes;
};

type Returning = { late: string | undefined; programs: Map<string, ReadbackVerdict> };
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Sticks that carry programs to machines without a network. Each goes out once, for one machine and for some days, and what is
 * on it when it comes back is looked at like everything that comes back. A program is delivered when its bytes were
 * handed to whoever writes the stick: what the machine took of it shows the readback, and nothing before.
 */
export class MediaService {
  readonly #parts: MediaParts;
  readonly #returning = new Map<MediaId, Returning>();

  constructor(parts: MediaParts) {
    this.#parts = parts;
  }

  /** Throws `not-supported`, `conflict` for a stick that is still out, and `not-found` where the asker may send nothing there. */
  async issue(
    asker: Asker,
    asked: { machineId: string; number: string; days: number },
  ): Promise<MediaOut & { leftOut: LeftOut[] }> {
    const { standing, ledger, random, clock } = this.#parts;
    const machineId = this.#machine(asked.machineId);
    const [first, ...more] = this.#onShelf(machineId).filter((one) => this.#may(asker, one.file));
    if (!first) throw this.#nothingFor(asker, machineId);
    if (1 + more.length > limits.filesPerMedia)
      throw new DomainError('too-large', `One stick carries ${limits.filesPerMedia} programs at most.`);
    const mediaId = newMediaId(random);
    const files = [first, ...more].map(
      ({ name, file: { release, digest, size } }): MediaFile => ({
        ...{ name, releaseId: release.releaseId, digest, size },
      }),
    );
    const expires = rfc3339(clock() + asked.days * dayMs);
    await ledger.commit(() => {
      const out = standing.media.byNumber(asked.number);
      if (out)
        throw new DomainError('conflict', `Stick ${out.number} is out for ${out.machineId}: have it returned first.`);
      const decision = this.#parts.authority.require('send', asker, factsOf(first.file));
      const data = { mediaId, number: asked.number, machineId, expires, files, decision };
      return { events: [makeEvent('media.issued', asker.principal, data)], result: undefined };
    });
    return { ...this.#out(mediaId), leftOut: leftOut(asker, machineId, files, this.#parts) };
  }

  #nothingFor(asker: Asker, machineId: MachineId): DomainError {
    const [one] = leftOut(asker, machineId, [], this.#parts);
    const why = one ? ` ${one.part} ${one.revision}, operation ${one.operation}: ${one.why}` : '';
    return new DomainError('not-found', `There is nothing that you may send to ${machineId} now.${why}`);
  }

  /** What makes a stick prove by itself what it is. Rejects with `checkpoint-behind`. */
  async manifest(asker: Asker, mediaId: string): Promise<StickManifest> {
    const { index } = await this.#mine(asker, mediaId);
    const { entries, proofs } = this.#parts;
    await entries.covering(index);
    const { size, note } = entries.checkpointOver(index, 'this stick');
    const { body, salt, leaf, proof } = proofs.prove(index, size);
    const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
    return { v: 1, body, salt, leaf, proof: formatProof({ index, hashes, checkpoint: note }) };
  }

  /** One program for the stick, or its signature: decided, verified and on record before its first byte, as at any door. */
  async open(asker: Asker, mediaId: string, name: string) {
    const { machineId, files, expires } = await this.#mine(asker, mediaId);
    const { shelves, vault, clock } = this.#parts;
    const program = files.find((file) => file.name === name.replace(/\.p7s$/, ''));
    if (!program) throw new DomainError('not-found', 'This is not one of the programs of this stick.');
    if (Date.parse(expires) <= clock()) throw new DomainError('state-forbids', `This stick expired on ${expires}.`);
    const shelf = shelves.through('media');
    const opened = await shelf.open(machineId, ['current', name]);
    const isOther = name === program.name && opened.digest !== program.digest;
    const content = isOther ? emptied() : vault.stream(opened.digest);
    const { deliveryId, digest, size } = opened;
    const sent = handedOver(content, async (bytes) => {
      const complete = bytes === size;
      await shelf.finish({ deliveryId, bytes, complete, ...(!complete && { reason: 'The stick was not written.' }) });
    });
    if (!isOther) return { digest, size, content: sent };
    for await (const _ of sent);
    throw new DomainError('conflict', `Another release has taken the place of ${name}: issue the stick anew.`);
  }

  /** Begins to take a stick back. Throws `conflict` for one of another number or machine, `state-forbids` for one that expired. */
  async begin(
    asker: Asker,
    mediaId: string,
    said: { number: string; machineId: string; late?: string | undefined },
  ): Promise<void> {
    const out = await this.#mine(asker, mediaId);
    if (out.number !== said.number) throw new DomainError('conflict', `${mediaId} is stick ${out.number}.`);
    if (out.machineId !== said.machineId)
      throw new DomainError('conflict', `Stick ${out.number} is for ${out.machineId}, not for ${said.machineId}.`);
    if (Date.parse(out.expires) <= this.#parts.clock() && said.late === undefined)
      throw new DomainError(
        'state-forbids',
        `Stick ${out.number} expired on ${out.expires}: say why it comes back late.`,
      );
    this.#returning.set(out.mediaId, { late: said.late, programs: new Map() });
  }

  /** Takes one file of a stick that is being returned: kept, hashed and judged like everything that comes back. */
  async take(asker: Asker, mediaId: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<ReadbackVerdict> {
    const { machineId } = await this.#mine(asker, mediaId);
    const { programs } = this.#requireReturning(mediaId);
    if (programs.size >= limits.filesPerMedia)
      throw new DomainError('too-large', `More than ${limits.filesPerMedia} files on one stick: look at it by hand.`);
    const file = new IncomingFile(await this.#parts.returns.accept('media', machineId, name), this.#parts.returns);
    const verdict = await keep(file, bytes, this.#parts.openArrival);
    programs.set(name, verdict);
    return verdict;
  }

  /** Ends the return: the stick may be issued again. */
  async returned(asker: Asker, mediaId: string, odd: Oddity[]): Promise<EventData<'media.returned'>> {
    const out = await this.#mine(asker, mediaId);
    const { late, programs } = this.#requireReturning(mediaId);
    const names = new Set([...programs.keys()].map((name) => name.toLowerCase()));
    const missing = out.files.map(({ name }) => name).filter((name) => !names.has(name.toLowerCase()));
    const resources = await this.#resources(out);
    const { receipt: _, result } = await this.#parts.ledger.commit(() => {
      if (!this.#parts.standing.media.of(mediaId)) throw notOut();
      const decision = this.#requireAll(asker, resources);
      const data: EventData<'media.returned'> = {
        ...{ mediaId: out.mediaId, number: out.number, machineId: out.machineId, missing, odd, decision },
        programs: [...programs].map(([name, verdict]) => ({ name, verdict })),
        ...(late !== undefined && { late }),
      };
      return { events: [makeEvent('media.returned', asker.principal, data)], result: data };
    });
    this.#returning.delete(out.mediaId);
    return result;
  }

  /** The sticks that are out, of those that the asker could have issued. */
  async list(asker: Asker): Promise<MediaOut[]> {
    const listed: MediaOut[] = [];
    for (const out of this.#parts.standing.media.all()) if (await this.#mayAll(asker, out)) listed.push(out);
    return listed;
  }

  /** Not to be told from one that there is not, for whoever could not have issued it. */
  async #mine(asker: Asker, mediaId: string): Promise<MediaOut> {
    const out = this.#parts.standing.media.of(mediaId);
    if (!out || !(await this.#mayAll(asker, out))) throw notOut();
    return out;
  }

  async #mayAll(asker: Asker, out: MediaOut): Promise<boolean> {
    const { authority } = this.#parts;
    const resources = await this.#resources(out);
    return resources.every((one) => one !== undefined && authority.decide('send', asker, one).verdict === 'permit');
  }

  /** Undefined for a release that is not known: nobody may have what nobody can judge. */
  async #resources({ files }: MediaOut): Promise<(Resource | undefined)[]> {
    const db = await this.#parts.catalog.current();
    return [...new Set(files.map(({ releaseId }) => releaseId))].map((releaseId) => {
      const made = releasePackage(db, releaseId);
      return made && packageFacts(made.packageId, made.manifest);
    });
  }

  #requireAll(asker: Asker, resources: readonly (Resource | undefined)[]): Decision {
    const [first] = resources.map((resource) => {
      if (!resource) throw notOut();
      return this.#parts.authority.require('send', asker, resource);
    });
    if (first) return first;
    throw notOut();
  }

  #requireReturning(mediaId: string): Returning {
    const returning = this.#returning.get(mediaId as MediaId);
    if (returning) return returning;
    throw new DomainError('state-forbids', 'Nobody has begun to return this stick.');
  }

  #out(mediaId: MediaId): MediaOut {
    const out = this.#parts.standing.media.of(mediaId);
    if (out) return out;
    throw notOut();
  }

  #machine(id: string): MachineId {
    const machine = this.#parts.standing.machine(id)?.machine;
    if (!machine) throw new DomainError('not-found', `${id} is not registered.`, { field: 'machineId' });
    if (machine.channel === 'media') return machine.id;
    throw new DomainError('not-supported', `${id} is reached by ${machine.channel}: no stick goes there.`);
  }

  #onShelf(machine: MachineId): { name: string; file: ShelfFile }[] {
    const current = this.#parts.shelf.find({ machine, channel: 'media' }, ['current']);
    const entries = current?.kind === 'folder' ? [...current.entries] : [];
    return entries.flatMap(([name, file]) => (file.kind === 'file' ? [{ name, file }] : []));
  }

  #may(asker: Asker, file: ShelfFile): boolean {
    return this.#parts.authority.decide('send', asker, factsOf(file)).verdict === 'permit';
  }
}

const factsOf = ({ release }: ShelfFile): Resource => packageFacts(release.packageId, release.manifest);
const notOut = () => new DomainError('not-found', 'No such stick is out.');

async function* emptied(): AsyncIterable<Uint8Array> {}

/** Tells at the end, whatever becomes of the receiver, how many bytes were handed over. */
async function* handedOver(content: AsyncIterable<Uint8Array>, end: (bytes: number) => Promise<void>) {
  let bytes = 0;
  try {
    for await (const part of content) {
      yield part;
      bytes += part.length;
    }
  } finally {
    await end(bytes);
  }
}

async function keep(
  file: IncomingFile,
  bytes: AsyncIterable<Uint8Array>,
  openArrival: OpenArrival,
): Promise<ReadbackVerdict> {
  try {
    await file.open(openArrival);
    let at = 0;
    for await (const part of bytes) {
      await file.write(Buffer.from(part), at);
      at += part.length;
    }
  } catch (error) {
    await file.end('cut off');
    throw error;
  }
  const verdict = await file.end('closed by the machine');
  if (verdict) return verdict;
  throw new DomainError('internal', 'A program that came whole was not judged.');
}

/** Sticks that should be back. */
export const mediaOverdue =
  (standing: Pick<Standing, 'media'>): AlarmSource =>
  (timeMs) =>
    [...standing.media.all()]
      .filter(({ expires }) => Date.parse(expires) <= timeMs)
      .map(({ number, machineId, expires }) => ({
        ...{ code: 'media-overdue' as const, subject: `stick ${number}`, since: expires },
        sentence: `Stick ${number} for ${machineId} has expired and is not back.`,
        goOn: 'Find it, then have it returned with "keyway media return".',
      }));
