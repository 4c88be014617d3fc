import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { openArrivalFile } from '../../door/arrival-file.ts';
import { runDoor } from '../../door/door-process.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import { parentChannel } from '../../platform/child-process.ts';
import { systemClock } from '../../platform/clock.ts';
import { VerifiedBlob } from '../../vault/verified-blob.ts';
import { checkHostKey } from './algorithms.ts';
import { DoorSettings } from './door-settings.ts';
import { startSftpServer } from './server.ts';

function readHostKey(file: string): Buffer {
  try {
    const key = readFileSync(file);
    checkHostKey(key, file);
    return key;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('config-invalid', `The SFTP host key ${file} cannot be read.`, { cause: error });
  }
}

runDoor(
  {
    name: 'SFTP',
    procedures: doorProcedures(DoorSettings),
    async open(settings, { shelves, returns }, log) {
      const { host, port, shared, ident, bounds } = settings;
      const server = await startSftpServer({
        ...{ host, port, shared, ident, bounds, log },
        ...{ shelf: shelves.through('sftp'), returns, openArrival: openArrivalFile },
        hostKeys: settings.hostKeyFiles.map(readHostKey),
        openBlob: ({ digest, size }) => VerifiedBlob.open(settings.vaultFolder, digest, size),
        clock: systemClock,
      });
      return { ports: [server.port], review: server.review, close: () => server.close() };
    },
  },
  parentChannel(),
  pino({ name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'sftp' } }, pino.destination(2)),
);
