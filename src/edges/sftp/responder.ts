import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Returns } from '../../domain/returns.ts';
import type { OpenedFile, Shelf } from '../../domain/shelf.ts';
import { IncomingFile, type OpenArrival } from '../../door/incoming-file.ts';
import { type BlobReader, OpenFile } from '../../door/open-file.ts';
import { canonicalPath, resolvePath, returnName } from '../../door/path.ts';
import { type Clock, rfc3339 } from '../../platform/clock.ts';
import { entryAttributes, entryName, fileAttributes } from './attributes.ts';
import { HandleTable } from './handles.ts';
import {
  attributesReply,
  dataReplyHead,
  type HandleRequest,
  handleReply,
  isOpenForSending,
  limitsReply,
  nameReply,
  type OpenRequest,
  openForReading,
  type PathRequest,
  type ReadRequest,
  type SetAttributesRequest,
  type SftpRequest,
  sftpStatus,
  statusReply,
  versionReply,
  type WriteRequest,
} from './wire.ts';

export type OpenBlob = (opened: OpenedFile) => Promise<BlobReader>;

export type ResponderOptions = {
  machine: MachineId;
  shelf: Shelf;
  returns: Returns;
  openBlob: OpenBlob;
  openArrival: OpenArrival;
  clock: Clock;
  log: Logger;
  maxHandles: number;
  /** Resolves when the connection has taken the packet, all of its parts. */
  send(...parts: [Buffer, ...Buffer[]]): Promise<void>;
  /** While true, nothing new is opened. */
  isDraining(): boolean;
};

