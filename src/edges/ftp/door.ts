import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { openArrivalFile } from '../../door/arrival-file.ts';
import { runDoor } from '../../door/door-process.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import { parentChannel } from '../../platform/child-process.ts';
import { systemClock } from '../../platform/clock.ts';
import { VerifiedBlob } from '../../vault/verified-blob.ts';
import { DoorSettings } from './door-settings.ts';
import { startFtpServer } from './server.ts';

function readKeyFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DomainError('config-invalid', `The FTP door cannot read ${file}.`, { cause });
  }
}

runDoor(
  {
    name: 'FTP',
    procedures: doorProcedures(DoorSettings),
    open(settings, { shelves, returns }, log) {
      const { tlsKeyFile, tlsCertificateFile, vaultFolder, ...rest } = settings;
      return startFtpServer({
        ...rest,
        ...{ shelves, returns, openArrival: openArrivalFile, log },
        tls: { key: readKeyFile(tlsKeyFile), cert: readKeyFile(tlsCertificateFile) },
        openBlob: ({ digest, size }) => VerifiedBlob.open(vaultFolder, digest, size),
        clock: systemClock,
        random: (size) => randomBytes(size),
      });
    },
  },
  parentChannel(),
  pino({ name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'ftp' } }, pino.destination(2)),
);
