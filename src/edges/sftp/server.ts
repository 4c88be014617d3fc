import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import ssh2, { type ClientInfo, type Connection } from 'ssh2';
import type { MachineId } from '../../domain/ids.ts';
import { Admission } from '../../door/admission.ts';
import { listen } from '../../door/listen.ts';
import { checkHostKey, sshAlgorithms } from './algorithms.ts';
import { type DoorServices, MachineConnection } from './connection.ts';

export type SftpServerOptions = DoorServices & {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** See `listen`. */
  shared?: boolean;
  /** Private keys in OpenSSH or PEM form, at most one of each type. */
  hostKeys: readonly (string | Buffer)[];
  /** What the door calls itself in the SSH version line. */
  ident: string;
};

export type SftpServer = {
  readonly port: number;
  /** Ends the connections of these machines whose credentials let nobody in any more. */
  review(machines: ReadonlySet<MachineId>): void;
  /**
   * Takes no more connections, gives running transfers `bounds.drainMs`, then cuts them off. Resolves when the shelf
   * was told the end of every delivery.
   */
  close(): Promise<void>;
};

/**
 * Opens the SFTP door. Rejects with `config-invalid` for a host key that cannot be used or an address that cannot
 * be had.
 */
export async function startSftpServer(options: SftpServerOptions): Promise<SftpServer> {
  for (const key of options.hostKeys) checkHostKey(key, 'A host key of the SFTP door');
  warnWithoutBinding(options.log);
  const door = new Door(options);
  const port = await listen(door.listener, options);
  // Such as no file descriptor left: the next one may find one, and those who are here go on.
  door.listener.on('error', (error) => options.log.error({ err: error }, 'a connection could not be taken'));
  return {
    port,
    review: (machines) => door.review((visitor) => machines.has(visitor.machine)),
    close: () => door.close(),
  };
}

type Visitor = { socket: Socket; onLogin(): void };
type LoggedIn = NonNullable<MachineConnection['visitor']>;

/**
 * ssh2 shows a connection only once the client has sent its version line, so sockets are taken here and handed to it:
 * the caps and the login grace hold from the first packet on.
 */
class Door {
  readonly listener: Server = createServer((socket) => this.#onSocket(socket));
  readonly #options: SftpServerOptions;
  readonly #ssh: ssh2.Server;
  readonly #admission: Admission;
  readonly #visitors = new Map<string, Visitor>();
  readonly #connections = new Set<MachineConnection>();
  /** A certificate ends with its time, and nobody changes a machine for it. */
  readonly #certificates: NodeJS.Timeout;
  readonly #keys: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(options: SftpServerOptions) {
    this.#options = options;
    this.#admission = new Admission(options.bounds);
    this.#ssh = new ssh2.Server({
      hostKeys: [...options.hostKeys],
      ident: options.ident,
      algorithms: sshAlgorithms,
      keepaliveInterval: options.bounds.keepaliveMs,
      keepaliveCountMax: 3,
    });
    this.#ssh.on('connection', (client, info) => this.#onConnection(client, info));
    const everyMs = options.bounds.certificateReviewMs;
    this.#certificates = setInterval(() => this.review(({ by }) => by === 'ssh-certificate'), everyMs);
    this.#keys = setInterval(() => this.#renewKeys(), options.bounds.rekeyLookMs);
  }

  review(concerns: (visitor: LoggedIn) => boolean): void {
    for (const connection of this.#connections)
      if (connection.visitor && concerns(connection.visitor)) void connection.review();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#certificates);
    clearInterval(this.#keys);
    const closed = once(this.listener, 'close');
    this.listener.close();
    const cutOff = setTimeout(() => {
      for (const { socket } of this.#visitors.values()) socket.destroy();
    }, this.#options.bounds.drainMs);
    await Promise.all([...this.#connections].map((connection) => connection.drain()));
    for (const { socket } of this.#visitors.values()) socket.destroySoon();
    await closed;
    clearTimeout(cutOff);
    await Promise.all([...this.#connections].map((connection) => connection.done()));
  }

  #renewKeys(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections) connection.renewKeys(nowMs);
  }

  #onSocket(socket: Socket): void {
    const address = socket.remoteAddress;
    const visit = address === undefined ? undefined : this.#admission.enter(address);
    if (address === undefined || visit === undefined) {
      this.#options.log.warn({ peer: address ?? 'gone' }, 'too many connections; one was turned away');
      socket.destroy();
      return;
    }
    // Nagle's algorithm would hold each small reply for the peer's delayed acknowledgement.
    socket.setNoDelay(true);
    const grace = setTimeout(() => socket.destroy(), this.#options.bounds.loginGraceMs);
    const name = visitorName(address, socket.remotePort);
    const onLogin = () => {
      clearTimeout(grace);
      visit.loggedIn();
    };
    this.#visitors.set(name, { socket, onLogin });
    socket.once('close', () => {
      clearTimeout(grace);
      visit.left();
      this.#visitors.delete(name);
    });
    this.#ssh.injectSocket(socket);
  }

  #onConnection(client: Connection, info: ClientInfo): void {
    const visitor = this.#visitors.get(visitorName(info.ip, info.port));
    if (visitor === undefined) {
      client.on('error', () => {});
      client.end();
      return;
    }
    const connection = new MachineConnection(client, visitor.socket, this.#options, visitor.onLogin);
    this.#connections.add(connection);
    visitor.socket.once('close', () => void connection.done().then(() => this.#connections.delete(connection)));
  }
}

const visitorName = (address: string, port: number | undefined): string => `${address} ${port}`;

/** ssh2 falls back silently to a codec in JavaScript that downloads at two thirds of the speed. */
function warnWithoutBinding(log: Logger): void {
  const { bindingAvailable } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js') as {
    bindingAvailable?: boolean;
  };
  if (bindingAvailable !== true) log.warn("ssh2's native crypto binding is missing: transfers will be slower");
}
