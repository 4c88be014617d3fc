import { once } from 'node:events';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

const retryEveryMs = 200;

/**
 * Binds, and tries again for `limits.doorListenRetryMs` while the address is in use: the door of a gateway that was
 * killed sees its parent go and closes, a moment after the next gateway starts. Gives the bound port; rejects
 * with `config-invalid`. `shared`: other processes of the same account may listen on the port too, and the system gives each
 * connection to one of them (SO_REUSEPORT of socket(7)); a port that is held without that is in use.
 */
export async function listen(
  server: Server,
  { host, port, shared = false }: { host: string; port: number; shared?: boolean },
): Promise<number> {
  const deadline = performance.now() + limits.doorListenRetryMs;
  for (;;) {
    try {
      const listening = once(server, 'listening');
      server.listen({ host, port, reusePort: shared });
      await listening;
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    } catch (error) {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!inUse || performance.now() >= deadline) {
        const detail = (error as Error).message;
        throw new DomainError('config-invalid', `The door cannot listen on ${host}:${port}: ${detail}.`);
      }
      await pause(retryEveryMs);
    }
  }
}
