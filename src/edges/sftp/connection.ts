import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { Connection, ServerChannel, Session } from 'ssh2';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Returns } from '../../domain/returns.ts';
import type { Credential, Shelf } from '../../domain/shelf.ts';
import type { OpenArrival } from '../../door/incoming-file.ts';
import { isStillLetIn, noLongerLetIn } from '../../door/still-let-in.ts';
import type { Clock } from '../../platform/clock.ts';
import { authenticateMachines } from './authentication.ts';
import type { SftpBounds } from './bounds.ts';
import type { OpenBlob } from './responder.ts';
import { SftpSession } from './session.ts';

export type DoorServices = {
  shelf: Shelf;
  returns: Returns;
  openBlob: OpenBlob;
  openArrival: OpenArrival;
  bounds: SftpBounds;
  clock: Clock;
  log: Logger;
};

/** What a machine may not have: this door is no shell, no tunnel and no other subsystem. */
const refusedRequests = ['shell', 'exec', 'pty', 'x11', 'auth-agent', 'env'] as const;

/** One SSH connection: a login, then SFTP sessions and nothing else. */
export class MachineConnection {
  readonly #client: Connection;
  readonly #socket: Socket;
  readonly #services: DoorServices;
  readonly #sessions = new Set<SftpSession>();
  #log: Logger;
  #machine: MachineId | undefined;
  #credential: Credential | undefined;
  #channels = 0;
  #draining = false;
  /** Since its keys were last changed, by either side. */
  #keyed = { atMs: performance.now(), bytes: 0 };

  constructor(client: Connection, socket: Socket, services: DoorServices, onLogin: () => void) {
    this.#client = client;
    this.#socket = socket;
    this.#services = services;
    this.#log = services.log.child({ peer: socket.remoteAddress ?? 'gone' });
    client.on('error', (error: Error & { level?: string }) => {
      this.#log.debug({ detail: error.message }, 'connection error');
      // ssh2 then only ends it, which waits for a network that is gone to take what was sent.
      if (error.level === 'client-timeout') socket.destroy();
    });
    client.on('rekey', () => {
      this.#keyed = { atMs: performance.now(), bytes: this.#bytes };
      this.#log.debug('keys changed');
    });
    client.on('close', () => {
      this.#log.debug('connection closed');
      this.#cutOffAll();
    });
    this.#authenticate(onLogin);
    client.on('session', (accept, reject) => {
      if (this.#draining || this.#channels >= limits.sftpChannelsPerConnection) reject();
      else this.#onSession(accept());
    });
    // Forwarding of ports and sockets; direct forwards have no listener, which refuses them.
    client.on('request', (_accept: unknown, reject: (() => void) | undefined, name: string) => {
      this.#refused(name);
      reject?.();
    });
  }

  /** Who came in, and by what; nothing before the login. */
  get visitor(): { machine: MachineId; by: Credential['kind'] } | undefined {
    if (this.#machine === undefined || this.#credential === undefined) return undefined;
    return { machine: this.#machine, by: this.#credential.kind };
  }

  /** Ends it, with all that is under way, where its credential lets nobody in any more. */
  async review(): Promise<void> {
    const [machine, credential] = [this.#machine, this.#credential];
    if (machine === undefined || credential === undefined) return;
    if (await isStillLetIn(this.#services.shelf, machine, credential)) return;
    this.#log.warn('what it logged in with lets nobody in any more; connection ended');
    for (const session of this.#sessions) session.cutOff(noLongerLetIn());
    // A machine that does not read would put off a polite end.
    this.#socket.destroy();
  }

  /** Asks for new keys where the old ones have had their time or their bytes. */
  renewKeys(nowMs: number): void {
    if (this.#machine === undefined) return;
    const { rekeyBytes, rekeyMs } = this.#services.bounds;
    const { atMs, bytes } = this.#keyed;
    if (this.#bytes - bytes < rekeyBytes && nowMs - atMs < rekeyMs) return;
    // A client that does not answer is not asked each second: its keep-alive ends it.
    this.#keyed = { atMs: nowMs, bytes: this.#bytes };
    this.#client.rekey();
  }

  get #bytes(): number {
    return this.#socket.bytesRead + this.#socket.bytesWritten;
  }

  /** Lets running transfers end, opens nothing more, then says goodbye. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#sessions].map((session) => session.drain()));
    this.#client.end();
  }

  /** Resolves when every session is over and each of its deliveries has its end. */
  async done(): Promise<void> {
    this.#cutOffAll();
    await Promise.all([...this.#sessions].map((session) => session.done));
  }

  #authenticate(onLogin: () => void): void {
    authenticateMachines({
      client: this.#client,
      address: this.#socket.remoteAddress ?? '',
      identify: (name, credential) => this.#services.shelf.identify(name, credential),
      maxAttempts: this.#services.bounds.authAttempts,
      onRefused: (detail) => this.#log.warn(detail, 'login refused'),
      onAccepted: (machine, credential) => {
        this.#machine = machine;
        this.#credential = credential;
        this.#log = this.#log.child({ machine });
      },
      onExhausted: () => {
        this.#log.warn('too many login attempts; connection ended');
        this.#client.end();
      },
      onError: (error) => this.#log.error({ err: error }, 'login could not be decided'),
    });
    this.#client.once('ready', () => {
      this.#log.info('logged in');
      onLogin();
    });
  }

  #onSession(ssh: Session): void {
    this.#channels++;
    let session: SftpSession | undefined;
    ssh.on('close', () => {
      this.#channels--;
      session?.cutOff();
    });
    for (const name of refusedRequests) this.#refuse(ssh, name);
    ssh.on('subsystem', (accept, reject, { name }) => {
      const machine = this.#machine;
      if (name !== 'sftp' || machine === undefined || session !== undefined) {
        this.#refused(`subsystem ${name.slice(0, 40)}`);
        reject?.();
        return;
      }
      session = this.#startSftp(accept(), machine);
    });
  }

  #startSftp(channel: ServerChannel, machine: MachineId): SftpSession {
    const { shelf, returns, openBlob, openArrival, clock, bounds } = this.#services;
    const session = new SftpSession({
      channel,
      socket: this.#socket,
      machine,
      shelf,
      returns,
      openBlob,
      openArrival,
      clock,
      log: this.#log,
      maxHandles: bounds.handlesPerSession,
    });
    this.#sessions.add(session);
    void session.done.then(() => this.#sessions.delete(session));
    return session;
  }

  #refuse(ssh: Session, request: (typeof refusedRequests)[number]): void {
    const listener = (_accept: unknown, reject: (() => void) | undefined) => {
      // OpenSSH sends its locale to every server; that is not worth a line.
      if (request !== 'env') this.#refused(request);
      reject?.();
    };
    (ssh.on as (event: string, listener: (...args: never[]) => void) => Session).call(ssh, request, listener);
  }

  #refused(what: string): void {
    this.#log.warn({ what }, 'refused: this door serves SFTP only');
  }

  #cutOffAll(): void {
    for (const session of this.#sessions) session.cutOff();
  }
}
