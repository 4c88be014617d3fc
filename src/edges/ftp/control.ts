import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type CommandLine, CommandLines } from './command-lines.ts';
import { serverTls } from './handshake.ts';

export type TlsMaterial = { key: Buffer; cert: Buffer };

type ControlOptions = {
  socket: Socket;
  tls: TlsMaterial;
  /** 48 random bytes: session tickets of this connection, so that only its own data connections can resume it. */
  ticketKeys: Buffer;
  maxLineBytes: number;
  goodbyeMs: number;
  onCommands(lines: CommandLine[]): void;
  onGone(): void;
  /** A line that no client needs, or bytes that are no TLS. */
  onBroken(error: Error): void;
};

/** The control connection: lines in, replies out, and its one change from clear text to TLS. */
export class Control {
  readonly #options: ControlOptions;
  #lines: CommandLines;
  #socket: Socket;
  #secureContext: SecureContext | undefined;
  #gone = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#lines = new CommandLines(options.maxLineBytes);
    this.#listen(options.socket);
  }

  /** Set once the connection speaks TLS. */
  get secureContext(): SecureContext | undefined {
    return this.#secureContext;
  }

  send(text: string): void {
    if (!this.#gone && text !== '') this.#socket.write(text);
  }

  /** A line that began in clear text does not go on under TLS. */
  async startTls(): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners('data');
    this.#lines = new CommandLines(this.#options.maxLineBytes);
    const { key, cert } = this.#options.tls;
    const secureContext = createSecureContext({
      key,
      cert,
      minVersion: 'TLSv1.2',
      ticketKeys: this.#options.ticketKeys,
    });
    const { socket, secure } = serverTls(raw, secureContext);
    this.#socket = socket;
    this.#listen(socket);
    await secure;
    this.#secureContext = secureContext;
  }

  /** Sends what is waiting, then closes; a machine that is not there any more cannot close its end, and holds no place by that. */
  end(text = ''): void {
    if (this.#gone) return;
    this.#socket.end(text);
    const gone = setTimeout(() => this.destroy(), this.#options.goodbyeMs);
    this.#options.socket.once('close', () => clearTimeout(gone));
  }

  destroy(): void {
    this.#socket.destroy();
    this.#options.socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      try {
        const lines = this.#lines.push(bytes);
        if (lines.length > 0) this.#options.onCommands(lines);
      } catch (error) {
        this.#options.onBroken(error as Error);
      }
    });
    socket.on('error', (error) => {
      if (socket === this.#socket) this.#options.onBroken(error);
    });
    socket.on('close', () => {
      if (this.#gone || socket !== this.#socket) return;
      this.#gone = true;
      this.#options.onGone();
    });
  }
}
