import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Command } from 'commander';
import { PersonKey } from '../domain/people.ts';
import { createFile } from '../platform/durable-file.ts';
import { keyIdOf, newP256Key, privatePem, publicPem } from '../signing/keys.ts';
import { collect } from './context.ts';
import { parsed, usage } from './output.ts';
import type { TokenOptions } from './pkcs11-uri.ts';
import { openTokenKey, tokenOptions } from './signing-keys.ts';

export type FactOptions = {
  name?: string;
  role?: string[];
  employer?: string;
  site?: string;
  usPerson?: string;
  usEvidence?: string;
  usUntil?: string;
  nationality?: string[];
  training?: string[];
  samePersonAs?: string;
};

export const factOptions = (command: Command): Command =>
  command
    .option('--employer <name>', 'who employs them')
    .option('--site <site>', 'where they work')
    .option('--us-person <yes|no>', 'US person by 22 CFR 120.62; unknown counts as no')
    .option('--us-evidence <text>', 'with --us-person: what shows it, such as "passport, seen by HR"')
    .option('--us-until <date>', 'with --us-person: last day that it holds, such as 2027-12-31')
    .option('--nationality <code>', 'such as US (repeatable)', collect)
    .option('--training <course=date>', 'a course and the last day that it holds (repeatable)', collect)
    .option('--same-person-as <id>', 'the first id of somebody who has several; they count once');

/** The facts that the options name, and nothing of those that they leave out. */
export function factsOf(options: FactOptions): Record<string, unknown> {
  const { name, role, employer, site, nationality, samePersonAs, training } = options;
  const facts = {
    name,
    roles: role,
    employer,
    site,
    usPerson: usPersonOf(options),
    nationalities: nationality,
    training: training?.map(courseOf),
    samePersonAs,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function usPersonOf({ usPerson, usEvidence, usUntil }: FactOptions) {
  if (usPerson === undefined) return undefined;
  if (usPerson !== 'yes' && usPerson !== 'no') throw usage('Say yes or no.', '--us-person');
  if (usEvidence === undefined || usUntil === undefined)
    throw usage('Say what shows it (--us-evidence) and until when it holds (--us-until).', '--us-person');
  return { status: usPerson === 'yes', evidence: usEvidence, expires: usUntil };
}

function courseOf(text: string) {
  const [course, expires, more] = text.split('=');
  if (expires === undefined || more !== undefined) throw usage('Say COURSE=DATE.', '--training');
  return { course, expires };
}

export type KeyOptions = TokenOptions & {
  publicKey?: string;
  newKey?: string;
  certificate?: string;
  passkey?: string;
  service?: string;
  action?: string[];
  until?: string;
};

export const keyOptions = (command: Command): Command =>
  tokenOptions(command)
    .option('--public-key <file>', 'their public key (SPKI PEM)')
    .option('--new-key <file>', 'make a key for them, and write the private half here (mode 0600)')
    .option(
      '--certificate <file>',
      'the certificate of their card or token, then those between it and the authority (PEM)',
    )
    .option('--passkey <file>', 'what a registration in the browser gave (JSON)');

/** The key on offer. `secret` is set where it was just made, with the file that it is meant for. */
export async function offeredKey(
  options: KeyOptions,
): Promise<{ key: PersonKey; secret?: { key: KeyObject; file: string } }> {
  const { publicKey, newKey, certificate, passkey, token } = options;
  const card = token ?? certificate;
  if ([publicKey, newKey, card, passkey].filter((given) => given !== undefined).length !== 1)
    throw usage('Give one of --public-key, --new-key, --token, --certificate and --passkey.', '--public-key');
  if (passkey !== undefined) return { key: readPasskey(passkey) };
  if (token !== undefined) return { key: await keyInToken(options) };
  if (certificate !== undefined) return { key: tokenKey(readCertificates(certificate)) };
  if (newKey === undefined) return { key: plainKey(readPublicKey(publicKey ?? ''), options) };
  if (existsSync(newKey)) throw usage(`${newKey} is already there.`, '--new-key');
  const key = newP256Key();
  return { key: plainKey(createPublicKey(key), options), secret: { key, file: newKey } };
}

function plainKey(key: KeyObject, { service, action, until }: KeyOptions): PersonKey {
  const names = { keyId: keyIdOf(key), publicKey: publicPem(key) };
  if (service === undefined) return { assurance: 'file', ...names };
  return parsed(
    PersonKey,
    { assurance: 'service', ...names, name: service, actions: action ?? [], expires: until },
    '--service',
  );
}

function readPublicKey(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file));
  } catch {
    throw usage('This is not a public key in PEM form.', '--public-key');
  }
}

/** The key of a token that is here, which shows that somebody holds it; the chain from a file, or what is on the token. */
async function keyInToken(options: KeyOptions): Promise<PersonKey> {
  const held = await openTokenKey(options);
  held.close();
  if (options.certificate !== undefined) return tokenKey(readCertificates(options.certificate));
  if (held.certificate === undefined)
    throw usage('The token holds no certificate; name one in a file.', '--certificate');
  return tokenKey([held.certificate]);
}

function readCertificates(file: string): [string, ...string[]] {
  const found = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n/g);
  const [first, ...rest] = found ?? [];
  if (first === undefined) throw usage('This is not a certificate in PEM form.', '--certificate');
  return [first, ...rest];
}

function tokenKey(certificates: readonly [string, ...string[]]): PersonKey {
  const { publicKey } = new X509Certificate(certificates[0]);
  const names = { keyId: keyIdOf(publicKey), publicKey: publicPem(publicKey) };
  return parsed(PersonKey, { assurance: 'token', ...names, certificates }, '--certificate');
}

function readPasskey(file: string): PersonKey {
  try {
    return PersonKey.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw usage('This is not a registered passkey.', '--passkey');
  }
}

/** On disk before it is enrolled: nobody may be enrolled with a key that was lost on the way. */
export async function keepingSecret<T>(
  secret: Awaited<ReturnType<typeof offeredKey>>['secret'],
  enrol: () => Promise<T>,
): Promise<T> {
  if (secret) createFile(secret.file, privatePem(secret.key));
  return enrol().catch((error: unknown) => {
    if (secret) rmSync(secret.file);
    throw error;
  });
}
