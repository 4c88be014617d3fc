import { join } from 'node:path';
import type { Logger } from 'pino';
import { doorProcedures } from '../../door/door-protocol.ts';
import type { Behind } from '../../door/remote-shelf.ts';
import { type RunningDoor, startDoor } from '../../door/start-door.ts';
import type { Config } from '../../platform/config.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { keyFiles } from '../../signing/key-files.ts';
import { DoorSettings, defaultBounds } from './door-settings.ts';

/** The FTP door as a process of its own, see `startDoor`. Undefined where the configuration has none. */
export async function startFtpDoors(options: {
  config: Config;
  behind: Behind;
  log: Logger;
}): Promise<RunningDoor | undefined> {
  const { paths, ftp } = options.config;
  if (!ftp) return undefined;
  const keys = { key: join(paths.keys, keyFiles.tls), certificate: join(paths.keys, keyFiles.tlsCertificate) };
  const { host, plaintext, passivePorts, natAddress, resumedOnly, implicitPort } = ftp;
  return startDoor({
    name: 'FTP',
    command: sandboxedNode(new URL('./door.ts', import.meta.url), {
      ...{ read: [...Object.values(keys), paths.vault], write: [paths.inbound], passesOn: true },
    }),
    procedures: doorProcedures(DoorSettings),
    ports: [ftp.port, ...(implicitPort === undefined ? [] : [implicitPort])],
    settings: ([port = 0, implicit]): DoorSettings => ({
      host,
      port,
      ...(implicit === undefined ? {} : { implicitPort: implicit }),
      plaintext,
      tlsKeyFile: keys.key,
      tlsCertificateFile: keys.certificate,
      vaultFolder: paths.vault,
      data: { passivePorts, resumedOnly, ...(natAddress === undefined ? {} : { natAddress }) },
      bounds: defaultBounds,
    }),
    behind: options.behind,
    log: options.log,
  });
}
