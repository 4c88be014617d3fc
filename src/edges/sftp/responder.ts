import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { type Returns, returnFolder } from '../../domain/returns.ts';
import type { OpenedFile, Shelf } from '../../domain/shelf.ts';
import type { OpenArrival } from '../../door/incoming-file.ts';
import { type BlobReader, OpenFile } from '../../door/open-file.ts';
import { canonicalPath, resolvePath, returnName } from '../../door/path.ts';
import { type Clock, rfc3339 } from '../../platform/clock.ts';
import { entryAttributes, entryName, fileAttributes } from './attributes.ts';
import { endCutOff } from './cut-off.ts';
import { HandleTable, type OpenFolder } from './handles.ts';
import {
  attributesReply,
  dataReplyHead,
  handleReply,
  limitsReply,
  nameReply,
  type SftpName,
  sftpStatus,
  statusReply,
  statvfsReply,
  versionReply,
} from './replies.ts';
import { SentBack } from './sent-back.ts';
import {
  type HandleRequest,
  isOpenForSending,
  type OpenRequest,
  openForReading,
  type PathRequest,
  type ReadRequest,
  type RenameRequest,
  type SetAttributesRequest,
  type SftpRequest,
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
  readonly #sentBack: SentBack;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#sentBack = new SentBack(options);
    this.#handles = new HandleTable(options.maxHandles);
  }

  get openFiles(): number {
    return this.#handles.openFiles + this.#sentBack.waiting;
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
      case 'fsync':
        return this.#fsync(request);
      case 'rename':
        return this.#rename(request);
      case 'remove':
        return this.#remove(request);
      case 'change':
        throw readOnly(request.name);
      case 'limits':
        return this.#limits(request);
      case 'statvfs':
        return this.#statvfs(request);
      case 'extended':
        throw new DomainError('not-supported', 'This extension is not offered.');
      case 'unknown':
        throw new DomainError('not-supported', 'This door speaks SFTP version 3.');
    }
  }

  /** Ends every delivery under way, exactly once each. Resolves when the shelf was told of all of them. */
  async cutOff(why?: DomainError): Promise<void> {
    const { log } = this.#options;
    await Promise.all(this.#handles.close().map(({ file }) => endCutOff(file, log, why)));
    await this.#sentBack.cutOffAll(why);
  }

  async #open({ id, path, flags }: OpenRequest): Promise<void> {
    const names = resolvePath(path);
    const returned = names && returnName(names);
    if (flags !== openForReading && !(returned !== undefined && isOpenForSending(flags)))
      throw readOnly('OPEN for writing');
    if (this.#options.isDraining()) throw new DomainError('busy', 'The gateway is stopping; try again in a minute.');
    const handle =
      returned !== undefined && flags !== openForReading
        ? await this.#handles.add(async () => {
            return { kind: 'incoming', name: returned, file: await this.#sentBack.open(returned) };
          })
        : await this.#openReleased(known(names));
    await this.#options.send(handleReply(id, handle));
  }

  #openReleased(names: readonly string[]): Promise<Buffer> {
    const { shelf, machine, openBlob, log } = this.#options;
    return this.#handles.add(async () => {
      const file = new OpenFile(await shelf.open(machine, names), shelf);
      try {
        await file.openBlob(openBlob);
      } catch (error) {
        await endCutOff(file, log);
        throw error;
      }
      return { kind: 'file', file };
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
    const name = request.type === 'setstat' ? returnNameOf(request.path) : undefined;
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

  /** What is not ended by its machine is not kept, synced or not; its end makes it durable. */
  async #fsync({ id, handle }: HandleRequest): Promise<void> {
    this.#handles.incoming(handle);
    await this.#options.send(statusReply(id, sftpStatus.ok, 'written'));
  }

  /** OK means that what was sent is kept and on record, as with CLOSE. */
  async #rename({ id, path, newPath }: RenameRequest): Promise<void> {
    const [name, newName] = [returnNameOf(path), returnNameOf(newPath)];
    const isPart = name !== undefined && newName !== undefined;
    if (!isPart || !(await this.#sentBack.rename(name, newName))) throw readOnly('RENAME');
    await this.#options.send(statusReply(id, sftpStatus.ok, 'kept'));
  }

  async #remove({ id, path }: PathRequest): Promise<void> {
    const name = returnNameOf(path);
    if (name === undefined || !(await this.#sentBack.remove(name))) throw readOnly('REMOVE');
    await this.#options.send(statusReply(id, sftpStatus.ok, 'not kept'));
  }

  /** OK means that the delivery's end is in the ledger, or that what was sent back is kept and on record; a part waits. */
  async #close({ id, handle }: HandleRequest): Promise<void> {
    const removed = this.#handles.remove(handle);
    if (removed.kind === 'file') await removed.file.end('closed by the machine');
    if (removed.kind === 'incoming') await this.#sentBack.closed(removed.name, removed.file);
    await this.#options.send(statusReply(id, sftpStatus.ok, 'closed'));
  }

  async #fstat({ id, handle }: HandleRequest): Promise<void> {
    const { kind, file } = this.#handles.transfer(handle);
    const { size, time } = kind === 'file' ? file.opened : { size: file.size, time: rfc3339(this.#options.clock()) };
    await this.#options.send(attributesReply(id, fileAttributes(size, time)));
  }

  async #stat({ id, path }: PathRequest): Promise<void> {
    const part = this.#sentBack.part(returnNameOf(path) ?? '');
    if (part) {
      const time = rfc3339(this.#options.clock());
      return this.#options.send(attributesReply(id, fileAttributes(part.size, time)));
    }
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
    const names = namesOf(folder, this.#options.clock);
    await this.#options.send(
      names.length === 0 ? statusReply(id, sftpStatus.eof, 'end of folder') : nameReply(id, names),
    );
  }

  /** Says what a path would be called; whether it exists is for STAT to say. */
  async #realpath({ id, path }: PathRequest): Promise<void> {
    const name = `/${known(canonicalPath(path)).join('/')}`;
    await this.#options.send(nameReply(id, [{ name, longName: name, attributes: undefined }]));
  }

  async #statvfs({ id, path }: PathRequest): Promise<void> {
    const names = known(resolvePath(path));
    known(await this.#options.shelf.stat(this.#options.machine, names));
    const room = { bytes: limits.fileBytes, nameBytes: limits.fileNameBytes, isFull: names[0] !== returnFolder };
    await this.#options.send(statvfsReply(id, room));
  }

  async #limits({ id }: { id: number }): Promise<void> {
    const largest = {
      packet: limits.sftpRequestBytes,
      read: limits.sftpPreferredReadBytes,
      write: limits.sftpWriteBytes,
      handles: this.#options.maxHandles,
    };
    await this.#options.send(limitsReply(id, largest));
  }
}

/** The next names of a folder: as many as fit into a packet that every client takes (draft section 3). */
function namesOf(folder: OpenFolder, clock: Clock): SftpName[] {
  const names: SftpName[] = [];
  for (let bytes = 0; bytes < limits.sftpNamesBytes; folder.next++) {
    const entry = folder.entries[folder.next];
    if (!entry) break;
    const name = entryName(entry, clock);
    // Lengths and attributes beside them.
    bytes += Buffer.byteLength(name.name) + Buffer.byteLength(name.longName) + 40;
    names.push(name);
  }
  return names;
}

/** One answer for what does not exist, what is another machine's, and what no shelf could hold. */
const notFound = () => new DomainError('not-found', 'There is no such file or folder on this machine’s shelf.');

function known<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}

const returnNameOf = (path: Buffer): string | undefined => returnName(resolvePath(path) ?? []);

const readOnly = (what: string) =>
  new DomainError(
    'forbidden',
    `${what} is refused: machines pull released programs here, send programs into /from-machine, and change nothing.`,
  );
