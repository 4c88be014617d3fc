import ssh2, { type Algorithms, type FileEntryWithStats, type SFTPWrapper } from 'ssh2';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { PushLink } from '../../domain/machine-links.ts';
import { notDelivered, patiently, said } from './far-side.ts';
import { isPlainName } from './names.ts';
import type { Found, Target } from './target.ts';

type SftpLink = Extract<PushLink, { kind: 'sftp' }>;
type Callback<T> = (error: Error | null | undefined, value: T) => void;

/** SSH_FX_* of an answer (draft-ietf-secsh-filexfer-02 7). */
const status = { endOfFile: 1, noSuchFile: 2, denied: 3 } as const;
const readBytes = 32 * 1024;
/** A folder's own two names are left out by ssh2, so that an answer may seem to bring none. */
const emptyAnswers = 2;

/** Without SHA-1, CBC and compression, and only the kind of host key that is pinned. */
const algorithms = (hostKeyType: string): Algorithms => ({
  kex: [
    ...(['curve25519-sha256', 'curve25519-sha256@libssh.org', 'ecdh-sha2-nistp256', 'ecdh-sha2-nistp384'] as const),
    ...(['ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512', 'diffie-hellman-group14-sha256'] as const),
  ],
  cipher: ['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  serverHostKey: hostKeyType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [hostKeyType as 'ssh-ed25519'],
  compress: ['none'],
});

/** A folder of an SFTP server. `secret` is a password, or a private key in OpenSSH's or PEM form. */
export async function openSftp(to: SftpLink, secret: string, answerMs: number): Promise<Target> {
  const client = new ssh2.Client();
  const [hostKeyType = '', hostKey] = to.hostKey.split(' ');
  let isOther = false;
  const lost = new Promise<never>((_resolve, reject) => {
    client.on('error', (error) => reject(isOther ? hostKeyChanged(to) : explained(error)));
    client.on('close', () => reject(notDelivered('The connection to the server was lost.')));
  });
  lost.catch(() => {});
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  client.connect({
    ...{ host: to.host, port: to.port, username: to.user, readyTimeout: answerMs, algorithms: algorithms(hostKeyType) },
    ...(secret.startsWith('-----BEGIN ') ? { privateKey: secret } : { password: secret }),
    keepaliveInterval: Math.ceil(answerMs / 3),
    hostVerifier: (key: Buffer) => {
      isOther = key.toString('base64') !== hostKey;
      return !isOther;
    },
  });
  const waiting = <T>(work: Promise<T>) => patiently(Promise.race([work, lost]), answerMs, () => client.destroy());
  try {
    await waiting(ready);
    const sftp = await waiting(answerOf<SFTPWrapper>((done) => client.sftp(done)));
    return new SftpTarget(client, sftp, to.folder, waiting);
  } catch (error) {
    client.destroy();
    throw error;
  }
}

class SftpTarget implements Target {
  readonly #client: ssh2.Client;
  readonly #sftp: SFTPWrapper;
  readonly #folder: string;
  readonly #waiting: <T>(work: Promise<T>) => Promise<T>;

  constructor(client: ssh2.Client, sftp: SFTPWrapper, folder: string, waiting: <T>(work: Promise<T>) => Promise<T>) {
    this.#client = client;
    this.#sftp = sftp;
    this.#folder = folder;
    this.#waiting = waiting;
  }

  async list(): Promise<Found[]> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.opendir(this.#folder, done));
    const all: Found[] = [];
    let told = 0;
    let empty = 0;
    for (let entries = await this.#readFolder(handle); entries; entries = await this.#readFolder(handle)) {
      for (const { filename: name, attrs } of entries)
        if (isPlainName(name)) all.push({ name, kind: attrs.isFile() ? 'file' : 'other', size: attrs.size });
      if (entries.length === 0 && ++empty > emptyAnswers) throw notDelivered('The server lists without end.');
      // Also what is no name: a folder ends.
      told += entries.length;
      if (told > limits.pushFolderEntries)
        throw new DomainError('conflict', `The folder holds more than ${limits.pushFolderEntries} names: clear it up.`);
    }
    await this.#ask<void>((done) => this.#sftp.close(handle, (error) => done(error, undefined)));
    return all;
  }

  async *read(name: string, limit: number): AsyncIterable<Buffer> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(this.#at(name), 'r', done));
    for (let at = 0; ; ) {
      const part = await this.#readPart(handle, at);
      if (part.length === 0) break;
      at += part.length;
      if (at > limit) throw new DomainError('too-large', `It has more than ${limit} bytes there.`);
      yield part;
    }
    await this.#ask<void>((done) => this.#sftp.close(handle, (error) => done(error, undefined)));
  }

  async write(name: string, bytes: AsyncIterable<Buffer>): Promise<void> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(this.#at(name), 'wx', done));
    let at = 0;
    for await (const part of bytes) {
      const offset = at;
      await this.#ask<void>((done) =>
        this.#sftp.write(handle, part, 0, part.length, offset, (error) => done(error, undefined)),
      );
      at += part.length;
    }
    await this.#sync(handle);
    await this.#ask<void>((done) => this.#sftp.close(handle, (error) => done(error, undefined)));
  }

  async rename(from: string, to: string, replace: boolean): Promise<void> {
    const [source, target] = [this.#at(from), this.#at(to)];
    if (!replace)
      return this.#ask<void>((done) => this.#sftp.rename(source, target, (error) => done(error, undefined)));
    try {
      await this.#ask<void>((done) => this.#sftp.ext_openssh_rename(source, target, (error) => done(error, undefined)));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      // A server that cannot replace in one act: for a moment there is nothing under the name, and never a part.
      await this.remove(to);
      await this.#ask<void>((done) => this.#sftp.rename(source, target, (failure) => done(failure, undefined)));
    }
  }

  async remove(name: string): Promise<void> {
    await this.#ask<void>((done) => this.#sftp.unlink(this.#at(name), (error) => done(error, undefined)));
  }

  async close(): Promise<void> {
    this.#client.end();
  }

  #at(name: string): string {
    return this.#folder === '/' ? `/${name}` : `${this.#folder}/${name}`;
  }

  /** Undefined at the end of the folder. */
  async #readFolder(handle: Buffer): Promise<FileEntryWithStats[] | undefined> {
    return this.#waiting(
      new Promise((resolve, reject) => {
        this.#sftp.readdir(handle, (error, entries) => {
          if (!error) resolve(entries);
          else if (codeOf(error) === status.endOfFile) resolve(undefined);
          else reject(explained(error));
        });
      }),
    );
  }

  #readPart(handle: Buffer, at: number): Promise<Buffer> {
    const buffer = Buffer.alloc(readBytes);
    return this.#waiting(
      new Promise((resolve, reject) => {
        this.#sftp.read(handle, buffer, 0, readBytes, at, (error, length) => {
          if (!error) resolve(buffer.subarray(0, length));
          else if (codeOf(error) === status.endOfFile) resolve(Buffer.alloc(0));
          else reject(explained(error));
        });
      }),
    );
  }

  /** Where the server can say that it is durable. */
  async #sync(handle: Buffer): Promise<void> {
    try {
      await this.#ask<unknown>((done) => this.#sftp.ext_openssh_fsync(handle, done));
    } catch (error) {
      if (!isUnsupported(error)) throw error;
    }
  }

  #ask<T>(start: (done: Callback<T>) => void): Promise<T> {
    return this.#waiting(answerOf(start).catch((error: unknown) => Promise.reject(explained(error))));
  }
}

/** What ssh2 throws at once, before anything is sent. */
class Unsupported extends DomainError {}
const isUnsupported = (error: unknown): boolean => error instanceof Unsupported;

function answerOf<T>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      start((error, value) => (error ? reject(error) : resolve(value)));
    } catch (error) {
      reject(new Unsupported('not-supported', said(error)));
    }
  });
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

const hostKeyChanged = ({ host, port }: SftpLink): DomainError =>
  new DomainError(
    'unauthenticated',
    `${host}:${port} shows another host key than the machine is registered with: nothing was sent.`,
  );

function explained(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if ((error as { level?: unknown }).level === 'client-authentication')
    return new DomainError('unauthenticated', 'The server does not take our user name and secret.', { cause: error });
  if (codeOf(error) === status.denied)
    return new DomainError('forbidden', 'The server does not let us use this file or folder.', { cause: error });
  if (codeOf(error) === status.noSuchFile) return notDelivered('The folder or file is not there.', error);
  return notDelivered(`The server refused or broke off: ${said(error)}.`, error);
}
