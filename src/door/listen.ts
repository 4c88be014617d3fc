import { once } from 'node:events';
import type { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

const retryEveryMs = 200;

/**
 * Binds, and tries again for `limits.doorListenRetryMs` while the address is in use: the door of a gateway that was
 * killed sees its parent go and closes, a moment after the next gateway starts. Gives the bound port; rejects
 * with `config-invalid`.
 */
export async function listen(server: Server, at: { host: string; port: number }): Promise<number> {
  const deadline = performance.now() + limits.doorListenRetryMs;
  for (;;) {
    try {
      const listening = once(server, 'listening');
      server.listen(at.port, at.host);
      await listening;
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : at.port;
    } catch (error) {
      const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!inUse || performance.now() >= deadline) {
        const detail = (error as Error).message;
        throw new DomainError('config-invalid', `The door cannot listen on ${at.host}:${at.port}: ${detail}.`);
      }
      await pause(retryEveryMs);
    }
  }
}
