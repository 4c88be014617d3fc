import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What the bytes of one direction meet. Nothing said: they pass as they come. */
export type Line = {
  /** Once so many bytes have passed both ends are reset. The last of them may be lost on the way, as they are in life. */
  cutAfter?: number;
  /** Behind so many bytes nothing passes any more, and nobody is told. */
  stallAfter?: number;
  bytesPerSecond?: number;
};

/** What one connection meets. */
export type Weather = {
  toServer?: Line;
  toClient?: Line;
  /** It reaches the server only then: one that was made earlier can come later. */
  heldUntil?: Promise<void>;
};

const sliceMs = 10;

/** A network between a client and a server of a test, as bad as the test says. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** For the connections that are made from now on; `number` counts them all, from 0. */
  weather: (number: number) => Weather = () => ({});
  /** How many connections were made. */
  connections = 0;
  #port = 0;

  private constructor(to: { host: string; port: number }) {
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      const weather = this.weather(this.connections++);
      this.#keep(client);
      void this.#join(client, to, weather);
    });
  }

  /** Listens on a port that the system chooses, of the same address, or where it is told. */
  static async to(port: number, host = '127.0.0.1', at: { host: string; port: number } = { host, port: 0 }) {
    const proxy = new TcpProxy({ host, port });
    proxy.#server.listen(at.port, at.host);
    await once(proxy.#server, 'listening');
    const address = proxy.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy.#port = address.port;
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** Cuts every connection that there is now. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Never rejects. */
  async #join(client: Socket, to: { host: string; port: number }, weather: Weather): Promise<void> {
    await weather.heldUntil;
    const server = connect({ ...to, allowHalfOpen: true, noDelay: true });
    this.#keep(server);
    const cut = () => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    const ways = [pass(client, server, weather.toServer ?? {}, cut), pass(server, client, weather.toClient ?? {}, cut)];
    // What breaks one end breaks the other.
    await Promise.all(ways).catch(cut);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** Passes bytes on as far as the line lets them, and then the end. */
async function pass(from: Socket, to: Socket, line: Line, cut: () => void): Promise<void> {
  const { cutAfter = Number.POSITIVE_INFINITY, stallAfter = Number.POSITIVE_INFINITY, bytesPerSecond } = line;
  const last = Math.min(cutAfter, stallAfter);
  const slice = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : Math.ceil((bytesPerSecond * sliceMs) / 1000);
  let passed = 0;
  if (cutAfter === 0) cut();
  if (last === 0) return;
  for await (const bytes of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const end = Math.min(bytes.length, last - passed);
    for (let at = 0; at < end; at += slice) {
      if (slice < end) await pause(sliceMs);
      await write(to, bytes.subarray(at, Math.min(at + slice, end)));
    }
    passed += end;
    if (passed < last) continue;
    if (passed >= cutAfter) cut();
    return;
  }
  to.end();
}

const write = (to: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => to.write(bytes, (error) => (error ? reject(error) : resolve())));