/** What each request of one machine's session means: the shelf's answers in SFTP's words. */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #handles: HandleTable;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#handles = new HandleTable(options.maxHandles);
  }

  get openFiles(): number {
    return this.#handles.openFiles;
  }

  /** Answers one request. Throws a DomainError to be sent as its refusal. */
  async answer(request: SftpRequest): Promise<void> {
    switch (request.type) {
      case 'init':
        return this.#options.send(versionReply());
      case 'open':
        return this.#open(request);
      case 'read':
        return this.#read(request);
      case 'close':
        return this.#close(request);
      case 'fstat':
        return this.#fstat(request);
      case 'stat':
      case 'lstat':
        return this.#stat(request);
      case 'opendir':
        return this.#opendir(request);
      case 'readdir':
        return this.#readdir(request);
      case 'realpath':
        return this.#realpath(request);
      case 'readlink':
        throw notFound();
      case 'write':
        return this.#write(request);
      case 'setstat':
      case 'fsetstat':
        return this.#setAttributes(request);
      case 'change':
        throw readOnly(request.name);
      case 'extended':
        return this.#extended(request);
      case 'unknown':
        throw new DomainError('not-supported', 'This door speaks SFTP version 3.');
    }
  }

  /** Ends every delivery under way, exactly once each. Resolves when the shelf was told of all of them. */
  async cutOff(): Promise<void> {
    await Promise.all(this.#handles.close().map(({ file }) => this.#endCutOff(file)));
  }

  async #open({ id, path, flags }: OpenRequest): Promise<void> {
    const names = resolvePath(path);
    const returned = names && returnName(names);
    if (flags !== openForReading && !(returned !== undefined && isOpenForSending(flags)))
      throw readOnly('OPEN for writing');
    if (this.#options.isDraining()) throw new DomainError('busy', 'The gateway is stopping; try again in a minute.');
    const handle =
      returned !== undefined && flags !== openForReading
        ? await this.#openIncoming(returned)
        : await this.#openReleased(known(names));
    await this.#options.send(handleReply(id, handle));
  }

  #openReleased(names: readonly string[]): Promise<Buffer> {
    const { shelf, machine, openBlob } = this.#options;
    return this.#handles.add(async () => {
      const file = new OpenFile(await shelf.open(machine, names), shelf);
      try {
        await file.openBlob(openBlob);
      } catch (error) {
        await this.#endCutOff(file);
        throw error;
      }
      return { kind: 'file', file };
    });
  }

  /** A name that is there already is another file: nothing that came back is ever overwritten. */
  #openIncoming(name: string): Promise<Buffer> {
    const { returns, machine, openArrival } = this.#options;
    return this.#handles.add(async () => {
      const file = new IncomingFile(await returns.accept('sftp', machine, name), returns);
      try {
        await file.open(openArrival);
      } catch (error) {
        await this.#endCutOff(file);
        throw error;
      }
      return { kind: 'incoming', file };
    });
  }

  async #write({ id, handle, offset, data }: WriteRequest): Promise<void> {
    await this.#handles.incoming(handle).write(data, offset);
    await this.#options.send(statusReply(id, sftpStatus.ok, 'written'));
  }

  /** Times and rights of a file that was sent back are ours; its size is what was sent. */
  async #setAttributes(request: SetAttributesRequest): Promise<void> {
    const { id, size } = request;
    const incoming = request.type === 'fsetstat' ? this.#handles.incoming(request.handle) : undefined;
    const name = request.type === 'setstat' ? returnName(resolvePath(request.path) ?? []) : undefined;
    const isSent = incoming !== undefined || name !== undefined;
    if (!isSent || (size !== undefined && size !== incoming?.size)) throw readOnly(request.type.toUpperCase());
    await this.#options.send(statusReply(id, sftpStatus.ok, 'taken as it was sent'));
  }

  async #read({ id, handle, offset, length }: ReadRequest): Promise<void> {
    const file = this.#handles.file(handle);
    const { send } = this.#options;
    const some = await file.sendPart(offset, Math.min(length, limits.sftpReadBytes), (bytes) =>
      send(dataReplyHead(id, bytes.length), bytes),
    );
    if (!some) await send(statusReply(id, sftpStatus.eof, 'end of file'));
  }

  /** OK means that the delivery's end is in the ledger, or that what was sent back is kept and on record. */
  async #close({ id, handle }: HandleRequest): Promise<void> {
    const removed = this.#handles.remove(handle);
    if (removed.kind !== 'folder') await removed.file.end('closed by the machine');
    await this.#options.send(statusReply(id, sftpStatus.ok, 'closed'));
  }

  async #fstat({ id, handle }: HandleRequest): Promise<void> {
    const { kind, file } = this.#handles.transfer(handle);
    const { size, time } = kind === 'file' ? file.opened : { size: file.size, time: rfc3339(this.#options.clock()) };
    await this.#options.send(attributesReply(id, fileAttributes(size, time)));
  }

  async #stat({ id, path }: PathRequest): Promise<void> {
    const entry = await this.#options.shelf.stat(this.#options.machine, known(resolvePath(path)));
    await this.#options.send(attributesReply(id, entryAttributes(known(entry))));
  }

  async #opendir({ id, path }: PathRequest): Promise<void> {
    const names = known(resolvePath(path));
    const handle = await this.#handles.add(async () => {
      const entries = known(await this.#options.shelf.list(this.#options.machine, names));
      return { kind: 'folder', folder: { entries, next: 0 } };
    });
    await this.#options.send(handleReply(id, handle));
  }

  async #readdir({ id, handle }: HandleRequest): Promise<void> {
    const folder = this.#handles.folder(handle);
    const part = folder.entries.slice(folder.next, folder.next + limits.sftpEntriesPerReply);
    folder.next += part.length;
    const names = part.map((entry) => entryName(entry, this.#options.clock));
    await this.#options.send(
      names.length === 0 ? statusReply(id, sftpStatus.eof, 'end of folder') : nameReply(id, names),
    );
  }

  /** Says what a path would be called; whether it exists is for STAT to say. */
  async #realpath({ id, path }: PathRequest): Promise<void> {
    const name = `/${known(canonicalPath(path)).join('/')}`;
    await this.#options.send(nameReply(id, [{ name, longName: name, attributes: undefined }]));
  }

  async #extended({ id, name }: { id: number; name: string }): Promise<void> {
    if (name !== 'limits@openssh.com') throw new DomainError('not-supported', 'This extension is not offered.');
    const largest = {
      packet: limits.sftpRequestBytes,
      read: limits.sftpPreferredReadBytes,
      write: limits.sftpWriteBytes,
      handles: this.#options.maxHandles,
    };
    await this.#options.send(limitsReply(id, largest));
  }

  /** The ledger may be gone too; then its own recovery finds a started delivery without an end. */
  async #endCutOff(file: OpenFile | IncomingFile): Promise<void> {
    try {
      await file.end('cut off');
    } catch (error) {
      const transfer = file instanceof OpenFile ? file.opened.deliveryId : file.arrival.retrievalId;
      this.#options.log.error({ err: error, transfer }, 'the end of a transfer was not recorded');
    }
  }
}

/** One answer for what does not exist, what is another machine's, and what no shelf could hold. */
const notFound = () => new DomainError('not-found', 'There is no such file or folder on this machine’s shelf.');

function known<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

const readOnly = (what: string) =>
  new DomainError(
    'forbidden',
    `${what} is refused: machines pull released programs here, send programs into /from-machine, and change nothing.`,
  );
