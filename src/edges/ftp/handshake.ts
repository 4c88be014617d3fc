import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** The server's side of TLS over a connection that is there. Node says nothing where the peer leaves in between. */
export function serverTls(raw: Socket, secureContext: SecureContext): { socket: TLSSocket; secure: Promise<void> } {
  const socket = new TLSSocket(raw, { isServer: true, secureContext });
  const left = once(socket, 'close').then(() => {
    throw new Error('closed before TLS was agreed');
  });
  left.catch(() => {});
  const secure = Promise.race([once(socket, 'secure'), left]).then(() => {});
  return { socket, secure };
}
