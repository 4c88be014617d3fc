import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { makeDevelopmentPki } from '../../certs-dev/generate.ts';
import type { MachineId } from '../../src/domain/ids.ts';
import { type DataSettings, defaultBounds, type FtpBounds } from '../../src/edges/ftp/door-settings.ts';
import { type FtpServer, startFtpServer } from '../../src/edges/ftp/server.ts';
import { FakeReturns } from './fake-returns.ts';
import { seededBytes } from './seeded.ts';
import { FakeShelf } from './sftp-fake-shelf.ts';

/** Certificates are made once: they are not what these tests are about. */
const pki = makeDevelopmentPki({ now: Date.now(), hostnames: ['localhost'], ips: ['127.0.0.1'] });
export const ftpAuthority = pki.ca.certificatePem;
export const machinePassword = 'a password of a machine';

export type FtpTestDoor = {
  shelf: FakeShelf;
  returns: FakeReturns;
  machine: MachineId;
  server: FtpServer;
  port: number;
  implicitPort: number;
  lines: Record<string, unknown>[];
  /** The injected clock, for a test to move. */
  clock: { now: number };
};

/** A door in this process with one machine, `MILL-1`, on a fake shelf. */
export async function openFtpDoor(
  options: { bounds?: Partial<FtpBounds>; data?: Partial<DataSettings>; plaintext?: boolean } = {},
): Promise<FtpTestDoor> {
  const shelf = new FakeShelf();
  const returns = new FakeReturns();
  const machine = shelf.register('MILL-1', machinePassword);
  const lines: Record<string, unknown>[] = [];
  const clock = { now: Date.parse('2026-03-02T00:00:00Z') };
  const server = await startFtpServer({
    host: '127.0.0.1',
    port: 0,
    implicitPort: 0,
    tls: { key: Buffer.from(pki.tls.privateKeyPem), cert: Buffer.from(pki.tls.certificatePem) },
    shelves: shelf,
    openBlob: shelf.openBlob,
    ...{ returns, openArrival: returns.openArrival },
    plaintext: options.plaintext ?? true,
    data: { passivePorts: { from: 0, to: 0 }, resumedOnly: true, ...options.data },
    bounds: { ...defaultBounds, loginPauseMs: 1, drainMs: 2_000, ...options.bounds },
    clock: () => clock.now,
    random: seededBytes(7),
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  });
  const [port = 0, implicitPort = 0] = server.ports;
  return { shelf, returns, machine, server, port, implicitPort, lines, clock };
}

/** A control connection spoken by hand: what a client library would hide can be said here. */
export class FtpHand {
  #socket: Socket;
  #received = '';
  #wake: () => void = () => {};
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects and reads the greeting. */
  static async arrive(port: number): Promise<FtpHand> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    const hand = new FtpHand(socket);
    await hand.reply();
    return hand;
  }

  static async loggedIn(door: FtpTestDoor): Promise<FtpHand> {
    const hand = await FtpHand.arrive(door.port);
    await hand.say('USER MILL-1');
    await hand.say(`PASS ${machinePassword}`);
    return hand;
  }

  get closed(): boolean {
    return this.#closed;
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends one command and gives its reply. */
  say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** The next whole reply, without its last line end; empty when the door closed instead. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^(\d{3}) [^\r]*\r\n|^(\d{3})-[\s\S]*?\r\n\2 [^\r]*\r\n/.exec(this.#received);
      if (found) {
        this.#received = this.#received.slice(found[0].length);
        return found[0].trimEnd();
      }
      if (this.#closed) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async startTls(): Promise<TLSSocket> {
    await this.say('AUTH TLS');
    this.#socket.removeAllListeners('data');
    const secured = connectTls({ socket: this.#socket, ca: ftpAuthority, servername: 'localhost' });
    const session = once(secured, 'session');
    await once(secured, 'secureConnect');
    this.#socket = secured;
    this.#listen(secured);
    await session;
    // What is written inside the session's callback stays in Node's buffer until something else happens.
    await new Promise(setImmediate);
    return secured;
  }

  /** Says EPSV and gives the port. */
  async passive(): Promise<number> {
    return Number(/\|\|\|(\d+)\|/.exec(await this.say('EPSV'))?.[1]);
  }

  /** A whole transfer in clear text: every byte that came, and the last reply. `before` is said between EPSV and the command. */
  async get(command: string, before?: string): Promise<{ bytes: Buffer; reply: string }> {
    const data = connect({ port: await this.passive(), host: '127.0.0.1' });
    const coming = readAll(data);
    if (before !== undefined) await this.say(before);
    const first = await this.say(command);
    if (!first.startsWith('150')) {
      data.destroy();
      return { bytes: Buffer.alloc(0), reply: first };
    }
    const bytes = await coming;
    return { bytes, reply: await this.reply() };
  }

  leave(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#received += bytes.toString('utf8');
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }
}

export async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => void parts.push(bytes));
  socket.on('error', () => {});
  await once(socket, 'close');
  return Buffer.concat(parts);
}

/** A listener for active transfers: its port, and the bytes of the one connection that comes. */
export async function waitForCall(): Promise<{ port: number; bytes: Promise<Buffer>; close(): void }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const bytes = once(server, 'connection').then(([socket]) => readAll(socket as Socket));
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    bytes,
    close: () => void server.close(),
  };
}
