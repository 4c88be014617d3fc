import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Digest } from '../domain/digest.ts';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { rfc3339, systemClock } from '../platform/clock.ts';
import { digestOfFile } from '../platform/file-digest.ts';
import { verifyCms } from '../signing/cms-verify.ts';
import { RevocationList } from '../signing/revocation-list.ts';
import { loadTrust, type Trust } from '../signing/trust.ts';
import { cliContext, collect, example } from './context.ts';
import { answer, exitCodes, usage } from './output.ts';

type VerifyOptions = { trust?: string; authority?: string[]; crl?: string[]; at?: string };

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check a file against its detached signature; needs no gateway')
    .argument('<file>', 'the file, byte for byte as it was released')
    .argument('[signature]', 'its signature; FILE.p7s if left out')
    .option('--trust <file>', "the gateway's trust file; the signer has to be the release key that it names")
    .option('--authority <file>', 'instead of a trust file: a certificate authority (PEM, repeatable)', collect)
    .option('--crl <file>', 'a revocation list of an authority (PEM or DER, repeatable)', collect)
    .option('--at <time>', 'judge certificates as of this time, RFC 3339; now if left out')
    .addHelpText(
      'after',
      `${example('keyway verify O4471.NC --trust trust.json')}
It says who signed these bytes. Whether the release is still in force, only the gateway or its ledger can say.`,
    )
    .action((file: string, signature: string | undefined, options: VerifyOptions, command: Command) =>
      verify(file, signature ?? `${file}.p7s`, options, command),
    );
}

async function verify(file: string, signature: string, options: VerifyOptions, command: Command): Promise<void> {
  const { config, json } = cliContext(command);
  const atMs = options.at === undefined ? systemClock() : timeOf(options.at);
  const trust = options.authority ? undefined : loadTrust(options.trust ?? config.paths.trust);
  const authorities = trust ? [trust.authority] : (options.authority ?? []).map(readCertificate);
  const lists = (options.crl ?? []).map((path) => RevocationList.open(readSmall(path), authorities));
  if (![file, signature].every((path) => existsSync(path))) {
    process.exitCode = exitCodes.missingData;
    return answer(json, { verified: false, missing: existsSync(file) ? signature : file }, [
      `NOT VERIFIED  ${existsSync(file) ? signature : file} is not there.`,
    ]);
  }
  const digest = await fileDigest(file);
  const question = { authorities, atMs, revocationLists: await Promise.all(lists) };
  const { certificate, signingTimeMs, path } = verifyCms(readSmall(signature), digest, question);
  requireReleaseKey(trust, certificate);
  const signer = oneLine(certificate.subject);
  const saidTime = signingTimeMs === undefined ? undefined : rfc3339(signingTimeMs);
  const value = {
    verified: true,
    file,
    digest,
    signer,
    signingTime: saidTime,
    path: path.map((one) => oneLine(one.subject)),
  };
  answer(json, value, [
    `VERIFIED  ${file}`,
    `  digest   ${digest}`,
    `  signer   ${signer}${trust ? `, release key of ${trust.origin}` : ''}`,
    `  time     ${saidTime ?? 'not said'} (by the signer's own clock)`,
    `  issued   by ${path
      .slice(1)
      .map((one) => oneLine(one.subject))
      .join(', by ')}`,
  ]);
}

/** Another certificate of the same authority, such as a server's, is not the gateway. */
function requireReleaseKey(trust: Trust | undefined, { publicKey }: X509Certificate): void {
  if (!trust || trust.releaseCertificate.publicKey.equals(publicKey)) return;
  throw new DomainError('not-verified', `The signer is not the release key of ${trust.origin}.`);
}

function timeOf(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw usage('Give a time such as 2026-11-25T08:00:00Z.', '--at');
  return time;
}

function readCertificate(path: string): X509Certificate {
  try {
    return new X509Certificate(readSmall(path));
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw usage(`${path} is not a certificate.`, '--authority');
  }
}

/** Signatures, certificates and lists: nothing that has to be streamed. */
function readSmall(path: string): Buffer {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw usage(`${path} is not there.`, path);
  if (size > limits.revocationListBytes) throw new DomainError('too-large', `${path} is too large.`);
  return readFileSync(path);
}

async function fileDigest(path: string): Promise<Digest> {
  const file = await open(path);
  try {
    return await digestOfFile(file);
  } finally {
    await file.close();
  }
}

const oneLine = (subject: string): string => subject.replaceAll('\n', ', ');
