import { createPublicKey, X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { PersonId } from '../../domain/ids.ts';
import { keyIdOf, publicPem } from '../../signing/keys.ts';
import type { RootChange } from '../../signing/next-root.ts';
import { type Purpose, purposes, type RootAdministrator } from '../../signing/trust-root.ts';
import { collect } from '../context.ts';
import { parsed, usage } from '../output.ts';
import { readNamed } from './draft.ts';

export type RootOptions = {
  addAdministrator?: string[];
  threshold?: string;
  authority?: string[];
  timestampAuthority?: string[];
};

/** Whom a root names; the same for the first version and for each that follows. */
export const rootOptions = (command: Command): Command =>
  command
    .option('--add-administrator <id=file>', 'a person and their public key, PEM (repeatable)', collect)
    .option('--threshold <number>', 'how many administrators a version needs, 2 at least')
    .option(
      '--authority <name=file:for>',
      `an authority, PEM, and what it may vouch for: ${purposes.join(', ')} (comma between; repeatable)`,
      collect,
    )
    .option('--timestamp-authority <name=file>', 'the certificate that signs timestamps, PEM (repeatable)', collect);

export function namedInRoot(options: RootOptions) {
  const { addAdministrator = [], authority = [], timestampAuthority = [], threshold } = options;
  return {
    addAdministrators: addAdministrator.map(administrator),
    addAuthorities: authority.map((text) => {
      const [rest, purposesText] = split(text, ':', '--authority', true);
      const [name, file] = split(rest, '=', '--authority');
      return { name, certificate: certificate(file, '--authority'), for: purposesText.split(',').map(purpose) };
    }),
    addTimestampAuthorities: timestampAuthority.map((text) => {
      const [name, file] = split(text, '=', '--timestamp-authority');
      return { name, certificate: certificate(file, '--timestamp-authority') };
    }),
    ...(threshold === undefined ? {} : { threshold: wholeNumber(threshold) }),
  } satisfies RootChange;
}

function administrator(text: string): Omit<RootAdministrator, 'from' | 'until'> {
  const [id, file] = split(text, '=', '--add-administrator');
  const pem = readNamed(file, '--add-administrator');
  if (!pem.startsWith('-----BEGIN PUBLIC KEY-----'))
    throw usage(`${file} holds no public key in PEM: openssl pkey -in KEY -pubout.`, '--add-administrator');
  const key = attempt(() => createPublicKey(pem), file, '--add-administrator');
  return {
    person: parsed(PersonId, id, '--add-administrator') as PersonId,
    keyId: keyIdOf(key),
    publicKey: publicPem(key),
  };
}

/** The PEM of one certificate in its one spelling, whatever stood around it. */
export const certificate = (file: string, option: string): string =>
  attempt(() => new X509Certificate(readNamed(file, option)), file, option).toString();

function attempt<T>(read: () => T, file: string, option: string): T {
  try {
    return read();
  } catch {
    throw usage(`${file} cannot be read as what it should be.`, option);
  }
}

function purpose(text: string): Purpose {
  const known = purposes.find((one) => one === text);
  if (!known) throw usage(`An authority is for ${purposes.join(', ')}, not for "${text}".`, '--authority');
  return known;
}

function split(text: string, mark: string, option: string, fromEnd = false): [string, string] {
  const at = fromEnd ? text.lastIndexOf(mark) : text.indexOf(mark);
  if (at <= 0 || at === text.length - 1) throw usage(`"${text}" is not of the form that the help names.`, option);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw usage('Give a whole number.', '--threshold');
  return Number(text);
}
