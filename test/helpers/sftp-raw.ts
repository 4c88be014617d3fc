import type { Client, ClientChannel } from 'ssh2';
import { PacketSplitter } from '../../src/edges/sftp/wire.ts';

export type RawReply = { type: number; id: number; body: Buffer };

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
export const uint64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
export const bytes = (value: Buffer | string): Buffer => {
  const content = Buffer.from(value);
  return Buffer.concat([uint32(content.length), content]);
};

/** SFTP without a client library in between: any bytes can be sent. */
export class RawSftp {
  readonly channel: ClientChannel;
  readonly #splitter = new PacketSplitter(1024 * 1024);
  readonly #waiting = new Map<number, (reply: RawReply) => void>();
  #nextId = 100;
  readonly closed: Promise<void>;

  constructor(channel: ClientChannel) {
    this.channel = channel;
    this.closed = new Promise((resolve) => channel.once('close', () => resolve()));
    channel.on('data', (data: Buffer) => {
      for (const packet of this.#splitter.push(data)) {
        const reply = { type: packet.readUInt8(0), id: packet.readUInt32BE(1), body: packet.subarray(5) };
        this.#waiting.get(reply.id)?.(reply);
        this.#waiting.delete(reply.id);
      }
    });
  }

  static async open(client: Client): Promise<RawSftp> {
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.subsys('sftp', (error, stream) => (error ? reject(error) : resolve(stream))),
    );
    const raw = new RawSftp(channel);
    // INIT carries the version where others carry their id, and so does its answer.
    await raw.exchange(3, 1, Buffer.alloc(0));
    return raw;
  }

  request(type: number, ...fields: Buffer[]): Promise<RawReply> {
    const id = this.#nextId++;
    return this.exchange(id, type, ...fields);
  }

  exchange(id: number, type: number, ...fields: Buffer[]): Promise<RawReply> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.channel.write(packet(type, uint32(id), ...fields));
    });
  }
}

export function packet(type: number, ...fields: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...fields]);
  return Buffer.concat([uint32(body.length), body]);
}

/** Status code and message of a STATUS reply. */
export function statusOf(reply: RawReply): { status: number; message: string } {
  if (reply.type !== 101) throw new Error(`reply of type ${reply.type} is no STATUS`);
  const length = reply.body.readUInt32BE(4);
  return { status: reply.body.readUInt32BE(0), message: reply.body.toString('utf8', 8, 8 + length) };
}
