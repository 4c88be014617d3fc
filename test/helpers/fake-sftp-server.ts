import { once } from 'node:events';
import ssh2, { type ServerChannel } from 'ssh2';
import {
  dataReplyHead,
  handleReply,
  limitsReply,
  sftpStatus,
  statusReply,
  versionReply,
} from '../../src/edges/sftp/replies.ts';
import { PacketSplitter } from '../../src/edges/sftp/wire.ts';
import { bytes, packet, uint32, uint64 } from './sftp-raw.ts';
import { makeKey } from './sftp-test-door.ts';

const folderHandle = 'the folder';

/** An SFTP server that lies as a test says: it keeps what it is sent in memory, and lists any bytes as names. */
export class FakeSftpServer {
  readonly hostKey = makeKey();
  /** By the path that it was asked for, in the folder `/programs`. */
  readonly files = new Map<string, Buffer>();
  /** What it lists beside its files, in one answer each; `forever`: and again and again. */
  listed: Buffer[][] = [];
  forever = false;
  asked = 0;
  readonly #server = new ssh2.Server({ hostKeys: [this.hostKey.private] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('subsystem', (acceptChannel) => this.#serve(acceptChannel()));
    });
  });

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #serve(channel: ServerChannel): void {
    const splitter = new PacketSplitter(1024 * 1024);
    let left: Buffer[][] = [];
    channel.on('data', (data: Buffer) => {
      for (const request of splitter.push(data)) {
        if (request[0] === 11) left = [this.#names(), ...this.listed].filter(({ length }) => length > 0);
        channel.write(request[0] === 12 ? this.#entries(request.readUInt32BE(1), left) : this.#answer(request));
      }
    });
  }

  /** READDIR: the next names, or the end of the folder. */
  #entries(id: number, left: Buffer[][]): Buffer {
    this.asked++;
    const next = left.shift() ?? (this.forever ? this.listed[0] : undefined);
    if (!next) return statusReply(id, sftpStatus.eof, 'End.');
    const entries = next.map((name) => {
      const size = this.files.get(`/programs/${name}`)?.length ?? 5;
      return Buffer.concat([bytes(name), bytes(name), uint32(5), uint64(BigInt(size)), uint32(0o100644)]);
    });
    return packet(104, uint32(id), uint32(next.length), ...entries);
  }

  #names(): Buffer[] {
    return [...this.files.keys()].map((path) => Buffer.from(path.slice(path.lastIndexOf('/') + 1)));
  }

  #answer(request: Buffer): Buffer {
    const [type, id] = [request[0], request.readUInt32BE(1)];
    if (type === 1) return versionReply();
    const [first, second] = strings(request.subarray(5));
    const content = this.files.get(first) ?? Buffer.alloc(0);
    const ok = () => statusReply(id, sftpStatus.ok, 'Done.');
    switch (type) {
      case 3: // OPEN, whose handle is the path
        if (!this.files.has(first)) this.files.set(first, Buffer.alloc(0));
        return handleReply(id, Buffer.from(first));
      case 5: {
        // READ
        const at = Number(request.readBigUInt64BE(9 + first.length));
        const part = content.subarray(at, at + 32_768);
        if (part.length === 0) return statusReply(id, sftpStatus.eof, 'End.');
        return Buffer.concat([dataReplyHead(id, part.length), part]);
      }
      case 6: // WRITE
        this.files.set(first, Buffer.concat([content, request.subarray(9 + first.length + 12)]));
        return ok();
      case 11: // OPENDIR
        return handleReply(id, Buffer.from(folderHandle));
      case 13: // REMOVE
        this.files.delete(first);
        return ok();
      case 18: // RENAME
        this.#rename(first, second);
        return ok();
      case 200: {
        // EXTENDED
        const [name = '', from = '', to = ''] = strings(request.subarray(5));
        if (name === 'limits@openssh.com')
          return limitsReply(id, { packet: 34_000, read: 32_768, write: 32_768, handles: 0 });
        if (name === 'posix-rename@openssh.com') this.#rename(from, to);
        return ok();
      }
      default: // CLOSE
        return ok();
    }
  }

  #rename(from: string, to: string): void {
    this.files.set(to, this.files.get(from) ?? Buffer.alloc(0));
    this.files.delete(from);
  }
}

/** The strings at the beginning of a request, as far as there are any. */
function strings(body: Buffer): [string, string, ...string[]] {
  const found: string[] = [];
  for (let at = 0; at + 4 <= body.length && found.length < 3; ) {
    const end = at + 4 + body.readUInt32BE(at);
    if (end > body.length) break;
    found.push(body.toString('utf8', at + 4, end));
    at = end;
  }
  return [found[0] ?? '', found[1] ?? '', ...found.slice(2)];
}
