import { readFileSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { parentChannel } from '../../platform/child-process.ts';
import { systemClock } from '../../platform/clock.ts';
import { type Channel, serveCalls } from '../../platform/rpc.ts';
import { VerifiedBlob } from '../../vault/verified-blob.ts';
import { checkHostKey } from './algorithms.ts';
import { type DoorSettings, doorProcedures } from './door-protocol.ts';
import { remoteShelf } from './remote-shelf.ts';
import { type SftpServer, startSftpServer } from './server.ts';

/**
 * The SFTP door as a process of its own: it meets hostile bytes, so it holds the host keys and nothing else; it reads
 * the vault, and asks the core for every decision. SIGTERM drains it; the core's death ends it (see `parentChannel`).
 */
function runDoor(channel: Channel, log: Logger): void {
  const shelf = remoteShelf(channel);
  let starting: Promise<SftpServer> | undefined;

  const drain = async () => {
    const server = await starting?.catch(() => undefined);
    await server?.close();
  };
  serveCalls(channel, doorProcedures, {
    async configure(settings) {
      if (starting !== undefined) throw new DomainError('conflict', 'The SFTP door is configured already.');
      starting = openDoor(settings, shelf, log);
      const { port } = await starting;
      log.info({ host: settings.host, port }, 'the SFTP door is open');
      return { port };
    },
    async drain() {
      await drain();
      return null;
    },
    ping: () => null,
  });
  // Ctrl-C reaches every process of the terminal; the core hears it too, drains, and then says SIGTERM.
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => {
    void drain().finally(() => process.exit(0));
  });
}

function openDoor(settings: DoorSettings, shelf: ReturnType<typeof remoteShelf>, log: Logger): Promise<SftpServer> {
  return startSftpServer({
    host: settings.host,
    port: settings.port,
    ident: settings.ident,
    hostKeys: settings.hostKeyFiles.map(readHostKey),
    shelf,
    openBlob: ({ digest, size }) => VerifiedBlob.open(settings.vaultFolder, digest, size),
    bounds: settings.bounds,
    clock: systemClock,
    log,
  });
}

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
  parentChannel(),
  pino({ name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'sftp' } }, pino.destination(2)),
);
