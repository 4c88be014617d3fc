import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { SerialLine } from '../../src/domain/machine-links.ts';
import type { Port, PortEvents } from '../../src/edges/serial/port.ts';
import { until } from './floor.ts';

export const xon = Buffer.from([0x11]);
export const xoff = Buffer.from([0x13]);

/**
 * The other end of a serial line: what a control does, as a test has it do. Everything that reached it is kept; `onBytes` is
 * where a script answers at once, as a control does.
 */
export class FakeControl {
  readonly #parts: Buffer[] = [];
  readonly #waiting = new Set<() => void>();
  #length = 0;
  #out: Writable | undefined;
  /** Called with each piece that comes, before anyone waits for it. */
  onBytes: (bytes: Buffer) => void = () => {};

  get heard(): Buffer {
    return Buffer.concat(this.#parts);
  }
  get length(): number {
    return this.#length;
  }

  /** Puts an end of a line into the control's hands. */
  plug(input: Readable, output: Writable): void {
    this.#out = output;
    output.on('error', () => {});
    input.on('data', (bytes: Buffer) => this.take(bytes));
  }

  take(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    this.onBytes(bytes);
    for (const look of [...this.#waiting]) look();
  }

  say(...parts: (Buffer | string)[]): void {
    this.#out?.write(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))));
  }

  /** Resolves when so many bytes have come since the line was plugged. */
  hears(bytes: number): Promise<Buffer> {
    return this.hearsUntil((heard) => heard.length >= bytes);
  }

  hearsUntil(isEnough: (heard: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve) => {
      const look = () => {
        const { heard } = this;
        if (!isEnough(heard)) return;
        this.#waiting.delete(look);
        resolve(heard);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** A control in this process, that is heard as soon as it speaks: nothing stands between it and the line. */
export class ControlInMemory extends FakeControl {
  #events: PortEvents | undefined;
  /** It holds CTS low: nothing leaves the line any more. */
  holdsUp = false;

  readonly openPort = async (_line: SerialLine, events: PortEvents): Promise<Port> => {
    this.#events = events;
    const stuck = new Promise<void>(() => {});
    const write = (bytes: Buffer) => (this.holdsUp ? stuck : Promise.resolve(this.take(Buffer.from(bytes))));
    return { write, close: async () => {} };
  };

  /** The line breaks, and is there again when it is opened. */
  breaks(): void {
    this.#events?.onGone('the cable is pulled out');
  }

  override say(...parts: (Buffer | string)[]): void {
    this.#events?.onBytes(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))));
  }
}

/** A control on a pseudo-terminal, which stands at `path` as its device would. */
export class ControlOnPty extends FakeControl {
  readonly path: string;
  #socat: ChildProcess | undefined;

  constructor(path: string) {
    super();
    this.path = path;
  }

  async plugIn(): Promise<void> {
    const socat = spawn('socat', [`PTY,raw,echo=0,link=${this.path}`, 'STDIO'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#socat = socat;
    this.plug(socat.stdout, socat.stdin);
    await until('a pseudo-terminal', async () => existsSync(this.path) || undefined);
  }

  /** Its cable is pulled out. */
  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (!socat || socat.exitCode !== null || socat.signalCode !== null) return;
    const gone = once(socat, 'exit');
    socat.kill('SIGKILL');
    await gone;
  }
}

/** A control behind a device server. */
export class ControlOnTcp extends FakeControl {
  readonly #server: Server;
  #socket: Socket | undefined;

  constructor() {
    super();
    this.#server = createServer((socket) => {
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on('error', () => {});
      this.plug(socket, socket);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async connected(): Promise<void> {
    await until('a connection', async () => this.#socket);
  }

  /** The device server drops the connection, and takes the next. */
  drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async close(): Promise<void> {
    this.drop();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
