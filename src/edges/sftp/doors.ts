import { join } from 'node:path';
import type { Logger } from 'pino';
import { doorProcedures } from '../../door/door-protocol.ts';
import type { Behind } from '../../door/remote-shelf.ts';
import { type DoorToStart, type RunningDoor, startDoors } from '../../door/start-door.ts';
import type { Config } from '../../platform/config.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { keyFiles } from '../../signing/key-files.ts';
import { defaultBounds } from './bounds.ts';
import { DoorSettings } from './door-settings.ts';

/** The SFTP door in processes of its own, see `startDoors`. Native add-ons are allowed to it, for its ciphers. */
export function startSftpDoors(options: { config: Config; behind: Behind; log: Logger }): Promise<RunningDoor> {
  const { paths, sftp } = options.config;
  const hostKey = join(paths.keys, keyFiles.sshHost);
  const door: DoorToStart<DoorSettings> = {
    name: 'SFTP',
    command: sandboxedNode(new URL('./door.ts', import.meta.url), {
      ...{ read: [hostKey, paths.vault], write: [paths.inbound], addons: true, passesOn: true },
    }),
    procedures: doorProcedures(DoorSettings),
    ports: [sftp.port],
    settings: ([port = 0]): DoorSettings => ({
      host: sftp.host,
      port,
      shared: sftp.processes > 1,
      hostKeyFiles: [hostKey],
      vaultFolder: paths.vault,
      ident: 'Keyway',
      bounds: defaultBounds,
    }),
    behind: options.behind,
    log: options.log,
  };
  return startDoors(door, sftp.processes);
}
