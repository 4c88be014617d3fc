import { once } from 'node:events';
import { connect, createServer, isIPv4, type Server, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { DomainError } from '../../domain/errors.ts';
import { serverTls } from './handshake.ts';

/** Where a machine and we meet for one transfer. Made once, used once. */
export interface DataMeeting {
  /** Rejects with `busy` when nobody came in time, or somebody else did. */
  socket(): Promise<Socket>;
  cancel(): void;
}

/** IPv4 addresses as IPv6 sockets show them (RFC 4291 2.5.5.2) are IPv4 addresses. */
export const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/i, '');

type PassiveOptions = {
  /** Our own end of the control connection: nothing else is listened on. */
  address: string;
  /** The machine's end of the control connection: nobody else is let in. */
  peer: string;
  ports: { from: number; to: number };
  timeoutMs: number;
  onStranger(address: string): void;
};

/** Listens on a port of the range for the machine's one data connection. Rejects with `busy` when all are taken. */
export async function listenPassive(options: PassiveOptions): Promise<DataMeeting & { port: number }> {
  const server = createServer({ pauseOnConnect: true });
  const port = await bind(server, options.address, options.ports);
  const arrived = Promise.withResolvers<Socket>();
  arrived.promise.catch(() => {});
  const refuse = (why: string) => {
    arrived.reject(new DomainError('busy', why));
    server.close();
  };
  const timer = setTimeout(() => refuse('No data connection came.'), options.timeoutMs);
  server.on('connection', (socket) => {
    const from = plainAddress(socket.remoteAddress);
    if (from !== options.peer) {
      // Another host that guesses the port could take the program, or offer one.
      options.onStranger(from);
      socket.destroy();
      return;
    }
    clearTimeout(timer);
    server.close();
    arrived.resolve(socket);
  });
  return {
    port,
    socket: () => arrived.promise,
    cancel() {
      clearTimeout(timer);
      refuse('The data connection was given up.');
      arrived.promise.then(
        (socket) => socket.destroy(),
        () => {},
      );
    },
  };
}

async function bind(server: Server, address: string, { from, to }: { from: number; to: number }): Promise<number> {
  for (let port = from; port <= to; port++) {
    try {
      const listening = once(server, 'listening');
      server.listen(port, address);
      await listening;
      const bound = server.address();
      return typeof bound === 'object' && bound !== null ? bound.port : port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new DomainError('busy', 'Every port for data connections is taken; try again.');
}

/** Calls the machine on the port that it named. Only its own address is called: no machine can make us call another. */
export function callActive(options: { peer: string; port: number; timeoutMs: number }): DataMeeting {
  let socket: Socket | undefined;
  return {
    async socket() {
      const calling = connect({ host: options.peer, port: options.port, timeout: options.timeoutMs });
      socket = calling;
      calling.once('timeout', () => calling.destroy(new Error('timed out')));
      try {
        await once(calling, 'connect');
      } catch (cause) {
        throw new DomainError('busy', 'The data connection could not be made.', { cause });
      }
      calling.setTimeout(0);
      return calling;
    },
    cancel: () => socket?.destroy(),
  };
}

/** Wraps a data connection in TLS. Rejects with `forbidden` unless it resumes the control connection's session. */
export async function protect(
  raw: Socket,
  options: { secureContext: SecureContext; resumedOnly: boolean; timeoutMs: number },
): Promise<Socket> {
  raw.setTimeout(options.timeoutMs, () => raw.destroy());
  const { socket, secure } = serverTls(raw, options.secureContext);
  try {
    await secure;
  } catch (cause) {
    raw.destroy();
    throw new DomainError('forbidden', 'The data connection did not speak TLS.', { cause });
  }
  if (socket.isSessionReused() || !options.resumedOnly) return socket;
  socket.destroy();
  throw new DomainError(
    'forbidden',
    'The data connection must resume the TLS session of its control connection; set the client to reuse it.',
  );
}

/** The argument of PORT (RFC 959 4.1.2): `h1,h2,h3,h4,p1,p2`. */
export function parsePort(argument: string): { address: string; port: number } | undefined {
  const numbers = /^\d{1,3}(,\d{1,3}){5}$/.test(argument) ? argument.split(',').map(Number) : [];
  if (numbers.length !== 6 || numbers.some((number) => number > 255)) return undefined;
  const [high = 0, low = 0] = numbers.slice(4);
  return { address: numbers.slice(0, 4).join('.'), port: high * 256 + low };
}

/** The argument of EPRT (RFC 2428 2): `|1|192.0.2.1|6275|`, with any delimiter of ASCII 33 to 126. */
export function parseExtendedPort(argument: string): { address: string; port: number } | undefined {
  const parts = argument.split(argument.charAt(0));
  const [, , address = '', port = ''] = parts;
  if (parts.length !== 5 || !/^\d{1,5}$/.test(port) || Number(port) > 65_535) return undefined;
  return { address: plainAddress(address), port: Number(port) };
}

/** What PASV answers with (RFC 959 4.1.2). Undefined where the address is no IPv4 one: the client has EPSV. */
export function passiveReply(address: string, port: number): string | undefined {
  if (!isIPv4(address)) return undefined;
  return `Entering Passive Mode (${address.replaceAll('.', ',')},${port >> 8},${port & 255}).`;
}
