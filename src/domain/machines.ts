import { z } from 'zod';
import { jurisdictions } from './classification.ts';
import { Country } from './countries.ts';
import { GroupId, MachineId, PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { PathWord, ShortText, Text } from './text.ts';

/** One OpenSSH public key line without options or comment (RFC 4253 6.6): `ssh-ed25519 AAAA…`. */
export const SshPublicKey = z
  .string()
  .max(2_000)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ecdsa-sha2-nistp521|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/, {
    message: 'must be one OpenSSH public key: type and base64, without comment',
  });

/** An argon2id hash in PHC string form (RFC 9106): memory in KiB, passes, lanes, then salt and tag in base64. */
export const PasswordHash = z
  .string()
  .max(200)
  .regex(/^\$argon2id\$v=19\$m=\d{4,7},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{22,44}\$[A-Za-z0-9+/]{43,88}$/);

export const assetCategories = [
  'cui-asset',
  'security-protection',
  'risk-managed',
  'specialised',
  'out-of-scope',
] as const;

/** What protects the last metres to a machine where its channel does not (NIST SP 800-171r2 3.13.8). */
export const Safeguard = z.strictObject({
  /** Such as "locked cabinet, 3 m of cable in conduit, VLAN 7 of one port". */
  protects: Text,
  approver: PersonId,
  /** In force to the end of this day. */
  expires: z.iso.date(),
});
export type Safeguard = z.infer<typeof Safeguard>;

/** A machine tool: a device of its own with its own key, in the groups that it may be sent programs of. */
export const Machine = z
  .strictObject({
    id: MachineId,
    groups: z.array(GroupId).min(1).max(limits.groupsPerMachine),
    make: ShortText,
    model: ShortText,
    control: ShortText,
    cell: PathWord,
    country: Country,
    channel: z.enum(['sftp', 'ftps', 'ftp']),
    sshKeys: z.array(SshPublicKey).max(limits.keysPerHolder),
    /** Where the channel is FTP or FTPS: argon2id in PHC form. */
    password: PasswordHash.optional(),
    /** Jurisdictions that this machine may be sent. Nothing said means nothing allowed. */
    jurisdictions: z.array(z.enum(jurisdictions)).min(1),
    serial: ShortText.optional(),
    site: PathWord.optional(),
    owner: ShortText.optional(),
    /** IEC 62443 zone. It may be named before the zone is set; until it is, nothing is delivered. */
    zone: PathWord.optional(),
    /** As a CMMC assessment counts it (32 CFR 170.19). */
    assetCategory: z.enum(assetCategories).optional(),
  })
  .refine(
    (machine) => (machine.channel === 'sftp' ? machine.sshKeys.length > 0 : machine.password !== undefined),
    'needs an SSH key for SFTP, a password for FTP and FTPS',
  );
export type Machine = z.infer<typeof Machine>;

/** The doors that a machine of this channel may come by: one that speaks FTP may always speak it over TLS. */
export const doorsOf = (channel: Machine['channel']): readonly Machine['channel'][] =>
  channel === 'ftp' ? ['ftp', 'ftps'] : [channel];
