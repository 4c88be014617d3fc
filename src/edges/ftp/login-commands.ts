import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.ts';
import { reply, replyLines } from './replies.ts';
import type { Command, FtpSession } from './session.ts';

const features = [
  'AUTH TLS',
  'PBSZ',
  'PROT',
  'EPRT',
  'EPSV',
  'MDTM',
  'MLST type*;size*;modify*;perm*;',
  'PASV',
  'REST STREAM',
  'SIZE',
  'TVFS',
  'UTF8',
];
const longestName = 64;
const longestPassword = 128;

/** Greeting, TLS and login (RFC 959, 2389, 4217). */
export const loginCommands: Readonly<Record<string, Command>> = {
  AUTH: { open: true, run: startTls },
  PBSZ: { open: true, run: () => reply(200, 'PBSZ=0') },
  PROT: { open: true, run: protection },
  USER: { open: true, run: user },
  PASS: { open: true, run: password },
  QUIT: { open: true, run: quit },
  NOOP: { open: true, run: () => reply(200, 'OK') },
  SYST: { open: true, run: () => reply(215, 'UNIX Type: L8') },
  FEAT: { open: true, run: () => replyLines(211, 'Features', features, 'End') },
  OPTS: { open: true, run: options },
  HELP: { open: true, run: () => reply(214, 'Machines pull released programs here.') },
  CCC: { open: true, run: () => refuse('The control connection stays encrypted.') },
};

const refuse = (message: string): never => {
  throw new DomainError('forbidden', message);
};

function quit(session: FtpSession): string {
  session.control.end(reply(221, 'Goodbye.'));
  return '';
}

async function startTls(session: FtpSession, argument: Buffer): Promise<string> {
  const mechanism = argument.toString('latin1').toUpperCase();
  if (mechanism !== 'TLS' && mechanism !== 'TLS-C' && mechanism !== 'SSL')
    return reply(504, 'This door knows AUTH TLS.');
  if (session.control.secureContext) return reply(503, 'The connection speaks TLS already.');
  session.forgetWaiting();
  session.control.send(reply(234, 'Go on with TLS.'));
  await session.control.startTls();
  return '';
}

function protection(session: FtpSession, argument: Buffer): string {
  if (!session.control.secureContext) return reply(503, 'Say AUTH TLS first.');
  if (argument.toString('latin1').toUpperCase() !== 'P')
    return reply(536, 'Data connections are encrypted too: PROT P.');
  session.protectedData = true;
  return reply(200, 'Data connections are encrypted.');
}

function options(_session: FtpSession, argument: Buffer): string {
  const said = argument.toString('latin1').toUpperCase();
  if (said === 'UTF8 ON') return reply(200, 'Names are UTF-8, always.');
  // RFC 3659 7.9: whatever facts are asked for, all four are given.
  if (said.startsWith('MLST')) return reply(200, 'MLST OPTS type;size;modify;perm;');
  return reply(501, 'There is no such option.');
}

function user(session: FtpSession, argument: Buffer): string {
  if (session.machine) return reply(503, 'This session is logged in already.');
  if (!session.control.secureContext && !session.services.plaintext)
    return reply(530, 'This door takes logins over TLS only: say AUTH TLS first.');
  session.name = argument.toString('utf8').slice(0, longestName + 1);
  return reply(331, 'The password of the machine.');
}

/** Every login costs the same, waits its turn, and is refused in the same words. */
async function password(session: FtpSession, argument: Buffer): Promise<string> {
  const { name, services, ends } = session;
  session.name = undefined;
  if (name === undefined || session.machine) return reply(503, 'Say USER first.');
  await pause(services.throttle.waitMs(ends.peer));
  const machine = name.length > longestName ? undefined : await identify(session, name, argument.toString('utf8'));
  if (machine) {
    services.throttle.succeeded(ends.peer);
    return reply(230, 'Logged in.');
  }
  services.throttle.failed(ends.peer);
  session.log.warn({ name: name.slice(0, longestName) }, 'login refused');
  if (++session.attempts < services.bounds.loginAttempts)
    return reply(530, 'The machine or its password is not known here.');
  session.control.end(reply(421, 'Too many logins that failed.'));
  return '';
}

async function identify(session: FtpSession, name: string, secret: string): Promise<boolean> {
  if (secret.length === 0 || secret.length > longestPassword) return false;
  const shelf = session.services.shelves.through(session.channel);
  const credential = { kind: 'password', password: secret } as const;
  const id = await shelf.identify(name, credential);
  if (id === undefined) return false;
  session.loggedIn(id, shelf, credential);
  return true;
}
