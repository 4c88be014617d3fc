import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { type DomainError, toDomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { refusalReply } from './errors.ts';
import { ConnectionClosed, Outbox } from './outbox.ts';
import { Responder, type ResponderOptions } from './responder.ts';
import { MalformedPacket, PacketSplitter, parseRequest, type SftpRequest } from './wire.ts';

type SessionOptions = Omit<ResponderOptions, 'send' | 'isDraining'> & { channel: ServerChannel; socket: Socket };

const bytesOf = (request: SftpRequest): number => (request.type === 'write' ? request.data.length : 0);

/**
 * One SFTP session on an SSH channel. Requests start in the order they came in, `limits.sftpRequestsAtOnce` at a time,
 * and are answered as they get done; beyond `limits.sftpRequestsWaiting` of them, or `limits.sftpWriteBufferBytes` to be
 * written, the channel is not read, so that the machine is held back by its own SSH window.
 */
export class SftpSession {
  readonly #options: SessionOptions;
  readonly #splitter = new PacketSplitter(limits.sftpRequestBytes);
  readonly #outbox: Outbox;
  readonly #responder: Responder;
  readonly #waiting: SftpRequest[] = [];
  readonly #done = Promise.withResolvers<void>();
  readonly #idle = Promise.withResolvers<void>();
  #running = 0;
  /** Of WRITE requests that are waiting or under way. */
  #bytesToWrite = 0;
  #started = false;
  #inputEnded = false;
  #closing = false;
  #draining = false;
  #deliveriesEnded = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.channel, options.socket);
    this.#responder = new Responder({
      ...options,
      send: (...parts) => this.#outbox.send(...parts),
      isDraining: () => this.#draining,
    });
    options.channel.on('data', (bytes: Buffer) => this.#onData(bytes));
    // OpenSSH's client waits for our half to end after it has ended its own.
    options.channel.on('end', () => {
      this.#inputEnded = true;
      this.#proceed();
    });
    options.channel.on('error', () => this.cutOff());
  }

  /** Resolves when the session is over and the shelf was told the end of every delivery it began. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  /** The connection or the channel is gone, or is about to be because of `why`. */
  cutOff(why?: DomainError): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#waiting.length = 0;
    this.#outbox.close();
    void this.#settle(why);
  }

  /** Opens nothing more. Resolves when nothing is open or under way. */
  drain(): Promise<void> {
    this.#draining = true;
    this.#proceed();
    return Promise.race([this.#idle.promise, this.#done.promise]);
  }

  #onData(bytes: Buffer): void {
    if (this.#closing) return;
    try {
      for (const packet of this.#splitter.push(bytes)) this.#accept(parseRequest(packet));
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error;
      this.#options.log.warn(
        { machine: this.#options.machine, detail: error.message },
        'malformed SFTP; session ended',
      );
      this.#end(1);
      return;
    }
    this.#proceed();
  }

  #accept(request: SftpRequest): void {
    if ((request.type === 'init') === this.#started) throw new MalformedPacket('INIT is the first packet and no other');
    this.#started = true;
    this.#bytesToWrite += bytesOf(request);
    this.#waiting.push(request);
  }

  #proceed(): void {
    if (this.#closing) return;
    while (this.#running < limits.sftpRequestsAtOnce) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      this.#running++;
      void this.#serve(request).finally(() => {
        this.#running--;
        this.#bytesToWrite -= bytesOf(request);
        this.#proceed();
        this.#finishIfOver();
      });
    }
    const isBehind =
      this.#waiting.length > limits.sftpRequestsWaiting || this.#bytesToWrite > limits.sftpWriteBufferBytes;
    if (isBehind) this.#options.channel.pause();
    else if (this.#options.channel.isPaused()) this.#options.channel.resume();
    if (this.#running > 0) return;
    if (this.#draining && this.#responder.openFiles === 0) this.#idle.resolve();
    if (this.#inputEnded) this.#end(0);
  }

  async #serve(request: SftpRequest): Promise<void> {
    try {
      await this.#responder.answer(request);
    } catch (error) {
      if (error instanceof ConnectionClosed || request.type === 'init') return;
      if (toDomainError(error).code === 'internal')
        this.#options.log.error(
          { err: error, machine: this.#options.machine, request: request.type },
          'request failed',
        );
      await this.#outbox.send(refusalReply(request.id, error)).catch(() => {});
    }
  }

  /** Ends our half: exit status, end of file, close. */
  #end(exitStatus: number): void {
    if (this.#closing) return;
    this.#options.channel.exit(exitStatus);
    this.#options.channel.end();
    this.cutOff();
  }

  async #settle(why?: DomainError): Promise<void> {
    await this.#responder.cutOff(why);
    this.#deliveriesEnded = true;
    this.#finishIfOver();
  }

  /** A file that was being opened when the connection went is ended by its own request. */
  #finishIfOver(): void {
    if (this.#deliveriesEnded && this.#running === 0) this.#done.resolve();
  }
}
