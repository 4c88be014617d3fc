/**
 * What the server says in SFTP version 3 (draft-ietf-secsh-filexfer-02), and in the extensions of OpenSSH's PROTOCOL file,
 * section 4, that are announced.
 */

export const sftpStatus = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const;
export type SftpStatus = (typeof sftpStatus)[keyof typeof sftpStatus];

const replyType = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 201,
} as const;

/** Times in seconds since the epoch; a folder has no size. */
export type SftpAttributes = { size?: number; mode: number; time: number };
export type SftpName = { name: string; longName: string; attributes: SftpAttributes | undefined };

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const uint64 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

const string = (text: string): Buffer => {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.write(text, bytes.writeUInt32BE(length));
  return bytes;
};

/** Draft section 5, with uid and gid 0: a machine learns nothing about the host's accounts. */
const attributeFields = (attributes: SftpAttributes): Buffer => {
  const bytes = Buffer.allocUnsafe(attributeBytes(attributes));
  writeAttributes(bytes, attributes, 0);
  return bytes;
};

const attributeBytes = ({ size }: SftpAttributes): number => (size === undefined ? 24 : 32);

function writeAttributes(bytes: Buffer, { size, mode, time }: SftpAttributes, from: number): number {
  let at = bytes.writeUInt32BE((size === undefined ? 0 : 0x1) | 0x2 | 0x4 | 0x8, from);
  if (size !== undefined) {
    at = bytes.writeUInt32BE(Math.floor(size / 2 ** 32), at);
    at = bytes.writeUInt32BE(size % 2 ** 32, at);
  }
  for (const value of [0, 0, mode, time, time]) at = bytes.writeUInt32BE(value, at);
  return at;
}

function reply(type: number, id: number, ...fields: Buffer[]): Buffer {
  let length = 5;
  for (const field of fields) length += field.length;
  const head = Buffer.allocUnsafe(9);
  head.writeUInt32BE(length, 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, ...fields], 4 + length);
}

/** Each extension with its version. */
const extensions = { 'limits@': 1, 'statvfs@': 2, 'fsync@': 1, 'posix-rename@': 1 };

export const versionReply = (): Buffer =>
  reply(
    replyType.version,
    3,
    ...Object.entries(extensions).flatMap(([name, version]) => [string(`${name}openssh.com`), string(String(version))]),
  );

export const statusReply = (id: number, status: SftpStatus, message: string): Buffer =>
  reply(replyType.status, id, uint32(status), string(message), string(''));

export const handleReply = (id: number, handle: Buffer): Buffer =>
  reply(replyType.handle, id, uint32(handle.length), handle);

/** What goes before `length` bytes of a file. */
export function dataReplyHead(id: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(13);
  head.writeUInt32BE(9 + length, 0);
  head.writeUInt8(replyType.data, 4);
  head.writeUInt32BE(id, 5);
  head.writeUInt32BE(length, 9);
  return head;
}

export const nameReply = (id: number, names: readonly SftpName[]): Buffer =>
  reply(replyType.name, id, uint32(names.length), ...names.map(nameFields));

/** In one piece: a shelf has thousands of them. */
function nameFields({ name, longName, attributes }: SftpName): Buffer {
  const [nameBytes, longBytes] = [Buffer.byteLength(name), Buffer.byteLength(longName)];
  const bytes = Buffer.allocUnsafe(8 + nameBytes + longBytes + (attributes ? attributeBytes(attributes) : 4));
  let at = bytes.writeUInt32BE(nameBytes, 0);
  at += bytes.write(name, at);
  at = bytes.writeUInt32BE(longBytes, at);
  at += bytes.write(longName, at);
  if (attributes) writeAttributes(bytes, attributes, at);
  else bytes.writeUInt32BE(0, at);
  return bytes;
}

export const attributesReply = (id: number, attributes: SftpAttributes): Buffer =>
  reply(replyType.attributes, id, attributeFields(attributes));

/** OpenSSH PROTOCOL 4.8: largest packet, read, write, and number of handles. */
export const limitsReply = (
  id: number,
  largest: { packet: number; read: number; write: number; handles: number },
): Buffer => {
  const { packet, read, write, handles } = largest;
  return reply(replyType.extended, id, ...[packet, read, write, handles].map(uint64));
};

const blockBytes = 4096;
const readOnlyFlag = 1;

/**
 * OpenSSH PROTOCOL 4.4, of a room for one file: a machine is not told how large the vault is. Where it only reads, that
 * room is full.
 */
export const statvfsReply = (id: number, room: { bytes: number; nameBytes: number; isFull: boolean }): Buffer => {
  const blocks = room.bytes / blockBytes;
  const [freeBlocks, freeFiles, flags] = room.isFull ? [0, 0, readOnlyFlag] : [blocks, 1, 0];
  const size = [blockBytes, blockBytes, blocks, freeBlocks, freeBlocks];
  return reply(replyType.extended, id, ...[...size, 1, freeFiles, freeFiles, 0, flags, room.nameBytes].map(uint64));
};
