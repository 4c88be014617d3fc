import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, toDomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { ReadbackVerdict } from '../../domain/returns.ts';
import { IncomingFile } from '../../door/incoming-file.ts';
import { returnName } from '../../door/path.ts';
import { reply } from './replies.ts';
import type { Command, FtpSession } from './session.ts';
import { changesNothing } from './transfer-commands.ts';

const wholeOnly: Command = {
  run: () => {
    throw new DomainError('forbidden', 'A program is sent back whole and under its name: STOR /from-machine/NAME.');
  },
};

/** Sending programs back (RFC 959 4.1.3). */
export const sendingCommands: Readonly<Record<string, Command>> = {
  STOR: { run: store },
  STOU: wholeOnly,
  APPE: wholeOnly,
};

const sayings: Record<ReadbackVerdict, string> = {
  identical: 'It is byte for byte what was delivered.',
  equivalent: 'It is what was delivered, rewritten as this control does.',
  different: 'It DIFFERS from what was delivered: quality must look at it.',
  unmatched: 'It is none of the programs that were delivered here.',
};

async function store(session: FtpSession, argument: Buffer): Promise<string> {
  const name = returnName(session.path(argument));
  if (name === undefined) throw changesNothing();
  if (session.restartAt > 0) throw new DomainError('not-supported', 'A program is sent back from its first byte.');
  if (session.isDraining()) throw new DomainError('busy', 'The gateway is stopping; try again in a minute.');
  const { returns, openArrival } = session.services;
  const file = new IncomingFile(await returns.accept(session.channel, session.here().id, name), returns);
  try {
    await file.open(openArrival);
    await receive(session, file);
  } catch (error) {
    file.fail(toDomainError(error));
    await cutOff(session, file);
    throw error;
  }
  const verdict = await file.end('closed by the machine');
  return reply(226, `Kept. ${verdict === undefined ? '' : sayings[verdict]}`.trim());
}

/** The ledger may be gone too; then its own recovery finds a file without an end. */
async function cutOff(session: FtpSession, file: IncomingFile): Promise<void> {
  try {
    await file.end('cut off');
  } catch (error) {
    session.log.error({ err: error, retrieval: file.arrival.retrievalId }, 'the end of a retrieval was not recorded');
  }
}

/** Takes the data connection's bytes up to its end. Rejects when it broke before, was aborted, or stalled. */
async function receive(session: FtpSession, file: IncomingFile): Promise<void> {
  session.control.send(reply(150, 'Send it.'));
  const socket = await session.dataSocket();
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {});
  const stop = (why: string) => {
    stopped.reject(new DomainError('busy', `The transfer ended early: ${why}.`));
    socket.destroy();
  };
  session.abort = stop;
  socket.setTimeout(session.services.bounds.dataMs, () => stop('the machine stopped sending'));
  socket.on('error', (error) => stop(error.message));
  try {
    await Promise.race([takeAll(socket, file), stopped.promise]);
    await pause(limits.ftpGoneMs);
    if (session.isGone()) throw new DomainError('busy', 'The transfer ended early: the connection closed.');
  } finally {
    session.abort = undefined;
    socket.destroy();
  }
}

async function takeAll(socket: Socket, file: IncomingFile): Promise<void> {
  let at = 0;
  for await (const bytes of socket as AsyncIterable<Buffer>) {
    await file.write(bytes, at);
    at += bytes.length;
  }
}
