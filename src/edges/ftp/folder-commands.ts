import { isIPv4 } from 'node:net';
import { DomainError } from '../../domain/errors.ts';
import type { ShelfEntry } from '../../domain/shelf.ts';
import { callActive, listenPassive, parseExtendedPort, parsePort, passiveReply } from './data-connection.ts';
import { factsLine, longLine, timeValue } from './listing.ts';
import { reply, replyLines } from './replies.ts';
import { type Command, type FtpSession, notFound } from './session.ts';
import { sendText } from './transfer-commands.ts';

const lowestPort = 1024;

/** Looking around, and preparing data connections (RFC 959, 2428, 3659). */
export const folderCommands: Readonly<Record<string, Command>> = {
  PWD: { run: (session) => reply(257, `"${shown(session.folder)}" is the folder.`) },
  XPWD: { run: (session) => reply(257, `"${shown(session.folder)}" is the folder.`) },
  CWD: { run: changeFolder },
  CDUP: { run: (session) => changeFolder(session, Buffer.from('..')) },
  XCUP: { run: (session) => changeFolder(session, Buffer.from('..')) },
  SIZE: { run: size },
  MDTM: { run: modified },
  MLST: { run: facts },
  MLSD: { run: (session, argument) => list(session, argument, (entry) => factsLine(entry)) },
  LIST: {
    run: (session, argument) => list(session, withoutFlags(argument), (e) => longLine(e, session.services.clock)),
  },
  NLST: { run: (session, argument) => list(session, withoutFlags(argument), (entry) => entry.name) },
  STAT: { run: () => reply(211, 'This door serves released programs.') },
  PASV: { run: passive },
  EPSV: { run: extendedPassive },
  PORT: { run: (session, argument) => active(session, parsePort(argument.toString('latin1'))) },
  EPRT: { run: (session, argument) => active(session, parseExtendedPort(argument.toString('latin1'))) },
};

/** RFC 959 Appendix II: a quote inside a name is doubled. */
const shown = (path: readonly string[]): string => `/${path.join('/')}`.replaceAll('"', '""');

/** Clients say `LIST -la`; a shelf has no name that begins with a minus. */
const withoutFlags = (argument: Buffer): Buffer =>
  argument[0] === 0x2d ? Buffer.from(argument.toString('latin1').replace(/^(-\S*\s*)+/, ''), 'latin1') : argument;

async function entryAt(session: FtpSession, path: readonly string[]): Promise<ShelfEntry> {
  const { id, shelf } = session.here();
  const entry = await shelf.stat(id, path);
  if (!entry) throw notFound();
  return entry;
}

async function fileAt(session: FtpSession, argument: Buffer): Promise<ShelfEntry & { kind: 'file' }> {
  const entry = await entryAt(session, session.path(argument));
  if (entry.kind !== 'file') throw notFound();
  return entry;
}

async function changeFolder(session: FtpSession, argument: Buffer): Promise<string> {
  const path = session.path(argument);
  if ((await entryAt(session, path)).kind !== 'folder') throw notFound();
  session.folder = path;
  return reply(250, `"${shown(path)}" is the folder.`);
}

async function size(session: FtpSession, argument: Buffer): Promise<string> {
  return reply(213, String((await fileAt(session, argument)).size));
}

async function modified(session: FtpSession, argument: Buffer): Promise<string> {
  return reply(213, timeValue((await fileAt(session, argument)).time));
}

async function facts(session: FtpSession, argument: Buffer): Promise<string> {
  const path = session.path(argument);
  const entry = await entryAt(session, path);
  return replyLines(250, 'Facts', [factsLine(entry, `/${path.join('/')}`)], 'End');
}

async function list(session: FtpSession, argument: Buffer, line: (entry: ShelfEntry) => string): Promise<string> {
  const { id, shelf } = session.here();
  const path = session.path(argument);
  const entries = (await shelf.list(id, path)) ?? [await entryAt(session, path)];
  return sendText(session, entries.map((entry) => `${line(entry)}\r\n`).join(''));
}

const openPassive = (session: FtpSession) => {
  const { data, bounds } = session.services;
  session.requireProtectedData();
  session.meeting?.cancel();
  session.meeting = undefined;
  return listenPassive({
    address: session.ends.ours,
    peer: session.ends.peer,
    ports: data.passivePorts,
    timeoutMs: bounds.dataMs,
    onStranger: (from) => session.log.warn({ from }, 'a stranger came to a data port'),
  });
};

const onlyExtended = () => reply(503, 'After EPSV ALL data connections are made by EPSV alone.');

async function passive(session: FtpSession): Promise<string> {
  if (session.extendedOnly) return onlyExtended();
  const meeting = await openPassive(session);
  const text = passiveReply(session.services.data.natAddress ?? session.ends.ours, meeting.port);
  if (text === undefined) {
    meeting.cancel();
    return reply(425, 'PASV is for IPv4; say EPSV.');
  }
  session.meeting = meeting;
  return reply(227, text);
}

async function extendedPassive(session: FtpSession, argument: Buffer): Promise<string> {
  const asked = argument.toString('latin1').toUpperCase();
  if (asked === 'ALL') {
    session.extendedOnly = true;
    return reply(200, 'EPSV ALL');
  }
  // RFC 2428 3: the protocol of the control connection, whichever is asked for.
  const protocol = isIPv4(session.ends.ours) ? '1' : '2';
  if (asked !== '' && asked !== protocol)
    return reply(522, `Another network protocol is not served, use (${protocol})`);
  const meeting = await openPassive(session);
  session.meeting = meeting;
  return reply(229, `Entering Extended Passive Mode (|||${meeting.port}|)`);
}

function active(session: FtpSession, at: { address: string; port: number } | undefined): string {
  if (session.extendedOnly) return onlyExtended();
  if (!at) throw new DomainError('request-invalid', 'This is not an address and a port.');
  session.requireProtectedData();
  // The bounce of RFC 2577 3: a machine names its own address and a port that no service of a system has.
  if (at.address !== session.ends.peer || at.port < lowestPort)
    throw new DomainError('forbidden', 'Data connections are made to your own address only, on a port above 1023.');
  session.meeting?.cancel();
  session.meeting = callActive({ peer: session.ends.peer, port: at.port, timeoutMs: session.services.bounds.dataMs });
  return reply(200, 'OK');
}
