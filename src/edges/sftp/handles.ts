import { DomainError } from '../../domain/errors.ts';
import type { ShelfEntry } from '../../domain/shelf.ts';
import type { IncomingFile } from '../../door/incoming-file.ts';
import type { OpenFile } from '../../door/open-file.ts';
import { ConnectionClosed } from './outbox.ts';

/** A folder as it was when it was opened; `next` is the first entry that READDIR has not given yet. */
export type OpenFolder = { entries: readonly ShelfEntry[]; next: number };

type Transfer = { kind: 'file'; file: OpenFile } | { kind: 'incoming'; file: IncomingFile; name: string };
type Handle = Transfer | { kind: 'folder'; folder: OpenFolder };

/**
 * What a session has open. A handle is four bytes that count up and are never used twice; it means nothing in another
 * session, so there is nothing to guess.
 */
export class HandleTable {
  readonly #max: number;
  readonly #handles = new Map<number, Handle>();
  #last = 0;
  /** Opens still being decided: they count, or a burst of them would pass the limit. */
  #reserved = 0;
  #closed = false;

  constructor(max: number) {
    this.#max = max;
  }

  get openFiles(): number {
    let count = this.#reserved;
    for (const handle of this.#handles.values()) if (handle.kind !== 'folder') count++;
    return count;
  }

  /** Holds a place while `open` works, then gives its handle. Throws `busy` when the session has all it may have. */
  async add(open: () => Promise<Handle>): Promise<Buffer> {
    if (this.#handles.size + this.#reserved >= this.#max)
      throw new DomainError('busy', `This session has ${this.#max} files and folders open; close one first.`);
    this.#reserved++;
    try {
      const handle = await open();
      if (this.#closed) {
        if (handle.kind !== 'folder') await handle.file.end('cut off');
        throw new ConnectionClosed();
      }
      const name = Buffer.alloc(4);
      name.writeUInt32BE(++this.#last);
      this.#handles.set(this.#last, handle);
      return name;
    } finally {
      this.#reserved--;
    }
  }

  file(name: Buffer): OpenFile {
    const handle = this.#handle(name);
    if (handle.kind === 'file') return handle.file;
    throw new DomainError('request-invalid', 'This is not the handle of a file that is read.');
  }

  /** A file of either direction. */
  transfer(name: Buffer): Transfer {
    const handle = this.#handle(name);
    if (handle.kind !== 'folder') return handle;
    throw new DomainError('request-invalid', 'This is the handle of a folder.');
  }

  incoming(name: Buffer): IncomingFile {
    const handle = this.#handle(name);
    if (handle.kind === 'incoming') return handle.file;
    throw new DomainError('request-invalid', 'This is not the handle of a file that is sent back.');
  }

  folder(name: Buffer): OpenFolder {
    const handle = this.#handle(name);
    if (handle.kind === 'folder') return handle.folder;
    throw new DomainError('request-invalid', 'This is the handle of a file.');
  }

  /** Takes the handle out, so that no later request finds it. */
  remove(name: Buffer): Handle {
    const handle = this.#handle(name);
    this.#handles.delete(name.readUInt32BE());
    return handle;
  }

  /** Takes out everything and gives the files. What is opened from here on is ended at once. */
  close(): Transfer[] {
    this.#closed = true;
    const transfers = [...this.#handles.values()].filter((handle) => handle.kind !== 'folder');
    this.#handles.clear();
    return transfers;
  }

  #handle(name: Buffer): Handle {
    const handle = name.length === 4 ? this.#handles.get(name.readUInt32BE()) : undefined;
    if (handle === undefined) throw new DomainError('request-invalid', 'There is no such handle in this session.');
    return handle;
  }
}
