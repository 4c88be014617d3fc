import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { buildApp, shareState } from './app.ts';
import type { HttpParts } from './parts.ts';
import type { TlsFiles } from './servers.ts';
import { closeToOthers, prepareSocketPath } from './unix-socket.ts';

export type { HttpParts } from './parts.ts';

/**
 * Opens both doors: HTTPS for people with enrolled keys, and a Unix socket for the gateway's own account. `port` 0 lets
 * the system choose; the one in use is given back. Throws `config-invalid`, and then neither is open.
 */
export async function listenHttp(options: {
  parts: HttpParts;
  host: string;
  port: number;
  tls: TlsFiles;
  socketPath: string;
}): Promise<{ port: number; close(): Promise<void> }> {
  const { parts, host, tls, socketPath } = options;
  const shared = shareState(parts);
  const local = buildApp(parts, { kind: 'socket' }, shared);
  const secure = buildApp(parts, { kind: 'tls', tls }, shared);
  const close = async () => void (await Promise.all([closeApp(local), closeApp(secure)]));
  try {
    await prepareSocketPath(socketPath);
    await listen(local, { path: socketPath }, socketPath);
    closeToOthers(socketPath);
    await listen(secure, { host, port: options.port }, `${host}:${options.port}`);
  } catch (error) {
    await close();
    throw error;
  }
  const address = secure.server.address();
  return { port: typeof address === 'object' && address ? address.port : options.port, close };
}

async function listen(app: FastifyInstance, at: { path: string } | { host: string; port: number }, name: string) {
  try {
    await app.listen({ ...at, listenTextResolver: () => `HTTP at ${name}` });
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DomainError('config-invalid', `The HTTP door cannot listen at ${name}: ${code ?? message}.`, {
      cause: error,
    });
  }
}

/** Takes no more requests and lets those under way end; whatever has not by then is cut off. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), limits.shutdownGraceMs);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}
