import { join } from 'node:path';
import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { Shelf } from '../../domain/shelf.ts';
import { superviseChild } from '../../platform/child-process.ts';
import type { Config } from '../../platform/config.ts';
import { makeCaller } from '../../platform/rpc.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { keyFiles } from '../../signing/key-files.ts';
import { defaultBounds } from './bounds.ts';
import { type DoorSettings, doorProcedures } from './door-protocol.ts';
import { serveShelf } from './remote-shelf.ts';

export type SftpDoors = { port: number; ready: boolean; pids(): (number | undefined)[]; stop(): Promise<void> };

/**
 * Starts the door process and keeps it running on the port that it first got. Rejects when it cannot listen the first
 * time; later failures are logged and tried again.
 */
export function startSftpDoors(options: { config: Config; shelf: Shelf; log: Logger }): Promise<SftpDoors> {
  const { config, shelf, log } = options;
  const { paths, sftp } = config;
  const hostKey = join(paths.keys, keyFiles.sshHost);
  const doors = { port: sftp.port, ready: false };
  return new Promise((resolve, reject) => {
    let started = false;
    const child = superviseChild({
      name: 'sftp',
      command: sandboxedNode(new URL('./door.ts', import.meta.url), { read: [hostKey, paths.vault], addons: true }),
      environment: { NODE_ENV: process.env.NODE_ENV, KEYWAY_LOG_LEVEL: log.level },
      onStart: (channel, pid) => {
        serveShelf(channel, shelf, (err) => log.error({ err }, 'the end of a delivery could not be recorded'));
        const unavailable = () => new DomainError('busy', 'The SFTP door does not answer.');
        const call = makeCaller(channel, doorProcedures, { timeoutMs: limits.doorAnswerMs, unavailable });
        const settings: DoorSettings = {
          host: sftp.host,
          port: doors.port,
          hostKeyFiles: [hostKey],
          vaultFolder: paths.vault,
          ident: 'Keyway',
          bounds: defaultBounds,
        };
        call('configure', settings).then(
          ({ port }) => {
            Object.assign(doors, { port, ready: true });
            log.info({ pid, port }, 'SFTP door open');
            started = true;
            resolve(result);
          },
          (error: Error) => {
            log.error({ pid, err: error.message }, 'SFTP door did not open');
            if (!started) void child.stop().then(() => reject(error));
          },
        );
      },
      onExit: (detail, expected) => {
        doors.ready = false;
        log[expected ? 'info' : 'warn']({ detail }, 'SFTP door ended');
      },
    });
    const result: SftpDoors = {
      get port() {
        return doors.port;
      },
      get ready() {
        return doors.ready;
      },
      pids: () => [child.pid],
      stop: () => child.stop(),
    };
  });
}
