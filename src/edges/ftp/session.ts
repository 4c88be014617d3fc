import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { DoorChannel } from '../../domain/doors.ts';
import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Returns } from '../../domain/returns.ts';
import type { Credential, OpenedFile, Shelf, Shelves } from '../../domain/shelf.ts';
import type { OpenArrival } from '../../door/incoming-file.ts';
import type { BlobReader } from '../../door/open-file.ts';
import { canonicalPath } from '../../door/path.ts';
import { isStillLetIn, noLongerLetIn } from '../../door/still-let-in.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CommandLine } from './command-lines.ts';
import type { Control } from './control.ts';
import { type DataMeeting, plainAddress, protect } from './data-connection.ts';
import type { DataSettings, FtpBounds } from './door-settings.ts';
import { refusalReply, reply } from './replies.ts';
import type { LoginThrottle } from './throttle.ts';

export type FtpServices = {
  shelves: Shelves;
  returns: Returns;
  openBlob(opened: OpenedFile): Promise<BlobReader>;
  openArrival: OpenArrival;
  plaintext: boolean;
  data: DataSettings;
  bounds: FtpBounds;
  throttle: LoginThrottle;
  clock: Clock;
};

/** What a command may do: everything about one machine's session that outlives the command. */
export type Command = {
  /** Before the login too. */
  open?: true;
  /** The reply, or nothing where it was sent. */
  run(session: FtpSession, argument: Buffer): Promise<string> | string;
};

type SessionOptions = {
  control: Control;
  socket: Socket;
  services: FtpServices;
  commands: ReadonlyMap<string, Command>;
  log: Logger;
  onLogin(): void;
};

/** One machine's FTP session: its commands are answered one after the other, in the order in which they came. */
export class FtpSession {
  readonly control: Control;
  readonly services: FtpServices;
  /** Both ends of the control connection; data connections stay between them. */
  readonly ends: { ours: string; peer: string };
  log: Logger;
  /** The name of USER, until PASS. */
  name: string | undefined;
  attempts = 0;
  machine: { id: MachineId; shelf: Shelf } | undefined;
  folder: readonly string[] = [];
  restartAt = 0;
  /** PROT P (RFC 4217 9): data connections speak TLS too. */
  protectedData = false;
  /** Said by EPSV ALL (RFC 2428 4). */
  extendedOnly = false;
  meeting: DataMeeting | undefined;
  /** The transfer under way; ABOR and the connection's end stop it. */
  abort: ((why: string) => void) | undefined;
  /** By what the machine came in; kept to be asked for again. */
  #credential: Credential | undefined;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #onLogin: () => void;
  readonly #waiting: CommandLine[] = [];
  #running: Promise<void> | undefined;
  #draining = false;
  #gone = false;
  #idle: NodeJS.Timeout | undefined;

  constructor({ control, socket, services, commands, log, onLogin }: SessionOptions) {
    this.control = control;
    this.services = services;
    this.ends = { ours: plainAddress(socket.localAddress), peer: plainAddress(socket.remoteAddress) };
    this.log = log;
    this.#commands = commands;
    this.#onLogin = onLogin;
    this.#restartIdle();
  }

