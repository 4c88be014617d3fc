import { constants, readdirSync, rmSync } from 'node:fs';
import { open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import { openRetrievals } from '../catalog/queries/returns.ts';
import type { Decision } from '../domain/decisions.ts';
import type { DoorChannel } from '../domain/doors.ts';
import { DomainError, toDomainError } from '../domain/errors.ts';
import { makeEvent } from '../domain/events.ts';
import { type MachineId, newRetrievalId, type RandomBytes, type RetrievalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Principal } from '../domain/people.ts';
import type { Arrival, ArrivalEnd, ReadbackVerdict, Returns } from '../domain/returns.ts';
import { FileName } from '../domain/text.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BlobStore, StoredBlob } from '../vault/blob-store.ts';
import type { Authority } from './authority.ts';
import type { ReadbackService } from './readback.ts';
import { sentence } from './reason-text.ts';
import { machineAsker } from './shelf.ts';

type ReturnParts = {
  /** Where doors may write, and nobody else. */
  inbound: string;
  ledger: Ledger;
  catalog: Pick<Catalog, 'current'>;
  authority: Authority;
  vault: Pick<BlobStore, 'adopt'>;
  readback: Pick<ReadbackService, 'resourceOf' | 'judge'>;
  random: RandomBytes;
  log: Logger;
};

type Underway = { machineId: MachineId; name: string; file: string };

/** The way back, the same behind every door: decided before the first byte, durable and judged after the last. */
export class ReturnService implements Returns {
  readonly #parts: ReturnParts;
  readonly #underway = new Map<RetrievalId, Underway>();

  constructor(parts: ReturnParts) {
    this.#parts = parts;
  }

  async accept(channel: DoorChannel, machineId: MachineId, name: string): Promise<Arrival> {
    if (!FileName.safeParse(name).success)
      throw new DomainError('request-invalid', 'No program may have this name; give it a plain one.');
    const retrievalId = newRetrievalId(this.#parts.random);
    const file = join(this.#parts.inbound, retrievalId);
    const underway = { machineId, name, file };
    this.#requirePlace(machineId);
    this.#underway.set(retrievalId, underway);
    try {
      await this.#requireRoom();
      const decision = await this.#decide(channel, machineId, name);
      await (await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)).close();
      await this.#recordStart(retrievalId, underway, { channel, decision });
      return { retrievalId, file };
    } catch (error) {
      this.#underway.delete(retrievalId);
      await unlink(file).catch(() => undefined);
      throw storageRefusal(error);
    }
  }

  async arrived({ retrievalId, bytes, complete, reason }: ArrivalEnd): Promise<ReadbackVerdict | undefined> {
    const underway = this.#underway.get(retrievalId);
    if (!underway) throw new DomainError('not-found', 'There is no such file on its way.');
    this.#underway.delete(retrievalId);
    if (!complete) {
      await this.#fail(retrievalId, underway, bytes, reason ?? 'it did not come whole');
      return undefined;
    }
    const { machineId, name } = underway;
    const stored = await this.#keep(retrievalId, underway, bytes);
    return this.#parts.readback.judge({ retrievalId, machineId, name, ...stored });
  }

  /**
   * After a start: what was on its way when the gateway ended did not come whole, as far as anyone can prove, and no machine
   * was told otherwise. Files that belong to nothing are removed.
   */
  async closeInterrupted(): Promise<void> {
    const reason = 'The gateway stopped while it came.';
    for (const { retrievalId, machineId } of openRetrievals(await this.#parts.catalog.current())) {
      const event = makeEvent('retrieval.failed', { kind: 'gateway' }, { retrievalId, machineId, bytes: 0, reason });
      await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }), { ending: true });
    }
    const { inbound } = this.#parts;
    for (const name of readdirSync(inbound)) rmSync(join(inbound, name), { recursive: true, force: true });
  }

  #requirePlace(machineId: MachineId): void {
    const own = [...this.#underway.values()].filter((other) => other.machineId === machineId).length;
    if (own >= limits.arrivalsPerMachine || this.#underway.size >= limits.arrivals)
      throw new DomainError('busy', 'Too many programs are being sent back at once; try again in a minute.');
  }

  async #requireRoom(): Promise<void> {
    const sizes = [...this.#underway.values()].map(({ file }) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    const held = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    if (held > limits.arrivalBytes)
      throw new DomainError('storage-full', 'What is being sent back fills the room for it; try again in a minute.');
  }

  async #decide(channel: DoorChannel, machine: MachineId, name: string): Promise<Decision> {
    const { authority, readback } = this.#parts;
    return authority.require('retrieve', machineAsker({ machine, channel }), await readback.resourceOf(machine, name));
  }

  /** Durable before the first byte; a crash leaves it open, and the next start records it as failed. */
  async #recordStart(
    retrievalId: RetrievalId,
    { machineId, name }: Underway,
    by: { channel: DoorChannel; decision: Decision },
  ): Promise<void> {
    const event = makeEvent('retrieval.started', asMachine(machineId), { retrievalId, machineId, name, ...by });
    await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }));
  }

  /** A door says how many bytes came, and nothing else about them is taken from it. */
  async #keep(retrievalId: RetrievalId, underway: Underway, bytes: number): Promise<StoredBlob> {
    try {
      const stored = await this.#parts.vault.adopt(underway.file, limits.fileBytes);
      if (stored.size === bytes && bytes > 0) return stored;
      throw new DomainError('bytes-differ', `The door took ${bytes} bytes, and ${stored.size} are there.`);
    } catch (error) {
      const { code, message } = toDomainError(error);
      await this.#fail(retrievalId, underway, bytes, `${code}: ${message}`);
      throw error;
    }
  }

  async #fail(id: RetrievalId, { machineId, file }: Underway, bytes: number, reason: string): Promise<void> {
    await unlink(file).catch(() => undefined);
    this.#parts.log.warn({ retrieval: id, machine: machineId, reason }, 'a program did not come back whole');
    const data = { retrievalId: id, machineId, bytes, reason: sentence(reason) };
    const event = makeEvent('retrieval.failed', asMachine(machineId), data);
    await this.#parts.ledger.commit(() => ({ events: [event], result: undefined }), { ending: true });
  }
}

const asMachine = (id: MachineId): Principal => ({ kind: 'machine', id });

function storageRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new DomainError('storage-full', 'The gateway has no room left for this file.', { cause: error });
}
