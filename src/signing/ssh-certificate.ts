import type { X509Certificate } from 'node:crypto';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { DomainError } from '../domain/errors.ts';
import { certificateValidAt } from './certificate-path.ts';
import { keyIdOf } from './keys.ts';
import {
  isSshKeyKind,
  parseSshKey,
  readSshKeyFields,
  type SshKey,
  SshReader,
  sshFingerprint,
  sshSignatureHolds,
  sshString,
} from './ssh-key.ts';

const suffix = '-cert-v01@openssh.com';
const userCertificate = 1;

/** What an authority says of a key (OpenSSH's PROTOCOL.certkeys), as it stands there and not yet believed. */
export type SshCertificate = {
  key: SshKey;
  serial: bigint;
  type: number;
  /** The name that the authority gave it, for people. */
  id: string;
  principals: readonly string[];
  /** Seconds since 1970; valid before the last of them. */
  validAfter: bigint;
  validBefore: bigint;
  criticalOptions: ReadonlyMap<string, Buffer>;
  authority: SshKey;
  /** All that stands before the signature, which is over it. */
  signed: Buffer;
  signature: Buffer;
};

/** Whether this is the name of a kind of certificate, as keys name their kind. */
export const isSshCertificateKind = (name: string): boolean => name.endsWith(suffix);

/** Throws `not-verified` for what is malformed, or is of a kind or size that is not accepted here. */
export function parseSshCertificate(blob: Buffer): SshCertificate {
  const reader = new SshReader(blob);
  const name = reader.text();
  const kind = name.slice(0, -suffix.length);
  if (!name.endsWith(suffix) || !isSshKeyKind(kind)) throw refused('is of an unknown kind');
  // The nonce: it keeps whoever has a certificate made from choosing what is hashed.
  reader.string();
  const from = reader.at;
  const key = readSshKeyFields(kind, reader);
  const keyBlob = Buffer.concat([sshString(kind), reader.bytes.subarray(from, reader.at)]);
  const facts = {
    serial: reader.uint64(),
    type: reader.uint32(),
    id: reader.text(),
    principals: readPrincipals(reader.string()),
    validAfter: reader.uint64(),
    validBefore: reader.uint64(),
    criticalOptions: readOptions(reader.string()),
  };
  // Extensions only permit what an SFTP door does not have; they must be well formed all the same.
  readOptions(reader.string());
  reader.string();
  const authority = parseSshKey(reader.string());
  const signed = reader.bytes.subarray(0, reader.at);
  const signature = reader.string();
  reader.end();
  return { key: { kind, blob: keyBlob, key }, ...facts, authority, signed, signature };
}

function readPrincipals(bytes: Buffer): string[] {
  const principals: string[] = [];
  for (const reader = new SshReader(bytes); !reader.done; ) principals.push(reader.text());
  return principals;
}

/** Names in order, none of them twice, each with its data. */
function readOptions(bytes: Buffer): Map<string, Buffer> {
  const options = new Map<string, Buffer>();
  let before = '';
  for (const reader = new SshReader(bytes); !reader.done; ) {
    const name = reader.text();
    if (name <= before) throw refused('names its options twice or out of order');
    options.set(name, reader.string());
    before = name;
  }
  return options;
}

export type SshCertificateQuestion = {
  /** Whose authority over machines is believed at `atMs`. */
  authorities: readonly X509Certificate[];
  atMs: number;
  /** Where the machine comes from. */
  address: string;
};

/**
 * The one name that an authority vouches for, of whoever holds the certified key. Throws `not-verified`, saying why: not by
 * an authority, not for a machine alone, outside of its time, from elsewhere, or under a condition that is not known here.
 */
export function verifySshCertificate(certificate: SshCertificate, question: SshCertificateQuestion): string {
  requireAuthority(certificate, question);
  const { type, principals } = certificate;
  if (type !== userCertificate) throw refused('is not one of a user');
  requireTime(certificate, question.atMs);
  for (const [name, data] of certificate.criticalOptions) {
    if (name !== 'source-address') throw refused(`asks for ${JSON.stringify(name)}, which is not known here`);
    requireSource(data, question.address);
  }
  const [principal, ...more] = principals;
  // None would mean any, and a certificate of two machines is one that they share.
  if (principal === undefined || more.length > 0) throw refused('does not name one machine as its only principal');
  return principal;
}

function requireAuthority({ authority, signed, signature }: SshCertificate, question: SshCertificateQuestion): void {
  const id = keyIdOf(authority.key);
  const trusted = question.authorities.some(
    (one) => certificateValidAt(one, question.atMs) && keyIdOf(one.publicKey) === id,
  );
  if (!trusted) throw refused(`is by ${sshFingerprint(authority.blob)}, which is no authority for machines`);
  if (!sshSignatureHolds(authority, signed, signature)) throw refused('does not hold by its signature');
}

function requireTime({ validAfter, validBefore }: SshCertificate, atMs: number): void {
  const seconds = BigInt(Math.floor(atMs / 1000));
  if (seconds < validAfter) throw refused('is not valid yet');
  if (seconds >= validBefore) throw refused('has expired');
}

function requireSource(data: Buffer, address: string): void {
  const reader = new SshReader(data);
  const list = reader.text().split(',');
  reader.end();
  const allowed = new BlockList();
  for (const entry of list) {
    const [network = '', length, ...rest] = entry.split('/');
    const most = isIPv4(network) ? 32 : 128;
    const isLength = length === undefined || (/^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= most);
    if (isIP(network) === 0 || !isLength || rest.length > 0) throw refused('names a network that is none');
    allowed.addSubnet(network, Number(length ?? most), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIP(address) === 0 || !allowed.check(address, family)) throw refused(`is not for use from ${address}`);
}

const refused = (why: string) => new DomainError('not-verified', `The certificate of the machine ${why}.`);
