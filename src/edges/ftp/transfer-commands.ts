import type { Socket } from 'node:net';
import { DomainError, toDomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { OpenFile } from '../../door/open-file.ts';
import { reply } from './replies.ts';
import type { Command, FtpSession } from './session.ts';

const readOnly: Command = {
  run: () => {
    throw changesNothing();
  },
};
const changing = ['DELE', 'RMD', 'XRMD', 'MKD', 'XMKD', 'RNFR', 'RNTO'];

export const changesNothing = () =>
  new DomainError(
    'forbidden',
    'Machines pull released programs here, send programs into /from-machine, and change nothing.',
  );

/** Sending released programs (RFC 959, 3659). */
export const transferCommands: Readonly<Record<string, Command>> = {
  TYPE: { run: type },
  MODE: { run: (_session, argument) => only(argument, 'S', 'Stream mode only.') },
  STRU: { run: (_session, argument) => only(argument, 'F', 'File structure only.') },
  ALLO: { run: () => reply(202, 'Not needed here.') },
  REST: { run: restart },
  RETR: { run: retrieve },
  ABOR: { run: () => reply(226, 'Nothing is under way.') },
  ...Object.fromEntries(changing.map((verb) => [verb, readOnly])),
};

/** Both types are taken and neither changes a byte: what was approved is an exact byte string. */
function type(_session: FtpSession, argument: Buffer): string {
  const asked = argument.toString('latin1').toUpperCase();
  return /^(A( N)?|I|L 8)$/.test(asked)
    ? reply(200, `Type ${asked.charAt(0)}: the bytes are sent as they are.`)
    : reply(504, 'This door knows the types A and I.');
}

function only(argument: Buffer, known: string, text: string): string {
  return reply(argument.toString('latin1').toUpperCase() === known ? 200 : 504, text);
}

function restart(session: FtpSession, argument: Buffer): string {
  const offset = /^\d{1,15}$/.test(argument.toString('latin1')) ? Number(argument.toString('latin1')) : -1;
  if (offset < 0) throw new DomainError('request-invalid', 'REST takes an offset in bytes.');
  session.restartAt = offset;
  return reply(350, `The next transfer starts at ${offset}.`);
}

async function retrieve(session: FtpSession, argument: Buffer): Promise<string> {
  if (session.isDraining()) throw new DomainError('busy', 'The gateway is stopping; try again in a minute.');
  const { id, shelf } = session.here();
  const from = session.restartAt;
  const file = new OpenFile(await shelf.open(id, session.path(argument)), shelf);
  void file.stopped.then(({ message }) => session.abort?.(message));
  try {
    await file.openBlob(session.services.openBlob);
    if (from > file.opened.size) throw new DomainError('request-invalid', 'The offset is beyond the end of the file.');
    await transfer(session, `Sending ${file.opened.size - from} bytes.`, (socket) => sendFile(file, from, socket));
  } catch (error) {
    file.fail(toDomainError(error));
    await end(session, file, 'cut off');
    throw error;
  }
  await end(session, file, 'closed by the machine');
  return reply(226, 'Done.');
}

/** The ledger may be gone too; then its own recovery finds a started delivery without an end. */
async function end(session: FtpSession, file: OpenFile, how: 'closed by the machine' | 'cut off'): Promise<void> {
  try {
    await file.end(how);
  } catch (error) {
    session.log.error({ err: error, delivery: file.opened.deliveryId }, 'the end of a delivery was not recorded');
  }
}

async function sendFile(file: OpenFile, from: number, socket: Socket): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  for (let offset = from; offset < file.opened.size; ) {
    // A chunk of the vault at a time: it is read and checked as a unit.
    const wanted = limits.blobChunkBytes - (offset % limits.blobChunkBytes);
    const before = last;
    last = file.sendPart(offset, wanted, async (bytes) => {
      await before;
      await write(socket, bytes);
    });
    last.catch(() => {});
    offset += wanted;
    // The next chunk is read while this one goes out.
    await before;
  }
  await last;
}

/** A listing, over the data connection. */
export async function sendText(session: FtpSession, text: string): Promise<string> {
  await transfer(session, 'Here it comes.', (socket) => write(socket, Buffer.from(text, 'utf8')));
  return reply(226, 'Done.');
}

/**
 * Opens the data connection, lets `send` fill it, and closes it. Resolves when the machine has closed its end too, which
 * it does once it has read all; rejects when the connection broke before, was aborted, or stalled.
 */
async function transfer(session: FtpSession, text: string, send: (socket: Socket) => Promise<void>): Promise<void> {
  session.control.send(reply(150, text));
  const socket = await session.dataSocket();
  const closed = Promise.withResolvers<void>();
  closed.promise.catch(() => {});
  const stop = (why: string) => {
    closed.reject(new DomainError('busy', `The transfer ended early: ${why}.`));
    socket.destroy();
  };
  session.abort = stop;
  socket.setTimeout(session.services.bounds.dataMs, () => stop('the machine stopped reading'));
  socket.on('error', (error) => stop(error.message));
  socket.once('close', () => closed.resolve());
  // What a machine sends on our data connection is nothing to us, but its end must be seen.
  socket.resume();
  try {
    await Promise.race([send(socket), gone(closed.promise)]);
    socket.setTimeout(session.services.bounds.lastBytesMs);
    socket.end();
    await closed.promise;
  } finally {
    session.abort = undefined;
    socket.destroy();
  }
}

const gone = async (closed: Promise<void>): Promise<never> => {
  await closed;
  throw new DomainError('busy', 'The transfer ended early: the machine closed the data connection.');
};

/** Resolves when the system has taken the bytes, and not before: their memory is used again. */
const write = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(bytes, (error) =>
      error ? reject(new DomainError('busy', 'The data connection is closed.', { cause: error })) : resolve(),
    );
  });
