import { X509Certificate } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { Client, FTPError } from 'basic-ftp';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { PushLink } from '../../domain/machine-links.ts';
import { notDelivered, said } from './far-side.ts';
import { isPlainName } from './names.ts';
import type { Found, Target } from './target.ts';

type FtpLink = Extract<PushLink, { kind: 'ftp' }>;

/**
 * A folder of an FTP server. Data connections go to the address of the control connection and no other, whatever the server
 * says (RFC 2577); over TLS both show the certificate that is pinned, or one that the pinned authority issued for this host.
 */
export async function openFtp(to: FtpLink, secret: string, answerMs: number): Promise<Target> {
  const client = new Client(answerMs, {
    allowSeparateTransferHost: false,
    maxListingBytes: limits.pushListingBytes,
  });
  const { host, port, user, tls } = to;
  const secure = { none: false, explicit: true, implicit: 'implicit' as const }[tls];
  try {
    // Where TLS is asked for and not given it rejects, before the password.
    await client.access({ host, port, user, password: secret, secure, secureOptions: trusting(to) });
    await client.cd(to.folder);
    return new FtpTarget(client);
  } catch (error) {
    client.close();
    throw explained(error);
  }
}

function trusting({ host, certificate, authority }: FtpLink): ConnectionOptions {
  const common = { host, minVersion: 'TLSv1.2' as const };
  if (certificate === undefined) return { ...common, ca: authority ?? '' };
  const pinned = new X509Certificate(certificate).raw;
  return {
    ...common,
    ca: certificate,
    allowPartialTrustChain: true,
    checkServerIdentity: (_host: string, shown: PeerCertificate) =>
      shown.raw.equals(pinned) ? undefined : new Error('it shows another certificate than is pinned'),
  };
}

class FtpTarget implements Target {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async list(): Promise<Found[]> {
    const all = await this.#ask(() => this.#client.list());
    if (all.length > limits.pushFolderEntries)
      throw new DomainError('conflict', `The folder holds more than ${limits.pushFolderEntries} names: clear it up.`);
    return all
      .filter(({ name }) => isPlainName(name))
      .map(({ name, isFile, size }) => ({ name, kind: isFile ? 'file' : 'other', size }));
  }

  async *read(name: string, limit: number): AsyncIterable<Buffer> {
    const stream = new PassThrough();
    const done = this.#ask(() => this.#client.downloadTo(stream, name));
    done.catch((error: Error) => stream.destroy(error));
    let at = 0;
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        at += part.length;
        if (at > limit) throw new DomainError('too-large', `It has more than ${limit} bytes there.`);
        yield part;
      }
    } catch (error) {
      // A data connection that breaks breaks the stream before the client says so.
      throw explained(error);
    }
    await done;
  }

  async write(name: string, bytes: AsyncIterable<Buffer>): Promise<void> {
    await this.#ask(() => this.#client.uploadFrom(Readable.from(bytes, { objectMode: false }), name));
  }

  async rename(from: string, to: string, replace: boolean): Promise<void> {
    try {
      await this.#ask(() => this.#client.rename(from, to));
    } catch (error) {
      if (!replace || !isAnswer(error)) throw error;
      // A server that does not replace: for a moment there is nothing under the name, and never a part.
      await this.remove(to);
      await this.#ask(() => this.#client.rename(from, to));
    }
  }

  async remove(name: string): Promise<void> {
    await this.#ask(() => this.#client.remove(name));
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explained(error);
    }
  }
}

/** An answer of the server, after which the connection goes on. */
const isAnswer = (error: unknown): boolean => (error as { cause?: unknown }).cause instanceof FTPError;

function explained(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof FTPError) {
    if (error.code === 530)
      return new DomainError('unauthenticated', 'The server does not take our user name and password.', {
        cause: error,
      });
    if (error.code === 550)
      return new DomainError('forbidden', 'The server does not let us use this file or folder.', { cause: error });
    return notDelivered(`The server answered ${error.code}.`, error);
  }
  const text = said(error);
  if (/PASV returned another host/.test(text))
    return new DomainError('unauthenticated', 'The server wants the data sent to another computer: nothing was sent.', {
      cause: error,
    });
  if (/certificate|altnames|self-signed|verify/i.test(text))
    return new DomainError(
      'unauthenticated',
      `The server does not show the certificate that the machine is registered with: ${text}.`,
      { cause: error },
    );
  return notDelivered(`The server cannot be reached or broke off: ${text}.`, error);
}
