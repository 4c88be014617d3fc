import type { Socket } from 'node:net';
import type { ServerChannel } from 'ssh2';
import { limits } from '../../domain/limits.ts';

/** The connection is gone: what was being sent has nobody to go to. */
export class ConnectionClosed extends Error {}

/**
 * Sends replies no faster than the machine takes them, in two ways: its SSH window (the channel's write callback) and
 * its TCP socket. A window of 4 GiB and a socket that is never read must not fill our memory.
 */
export class Outbox {
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  /** Sends under way, to be told when the connection goes: ssh2 then forgets the write callbacks. */
  readonly #underWay = new Set<(error?: Error) => void>();
  #waitingForSocket: (() => void)[] = [];
  #closed = false;
  readonly #onDrain = () => {
    const waiting = this.#waitingForSocket;
    this.#waitingForSocket = [];
    for (const proceed of waiting) proceed();
  };

  constructor(channel: ServerChannel, socket: Socket) {
    this.#channel = channel;
    this.#socket = socket;
    socket.on('drain', this.#onDrain);
  }

  /**
   * Resolves when the connection has taken the whole packet, which may come in parts: the bytes of a file are not copied
   * to stand behind their header. Rejects with ConnectionClosed.
   */
  send(...parts: [Buffer, ...Buffer[]]): Promise<void> {
    if (this.#closed) return Promise.reject(new ConnectionClosed());
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        if (!this.#underWay.delete(settle)) return;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#underWay.add(settle);
      // ssh2 cuts a reply into packets of 32 KiB and writes each by itself; corked they leave in one system call.
      this.#socket.cork();
      const last = parts.pop();
      for (const part of parts) this.#channel.write(part);
      this.#channel.write(last, () => this.#whenSocketHasRoom(settle));
      process.nextTick(() => this.#socket.uncork());
    });
  }

  /** Nothing is sent from here on, and every send under way rejects. */
  close(): void {
    this.#closed = true;
    this.#socket.off('drain', this.#onDrain);
    for (const settle of [...this.#underWay]) settle(new ConnectionClosed());
  }

  #whenSocketHasRoom(proceed: () => void): void {
    if (this.#socket.writableLength <= limits.sftpSendBufferBytes) proceed();
    else this.#waitingForSocket.push(proceed);
  }
}