  receive(lines: readonly CommandLine[]): void {
    this.#restartIdle();
    for (const line of lines) {
      // The two that are not kept waiting behind a transfer (RFC 959 4.1.3).
      if (line.verb === 'ABOR' && this.abort) this.abort('the machine gave up the transfer');
      this.#waiting.push(line);
    }
    if (this.#waiting.length > limits.ftpCommandsWaiting) this.control.end(reply(421, 'Too many commands at once.'));
    else this.#proceed();
  }

  loggedIn(id: MachineId, shelf: Shelf, credential: Credential): void {
    this.machine = { id, shelf };
    this.#credential = credential;
    this.log = this.log.child({ machine: id });
    this.log.info('logged in');
    this.#onLogin();
  }

  /** Ends it, with the transfer under way, where its credential lets nobody in any more. */
  async review(): Promise<void> {
    const credential = this.#credential;
    if (!this.machine || !credential) return;
    if (await isStillLetIn(this.machine.shelf, this.machine.id, credential)) return;
    this.log.warn('what it logged in with lets nobody in any more; session ended');
    this.abort?.(noLongerLetIn().message);
    this.control.destroy();
  }

  /** By which of its two doors the machine came. */
  get channel(): DoorChannel {
    return this.control.secureContext ? 'ftps' : 'ftp';
  }

  /** The machine and its shelf; only commands that need a login ask. */
  here(): { id: MachineId; shelf: Shelf } {
    if (this.machine) return this.machine;
    throw new DomainError('unauthenticated', 'Log in first.');
  }

  /** The names from the root that an argument means in this folder. Throws `not-found` for what no shelf can hold. */
  path(argument: Buffer): string[] {
    const from = argument[0] === 0x2f ? Buffer.alloc(0) : Buffer.from(`/${this.folder.join('/')}/`);
    const path = canonicalPath(Buffer.concat([from, argument]));
    if (path === undefined) throw notFound();
    return path;
  }

  /** What passes as encrypted is encrypted: without PROT P a data connection is clear, also beside a control connection in TLS. */
  requireProtectedData(): void {
    if (this.control.secureContext && !this.protectedData)
      throw new DomainError('forbidden', 'Over TLS data connections are encrypted too: say PBSZ 0 and PROT P first.');
  }

  /** The data connection that PASV, EPSV, PORT or EPRT prepared, in TLS where PROT P asked for it. */
  async dataSocket(): Promise<Socket> {
    this.requireProtectedData();
    const { meeting } = this;
    this.meeting = undefined;
    if (!meeting) throw new DomainError('conflict', 'Say PASV, EPSV, PORT or EPRT first.');
    const raw = await meeting.socket();
    raw.setNoDelay(true);
    const { secureContext } = this.control;
    if (!secureContext) return raw;
    const { data, bounds } = this.services;
    return protect(raw, { secureContext, resumedOnly: data.resumedOnly, timeoutMs: bounds.dataMs });
  }

  /** What was said in clear text behind AUTH TLS was not said under its protection (RFC 4217 15.1). */
  forgetWaiting(): void {
    this.#waiting.length = 0;
  }

  isDraining(): boolean {
    return this.#draining;
  }

  isGone(): boolean {
    return this.#gone;
  }

  /** Lets the transfer under way end, then says goodbye. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#running;
    this.control.end(reply(421, 'The gateway is stopping.'));
  }

  /** The control connection is gone. Resolves when the shelf was told of every end. */
  async gone(): Promise<void> {
    this.#gone = true;
    clearTimeout(this.#idle);
    this.#waiting.length = 0;
    this.meeting?.cancel();
    this.abort?.('the connection closed');
    await this.#running;
  }

  #proceed(): void {
    if (this.#running) return;
    const line = this.#waiting.shift();
    if (!line) return;
    this.#running = this.#answer(line).finally(() => {
      this.#running = undefined;
      this.#restartIdle();
      this.#proceed();
    });
  }

  async #answer({ verb, argument }: CommandLine): Promise<void> {
    const command = this.#commands.get(verb);
    try {
      if (!command) throw new DomainError('not-supported', 'This door does not know this command.');
      if (!command.open && !this.machine) throw new DomainError('unauthenticated', 'Log in first.');
      this.control.send(await command.run(this, argument));
    } catch (error) {
      if (!(error instanceof DomainError)) this.log.error({ err: error, verb }, 'a command failed');
      this.control.send(refusalReply(error));
    }
    // RFC 959 4.1.3: a restart marker is for the next command only.
    if (verb !== 'REST') this.restartAt = 0;
  }

  #restartIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.abort) this.#restartIdle();
      else this.control.end(reply(421, 'Nothing was asked for a long time.'));
    }, this.services.bounds.idleMs);
  }
}

/** One answer for what does not exist, what is another machine's, and what no shelf could hold. */
export const notFound = () => new DomainError('not-found', "There is no such file or folder on this machine's shelf.");
