import { once } from 'node:events';
import { connect } from 'node:net';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Port, PortEvents } from './port.ts';

const keepAliveMs = 30_000;

/**
 * A line behind a device server that passes bytes as they are (raw TCP). What this end has handed over may wait in the
 * server: the pace of the line is kept by whoever writes.
 */
export async function openTcpPort(at: { host: string; port: number }, events: PortEvents): Promise<Port> {
  const socket = connect({ ...at, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
  const timer = setTimeout(() => socket.destroy(new Error('it does not answer')), limits.serialConnectMs);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const detail = (error as Error).message;
    throw new DomainError('busy', `The device server ${at.host}:${at.port} cannot be reached: ${detail}.`);
  } finally {
    clearTimeout(timer);
  }
  let closing = false;
  let reason = 'the device server closed the connection';
  socket.on('data', (bytes: Buffer) => events.onBytes(bytes));
  socket.on('error', (error) => {
    reason = `the connection to the device server broke: ${error.message}`;
  });
  socket.on('end', () => socket.destroy());
  socket.once('close', () => {
    if (!closing) events.onGone(reason);
  });
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {
      closing = true;
      socket.destroy();
    },
  };
}
