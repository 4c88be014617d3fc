import type { Digest } from '../domain/digest.ts';
import type { ChunkMacs } from './chunk-macs.ts';

/**
 * What each chunk of a blob was, least recently used forgotten first. It is made only from bytes that hashed to the
 * digest, so it holds for that digest wherever and whenever its bytes are read again.
 */
export class ChunkTables {
  readonly #limitBytes: number;
  readonly #tables = new Map<Digest, ChunkMacs>();
  readonly #making = new Map<Digest, Promise<ChunkMacs>>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The remembered table, or the one that `make` gives; many who ask at once wait for one making. */
  async get(digest: Digest, make: () => Promise<ChunkMacs>): Promise<ChunkMacs> {
    const table = this.#tables.get(digest);
    if (table) {
      this.#tables.delete(digest);
      this.#tables.set(digest, table);
      return table;
    }
    return this.#making.get(digest) ?? this.#make(digest, make);
  }

  #make(digest: Digest, make: () => Promise<ChunkMacs>): Promise<ChunkMacs> {
    const making = make()
      .then((table) => {
        this.#remember(digest, table);
        return table;
      })
      .finally(() => this.#making.delete(digest));
    this.#making.set(digest, making);
    return making;
  }

  #remember(digest: Digest, table: ChunkMacs): void {
    this.#tables.set(digest, table);
    this.#bytes += table.bytes;
    for (const [oldest, its] of this.#tables) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#tables.delete(oldest);
      this.#bytes -= its.bytes;
    }
  }
}

type Held = { bytes: Promise<Buffer>; size: number; users: number };

/** Verified content of small blobs while they are open, shared by all who have the same one open. */
export class HeldContents {
  readonly #limitBytes: number;
  readonly #held = new Map<Digest, Held>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The content, loaded by the first to ask; undefined when there is no room. Every answer needs one `release`. */
  acquire(digest: Digest, size: number, load: () => Promise<Buffer>): Promise<Buffer> | undefined {
    const held = this.#held.get(digest);
    if (held) {
      held.users++;
      return held.bytes;
    }
    if (this.#bytes + size > this.#limitBytes) return undefined;
    const bytes = load();
    this.#bytes += size;
    this.#held.set(digest, { bytes, size, users: 1 });
    return bytes;
  }

  release(digest: Digest): void {
    const held = this.#held.get(digest);
    if (held === undefined || --held.users > 0) return;
    this.#held.delete(digest);
    this.#bytes -= held.size;
  }
}

/**
 * Memory for chunks, used again: fresh pages for each cost a door more than reading into them. Whoever gives a buffer back
 * must be the last to hold it, as the next chunk may be of a file that is not for the same eyes.
 */
export class ChunkPool {
  readonly #chunkBytes: number;
  readonly #limit: number;
  readonly #free: Buffer[] = [];

  constructor(chunkBytes: number, limitBytes: number) {
    this.#chunkBytes = chunkBytes;
    this.#limit = Math.floor(limitBytes / chunkBytes);
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#chunkBytes);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < this.#limit) this.#free.push(buffer);
  }
}
