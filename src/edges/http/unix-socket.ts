import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';

/**
 * Makes room for a Unix socket at `path`: a folder that only this account may enter, and nothing at the name itself. A
 * socket that a killed gateway left is removed; one that answers, or anything else, stays. Throws `config-invalid`.
 */
export async function prepareSocketPath(path: string): Promise<void> {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  // Whoever may write in it could put a socket of his own in our place.
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o077) !== 0) {
    throw refused(`${folder} must be a folder of the gateway's own account that nobody else may enter (mode 0700)`);
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isSocket()) throw refused(`${path} is in the way and is no socket`);
  if (await answers(path)) throw refused(`another gateway answers at ${path}`);
  unlinkSync(path);
}

/** The socket came into being inside the closed folder, so that nobody could have opened it before this. */
export const closeToOthers = (path: string): void => chmodSync(path, 0o600);

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(limits.httpRequestMs) });
    return true;
  } catch (error) {
    // Anything but a plain refusal may be a gateway that is busy: what cannot be told apart stays.
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

const refused = (problem: string): DomainError => new DomainError('config-invalid', `The local socket: ${problem}.`);
