import { type Logger, pino } from 'pino';
import ssh2, {
  type Client,
  type ConnectConfig,
  type FileEntryWithStats,
  type OpenMode,
  type SFTPWrapper,
  type Stats,
} from 'ssh2';
import type { DeliveryId, MachineId } from '../../src/domain/ids.ts';
import type { DeliveryEnd } from '../../src/domain/shelf.ts';
import { defaultBounds, type SftpBounds } from '../../src/edges/sftp/bounds.ts';
import { type SftpServer, startSftpServer } from '../../src/edges/sftp/server.ts';
import { FakeReturns } from './fake-returns.ts';
import { FakeShelf } from './sftp-fake-shelf.ts';

export type KeyPair = { private: string; public: string };
type KeyKind = 'ed25519' | 'ecdsa-256' | 'ecdsa-384' | 'ecdsa-521' | 'rsa-3072' | 'rsa-1024';

/** A key pair in OpenSSH form; the public line has no comment. */
export function makeKey(kind: KeyKind = 'ed25519'): KeyPair {
  const [type, bits] = kind.split('-');
  // ssh2 drops the leading zero byte of one in 256 Ed25519 keys and then cannot read what it wrote.
  for (;;) {
    const pair =
      type === 'ed25519'
        ? ssh2.utils.generateKeyPairSync('ed25519')
        : ssh2.utils.generateKeyPairSync(type as 'ecdsa', { bits: Number(bits) as 256 });
    if (ssh2.utils.parseKey(pair.private) instanceof Error) continue;
    return { private: pair.private, public: pair.public.trim().split(' ').slice(0, 2).join(' ') };
  }
}

export type TestDoor = {
  port: number;
  shelf: FakeShelf;
  returns: FakeReturns;
  machine: MachineId;
  key: KeyPair;
  hostKey: KeyPair;
  lines: Record<string, unknown>[];
  server: SftpServer;
};

/** A door in this process with one machine, `MILL-1`, on a fake shelf. */
export async function openTestDoor(
  options: { bounds?: Partial<SftpBounds>; hostKeys?: string[] } = {},
): Promise<TestDoor> {
  const shelf = new FakeShelf();
  const returns = new FakeReturns();
  const key = makeKey();
  const hostKey = makeKey();
  const machine = shelf.register('MILL-1', key.public);
  const lines: Record<string, unknown>[] = [];
  const server = await startSftpServer({
    host: '127.0.0.1',
    port: 0,
    hostKeys: options.hostKeys ?? [hostKey.private],
    ident: 'Keyway',
    shelf,
    openBlob: shelf.openBlob,
    ...{ returns, openArrival: returns.openArrival },
    bounds: { ...defaultBounds, drainMs: 2_000, ...options.bounds },
    clock: () => Date.parse('2026-03-02T00:00:00Z'),
    log: logTo(lines),
  });
  return { port: server.port, shelf, returns, machine, key, hostKey, lines, server };
}

const logTo = (lines: Record<string, unknown>[]): Logger =>
  pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });

/** Connects and logs in; rejects when the door refuses. */
export function connect(door: { port: number; key: KeyPair }, config: ConnectConfig = {}): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once('ready', () => {
      client.on('error', () => {});
      resolve(client);
    });
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed before the login')));
    client.connect({
      host: '127.0.0.1',
      port: door.port,
      username: 'MILL-1',
      privateKey: door.key.private,
      ...config,
    });
  });
}

export function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp))));
}

/** What a callback API answers, as a promise. */
export const answer = <T>(call: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value as T))));

export type SftpError = Error & { code: number };

/** The refusal that a call ends in; fails when it does not. */
export async function refusal(call: Promise<unknown>): Promise<SftpError> {
  try {
    await call;
  } catch (error) {
    return error as SftpError;
  }
  throw new Error('was not refused');
}

/** Waits for a condition, not for time. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** `MILL-1`, logged in at a test door with an SFTP session. */
export class MachineAtDoor {
  readonly door: TestDoor;
  readonly client: Client;
  readonly sftp: SFTPWrapper;

  private constructor(door: TestDoor, client: Client, sftp: SFTPWrapper) {
    this.door = door;
    this.client = client;
    this.sftp = sftp;
  }

  static async arrive(): Promise<MachineAtDoor> {
    const door = await openTestDoor();
    const client = await connect(door);
    return new MachineAtDoor(door, client, await openSftp(client));
  }

  async leave(): Promise<void> {
    this.client.destroy();
    await this.door.server.close();
  }

  put(path: string, content: Buffer | string): Buffer {
    return this.door.shelf.put(this.door.machine, path, content);
  }

  ends(): DeliveryEnd[] {
    return this.door.shelf.ends;
  }

  /** The first delivery that was begun. */
  delivery(): DeliveryId | undefined {
    return this.door.shelf.opened[0]?.deliveryId;
  }

  open(path: string, flags: OpenMode = 'r'): Promise<Buffer> {
    return answer((done) => this.sftp.open(path, flags, done));
  }

  close(handle: Buffer): Promise<void> {
    return answer((done) => this.sftp.close(handle, done));
  }

  read(handle: Buffer, offset: number, length: number): Promise<Buffer> {
    const into = Buffer.alloc(length);
    return answer((done) =>
      this.sftp.read(handle, into, 0, length, offset, (error, count) => done(error, into.subarray(0, count))),
    );
  }

  write(handle: Buffer, content: Buffer | string, position: number): Promise<void> {
    const bytes = Buffer.from(content);
    return answer((done) => this.sftp.write(handle, bytes, 0, bytes.length, position, done));
  }

  get(path: string): Promise<Buffer> {
    return answer((done) => this.sftp.readFile(path, done));
  }

  stat(path: string): Promise<Stats> {
    return answer((done) => this.sftp.stat(path, done));
  }

  list(path: string): Promise<FileEntryWithStats[]> {
    return answer((done) => this.sftp.readdir(path, done));
  }
}
