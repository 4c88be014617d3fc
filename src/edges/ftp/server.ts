import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { MachineId, RandomBytes } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Admission } from '../../door/admission.ts';
import { listen } from '../../door/listen.ts';
import { LineTooLong } from './command-lines.ts';
import { Control, type TlsMaterial } from './control.ts';
import { plainAddress } from './data-connection.ts';
import { folderCommands } from './folder-commands.ts';
import { loginCommands } from './login-commands.ts';
import { reply } from './replies.ts';
import { sendingCommands } from './sending-commands.ts';
import { type Command, type FtpServices, FtpSession } from './session.ts';
import { LoginThrottle } from './throttle.ts';
import { transferCommands } from './transfer-commands.ts';

export type FtpServerOptions = Omit<FtpServices, 'throttle'> & {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  implicitPort?: number | undefined;
  tls: TlsMaterial;
  random: RandomBytes;
  log: Logger;
};

export type FtpServer = {
  /** The explicit port, then the implicit one where there is one. */
  readonly ports: readonly number[];
  /** Ends the sessions of these machines whose credentials let nobody in any more. */
  review(machines: ReadonlySet<MachineId>): void;
  /** Takes no more connections, gives running transfers `bounds.drainMs`, then cuts them off. */
  close(): Promise<void>;
};

const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...loginCommands, ...folderCommands, ...transferCommands, ...sendingCommands }),
);

/** Opens the FTP door. Rejects with `config-invalid` for an address that cannot be had. */
export async function startFtpServer(options: FtpServerOptions): Promise<FtpServer> {
  const door = new Door(options);
  const explicit = await door.listen(options.port, 'explicit');
  const implicit = options.implicitPort === undefined ? [] : [await door.listen(options.implicitPort, 'implicit')];
  return { ports: [explicit, ...implicit], review: (machines) => door.review(machines), close: () => door.close() };
}

class Door {
  readonly #options: FtpServerOptions;
  readonly #services: FtpServices;
  readonly #admission: Admission;
  readonly #listeners: Server[] = [];
  readonly #sessions = new Map<FtpSession, Socket>();

  constructor(options: FtpServerOptions) {
    const { bounds, clock } = options;
    this.#options = options;
    this.#admission = new Admission(bounds);
    this.#services = {
      ...options,
      throttle: new LoginThrottle({
        clock,
        pauseMs: bounds.loginPauseMs,
        longestMs: bounds.loginPauseMaxMs,
        remembered: limits.ftpThrottledAddresses,
      }),
    };
  }

  async listen(port: number, tls: 'explicit' | 'implicit'): Promise<number> {
    const server = createServer((socket) => this.#onSocket(socket, tls));
    const bound = await listen(server, { host: this.#options.host, port });
    server.on('error', (error) => this.#options.log.error({ err: error }, 'a connection could not be taken'));
    this.#listeners.push(server);
    return bound;
  }

  review(machines: ReadonlySet<MachineId>): void {
    for (const session of this.#sessions.keys())
      if (session.machine && machines.has(session.machine.id)) void session.review();
  }

  async close(): Promise<void> {
    const closed = this.#listeners.map((server) => once(server, 'close'));
    for (const server of this.#listeners) server.close();
    const cutOff = setTimeout(() => this.#cutOff(), this.#options.bounds.drainMs);
    const sessions = [...this.#sessions.keys()];
    await Promise.all(sessions.map((session) => session.drain()));
    await Promise.all(sessions.map((session) => session.gone()));
    this.#cutOff();
    clearTimeout(cutOff);
    await Promise.all(closed);
  }

  #cutOff(): void {
    for (const [session, socket] of this.#sessions) {
      session.abort?.('the gateway is stopping');
      socket.destroySoon();
    }
  }

  #onSocket(socket: Socket, tls: 'explicit' | 'implicit'): void {
    const { log, bounds, random } = this.#options;
    const address = plainAddress(socket.remoteAddress);
    const visit = this.#admission.enter(address);
    socket.on('error', () => {});
    if (!visit) {
      log.warn({ peer: address }, 'too many connections; one was turned away');
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    const grace = setTimeout(() => control.destroy(), bounds.loginGraceMs);
    const control = new Control({
      socket,
      tls: this.#options.tls,
      ticketKeys: Buffer.from(random(48)),
      maxLineBytes: limits.ftpLineBytes,
      goodbyeMs: bounds.goodbyeMs,
      onCommands: (lines) => session.receive(lines),
      onGone: () => this.#left(session),
      onBroken: (error) => {
        log.debug({ peer: address, detail: error.message }, 'connection error');
        if (error instanceof LineTooLong) control.end(reply(500, 'The line is too long.'));
        else control.destroy();
      },
    });
    const session = new FtpSession({
      control,
      socket,
      services: this.#services,
      commands,
      log: log.child({ peer: address }),
      onLogin: () => {
        clearTimeout(grace);
        visit.loggedIn();
      },
    });
    this.#sessions.set(session, socket);
    socket.once('close', () => {
      clearTimeout(grace);
      visit.left();
      this.#left(session);
    });
    this.#greet(control, tls, address).catch((error: unknown) => {
      log.debug({ peer: address, detail: String(error) }, 'no TLS');
      control.destroy();
    });
  }

  async #greet(control: Control, tls: 'explicit' | 'implicit', address: string): Promise<void> {
    if (tls === 'implicit') await control.startTls();
    control.send(reply(220, 'Keyway: released programs for machines.'));
    this.#options.log.debug({ peer: address, tls }, 'connection');
  }

  #left(session: FtpSession): void {
    void session.gone().finally(() => {
      if (this.#sessions.delete(session)) session.log.debug('connection closed');
    });
  }
}
