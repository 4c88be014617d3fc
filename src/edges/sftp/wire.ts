/**
 * What a machine asks in SFTP version 3 (draft-ietf-secsh-filexfer-02) and in extensions of OpenSSH's PROTOCOL file,
 * section 4. ssh2 has a codec too, but it decodes names lossily (two byte strings become one name), announces no
 * extension, and takes requests without bound while the other side does not read; a door cannot have that.
 */

const requestType = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  extended: 200,
} as const;

/** Requests that would change something else than what is sent back; what they ask for is not even parsed. */
const changes = new Map([
  [14, 'MKDIR'],
  [15, 'RMDIR'],
  [20, 'SYMLINK'],
]);

/** The pflags of OPEN (draft section 6.3). */
const openFlag = { read: 0x1, write: 0x2, append: 0x4, create: 0x8, truncate: 0x10, exclusive: 0x20 } as const;
/** For a released program there is one way to open it. */
export const openForReading = openFlag.read;
/** A file that is sent back is written anew: whether it is cut or must not be there before makes no difference. */
export const isOpenForSending = (flags: number): boolean =>
  (flags & ~(openFlag.truncate | openFlag.exclusive)) === (openFlag.write | openFlag.create);

export type OpenRequest = { type: 'open'; id: number; path: Buffer; flags: number };
export type ReadRequest = { type: 'read'; id: number; handle: Buffer; offset: number; length: number };
export type WriteRequest = { type: 'write'; id: number; handle: Buffer; offset: number; data: Buffer };
/** Of the attributes only a size would change what was sent; the others are none of this door's. */
export type SetAttributesRequest = { id: number; size: number | undefined } & (
  | { type: 'setstat'; path: Buffer }
  | { type: 'fsetstat'; handle: Buffer }
);
export type HandleRequest = { type: 'close' | 'fstat' | 'readdir' | 'fsync'; id: number; handle: Buffer };
export type PathRequest = {
  type: 'stat' | 'lstat' | 'opendir' | 'realpath' | 'readlink' | 'remove' | 'statvfs';
  id: number;
  path: Buffer;
};
/** Both ways of saying it, as nothing that is there is ever overwritten. */
export type RenameRequest = { type: 'rename'; id: number; path: Buffer; newPath: Buffer };
export type SftpRequest =
  | { type: 'init' }
  | OpenRequest
  | ReadRequest
  | WriteRequest
  | SetAttributesRequest
  | HandleRequest
  | PathRequest
  | RenameRequest
  | { type: 'change'; id: number; name: string }
  | { type: 'limits'; id: number }
  | { type: 'extended'; id: number; name: string }
  | { type: 'unknown'; id: number };

/** Bytes that are no SFTP packet. There is nothing to answer to: the session ends. */
export class MalformedPacket extends Error {}

/** Cuts a byte stream into packets, each without its length word. */
export class PacketSplitter {
  readonly #maxBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes that the packet under way has, with its length word; 4 while that is not known. */
  #wanted = 4;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The packets that `bytes` complete. Throws MalformedPacket for an empty one or one over the limit. */
  push(bytes: Buffer): Buffer[] {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    // A large packet comes in many pieces: they are joined once, when it is whole.
    if (this.#heldBytes < this.#wanted) return [];
    const packets: Buffer[] = [];
    let rest = this.#held.length === 1 ? bytes : Buffer.concat(this.#held, this.#heldBytes);
    this.#wanted = 4;
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length === 0 || length > this.#maxBytes) throw new MalformedPacket(`a packet of ${length} bytes`);
      if (rest.length < 4 + length) {
        this.#wanted = 4 + length;
        break;
      }
      packets.push(rest.subarray(4, 4 + length));
      rest = rest.subarray(4 + length);
    }
    this.#held = [rest];
    this.#heldBytes = rest.length;
    return packets;
  }
}

/** Reads fields one after the other; every length is checked against what is there. */
class Fields {
  readonly #packet: Buffer;
  #at = 1;

  constructor(packet: Buffer) {
    this.#packet = packet;
  }

  #take(size: number): number {
    const from = this.#at;
    if (size > this.#packet.length - from) throw new MalformedPacket('a field runs over its packet');
    this.#at = from + size;
    return from;
  }

  uint32(): number {
    return this.#packet.readUInt32BE(this.#take(4));
  }

  /** Exact below 2^53; above, only known to lie beyond any file. */
  uint64(): number {
    const from = this.#take(8);
    return this.#packet.readUInt32BE(from) * 2 ** 32 + this.#packet.readUInt32BE(from + 4);
  }

  /** What attributes (draft section 5) say of a size. */
  sizeAttribute(): number | undefined {
    return (this.uint32() & 0x1) === 0 ? undefined : this.uint64();
  }

  string(): Buffer {
    const length = this.uint32();
    const from = this.#take(length);
    return this.#packet.subarray(from, from + length);
  }
}

/** One request. Throws MalformedPacket. */
export function parseRequest(packet: Buffer): SftpRequest {
  const fields = new Fields(packet);
  const type = packet[0] ?? 0;
  const id = fields.uint32();
  switch (type) {
    case requestType.init:
      // `id` is the client's version here; 3 is answered whatever it is, as the draft's section 4 has it.
      return { type: 'init' };
    case requestType.open:
      return { type: 'open', id, path: fields.string(), flags: fields.uint32() };
    case requestType.read:
      return { type: 'read', id, handle: fields.string(), offset: fields.uint64(), length: fields.uint32() };
    case requestType.write:
      return { type: 'write', id, handle: fields.string(), offset: fields.uint64(), data: fields.string() };
    case requestType.setstat:
      return { type: 'setstat', id, path: fields.string(), size: fields.sizeAttribute() };
    case requestType.fsetstat:
      return { type: 'fsetstat', id, handle: fields.string(), size: fields.sizeAttribute() };
    case requestType.close:
      return { type: 'close', id, handle: fields.string() };
    case requestType.fstat:
      return { type: 'fstat', id, handle: fields.string() };
    case requestType.readdir:
      return { type: 'readdir', id, handle: fields.string() };
    case requestType.stat:
      return { type: 'stat', id, path: fields.string() };
    case requestType.lstat:
      return { type: 'lstat', id, path: fields.string() };
    case requestType.opendir:
      return { type: 'opendir', id, path: fields.string() };
    case requestType.realpath:
      return { type: 'realpath', id, path: fields.string() };
    case requestType.readlink:
      return { type: 'readlink', id, path: fields.string() };
    case requestType.remove:
      return { type: 'remove', id, path: fields.string() };
    case requestType.rename:
      return { type: 'rename', id, path: fields.string(), newPath: fields.string() };
    case requestType.extended:
      return parseExtended(id, fields);
    default: {
      const name = changes.get(type);
      return name === undefined ? { type: 'unknown', id } : { type: 'change', id, name };
    }
  }
}

function parseExtended(id: number, fields: Fields): SftpRequest {
  const name = fields.string().toString('latin1');
  switch (name) {
    case 'limits@openssh.com':
      return { type: 'limits', id };
    case 'statvfs@openssh.com':
      return { type: 'statvfs', id, path: fields.string() };
    case 'fsync@openssh.com':
      return { type: 'fsync', id, handle: fields.string() };
    case 'posix-rename@openssh.com':
      return { type: 'rename', id, path: fields.string(), newPath: fields.string() };
    default:
      return { type: 'extended', id, name };
  }
}
