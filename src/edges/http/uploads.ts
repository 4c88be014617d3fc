import type { z } from 'zod';
import type { Digest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { type DepositId, newDepositId, type PersonId, type RandomBytes } from '../../domain/ids.ts';
import type { DepositOutcome, Intake } from '../../domain/intake.ts';
import { limits } from '../../domain/limits.ts';
import { principalName } from '../../domain/people.ts';
import type { Sidecar } from '../../domain/sidecar.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Asker } from '../../services/principals.ts';
import { nameOfJob, othersWork, parseSidecar } from '../../services/sidecar.ts';
import type { StoredBlob } from '../../vault/blob-store.ts';
import { checkedStream } from './checked-stream.ts';
import type { DepositAnswer, UploadedFile, UploadOpened } from './contract/deposits.ts';

/** The vault as this door needs it (see vault/blob-store.ts). */
export interface UploadVault {
  /** Bytes into quarantine, durable when it resolves. Throws `too-large` and `storage-full`. */
  put(source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<StoredBlob>;
  /** The quarantined content in chunks; whoever takes it checks the digest of the whole. */
  streamQuarantined(digest: Digest): AsyncIterable<Uint8Array>;
}

type UploadParts = { vault: UploadVault; intake: Intake; clock: Clock; random: RandomBytes };

type Upload = {
  depositId: DepositId;
  /** Whoever opened it; nobody else can see that it is there. */
  owner: string;
  depositor: PersonId | undefined;
  name: string;
  fileName: string;
  bytes: Buffer;
  sidecar: Sidecar;
  stored: Map<string, StoredBlob>;
  arriving: Set<string>;
  completed: Promise<DepositOutcome> | undefined;
  usedAt: number;
};

/**
 * Uploads under way: the sidecar first, then each file of its list, then the whole is handed to intake. Held in memory:
 * nothing was acknowledged before that, so whoever loses an upload to a restart begins it anew.
 */
export class Uploads {
  readonly #parts: UploadParts;
  readonly #open = new Map<DepositId, Upload>();

  constructor(parts: UploadParts) {
    this.#parts = parts;
  }

  /** Throws what is wrong with the sidecar, `forbidden` for someone else's, `busy`. */
  open(asker: Asker, fileName: string, bytes: Buffer): z.input<typeof UploadOpened> {
    const name = nameOfJob(fileName);
    const sidecar = readSidecar(fileName, bytes);
    const refused = othersWork(asker, sidecar);
    if (refused) throw new DomainError('forbidden', refused.message, { field: 'author' });
    const owner = principalName(asker.principal);
    this.#makeRoom(owner);
    const depositId = newDepositId(this.#parts.random);
    const usedAt = this.#parts.clock();
    const held = { stored: new Map(), arriving: new Set<string>(), completed: undefined };
    const depositor = asker.principal.kind === 'person' ? asker.principal.id : undefined;
    this.#open.set(depositId, { depositId, owner, depositor, name, fileName, bytes, sidecar, usedAt, ...held });
    return { depositId, expects: sidecar.files.map((file) => file.name) };
  }

  /** Takes one file, again where it was sent before. Throws `not-found`, `conflict`, `file-empty`, `digest-mismatch`, `too-large`. */
  async put(
    asker: Asker,
    about: { depositId: DepositId; name: string; promised: Digest | undefined },
    content: AsyncIterable<Uint8Array>,
  ): Promise<z.input<typeof UploadedFile>> {
    const { name, promised } = about;
    const upload = this.#find(asker, about.depositId);
    if (!upload.sidecar.files.some((file) => file.name === name)) {
      throw new DomainError('not-found', 'The sidecar lists no such file.', { field: 'name' });
    }
    if (upload.completed || upload.arriving.has(name)) {
      throw new DomainError('conflict', 'This file is being received already, or the upload was completed.');
    }
    upload.stored.delete(name);
    upload.arriving.add(name);
    try {
      const blob = await this.#parts.vault.put(content, limits.fileBytes);
      if (blob.size === 0) throw new DomainError('file-empty', `${name} is empty.`, { field: 'name' });
      if (promised !== undefined && promised !== blob.digest) {
        throw new DomainError(
          'digest-mismatch',
          `What arrived of ${name} is not what Content-Digest promises. Send it again.`,
        );
      }
      upload.stored.set(name, blob);
      return { name, ...blob };
    } finally {
      upload.arriving.delete(name);
      upload.usedAt = this.#parts.clock();
    }
  }

  /** Hands the deposit over; again gives the same answer. Throws `not-found`, `file-missing`, `conflict`. */
  async complete(asker: Asker, depositId: DepositId): Promise<z.input<typeof DepositAnswer>> {
    const upload = this.#find(asker, depositId);
    const missing = upload.sidecar.files.find((file) => !upload.stored.has(file.name));
    if (upload.arriving.size > 0) throw new DomainError('conflict', 'A file is still being received.');
    if (missing)
      throw new DomainError('file-missing', `${missing.name} is listed but was not sent.`, { field: missing.name });
    upload.completed ??= this.#receive(upload).catch((error: unknown) => {
      // Nothing was recorded: the files are still here and it can be completed again.
      upload.completed = undefined;
      throw error;
    });
    const outcome = await upload.completed;
    return {
      depositId,
      state: outcome.state,
      ...(outcome.state === 'admitted' ? { packageId: outcome.packageId } : {}),
      ...(outcome.state === 'rejected' ? { reasons: [...outcome.reasons] } : {}),
    };
  }

  /** Read from quarantine again, and still the very bytes whose digest the sender was told. */
  #receive({ depositId, depositor, name, fileName, bytes, sidecar, stored }: Upload): Promise<DepositOutcome> {
    const files = [...stored].map(([file, { digest }]) => ({
      name: file,
      content: checkedStream(this.#parts.vault.streamQuarantined(digest), digest),
    }));
    return this.#parts.intake.receive({
      depositId,
      door: 'http',
      ...(depositor === undefined ? {} : { depositor }),
      name,
      sidecar: { fileName, bytes, parsed: sidecar },
      files,
      problems: [],
    });
  }

  #find(asker: Asker, depositId: DepositId): Upload {
    this.#forgetIdle();
    const upload = this.#open.get(depositId);
    if (!upload || upload.owner !== principalName(asker.principal)) {
      throw new DomainError('not-found', 'There is no such upload. Open it again.');
    }
    upload.usedAt = this.#parts.clock();
    return upload;
  }

  #makeRoom(owner: string): void {
    this.#forgetIdle();
    const uploads = [...this.#open.values()].filter((upload) => !upload.completed);
    const own = uploads.filter((upload) => upload.owner === owner);
    if (uploads.length >= limits.uploadSessions || own.length >= limits.uploadSessionsPerAsker) {
      throw new DomainError('busy', 'Too many uploads are open. Complete one, or try again in some minutes.');
    }
    // Completed ones are kept only for whoever lost the answer.
    if (this.#open.size < limits.uploadSessions) return;
    const done = [...this.#open.values()].find((upload) => upload.completed);
    if (done) this.#open.delete(done.depositId);
  }

  #forgetIdle(): void {
    const since = this.#parts.clock() - limits.uploadIdleMs;
    for (const { depositId, usedAt, arriving } of this.#open.values()) {
      if (usedAt < since && arriving.size === 0) this.#open.delete(depositId);
    }
  }
}

/** Throws the first problem; its sentence goes on with the others, so that one look is enough to mend all. */
function readSidecar(fileName: string, bytes: Buffer): Sidecar {
  const parsed = parseSidecar(fileName, bytes);
  if ('sidecar' in parsed) return parsed.sidecar;
  const [first] = parsed.problems;
  const text = parsed.problems.map(({ message }) => message).join(' ');
  throw new DomainError(first?.code ?? 'sidecar-invalid', text || 'The sidecar is not valid.', {
    ...(first?.field === undefined ? {} : { field: first.field }),
  });
}
