import { z } from 'zod';
import { jurisdictions } from './classification.ts';
import { Country } from './countries.ts';
import type { DoorChannel } from './doors.ts';
import { GroupId, MachineId, PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { MonitorLink, PushLink, SerialLine } from './machine-links.ts';
import { SshPublicKey } from './ssh-keys.ts';
import { PathWord, ShortText, Text } from './text.ts';

/** An argon2id hash in PHC string form (RFC 9106): memory in KiB, passes, lanes, then salt and tag in base64. */
export const PasswordHash = z
  .string()
  .max(200)
  .regex(/^\$argon2id\$v=19\$m=\d{4,7},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{22,44}\$[A-Za-z0-9+/]{43,88}$/);

/** How programs reach a machine: it comes for them (SFTP, FTPS, FTP), they are pushed, sent down a line, or carried. */
export const MachineChannel = z.enum(['sftp', 'ftps', 'ftp', 'push', 'serial', 'media']);

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
    channel: MachineChannel,
    sshKeys: z.array(SshPublicKey).max(limits.keysPerHolder),
    /** Where the channel is SFTP: whether a certificate that an authority for machines gave to this id lets it in too. */
    sshCertificates: z.boolean().optional(),
    /** Where the channel is FTP or FTPS: argon2id in PHC form. */
    password: PasswordHash.optional(),
    /** Where the channel is a push. */
    push: PushLink.optional(),
    /** Where the channel is a serial line. */
    line: SerialLine.optional(),
    /** What tells us what it does, by whichever channel it is reached. */
    monitor: MonitorLink.optional(),
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
    hasItsLink,
    'needs an SSH key or certificates for SFTP, a password for FTP and FTPS, a target for a push, a line for serial',
  );
export type Machine = z.infer<typeof Machine>;

type Links = {
  channel: z.infer<typeof MachineChannel>;
  sshKeys: readonly string[];
  sshCertificates?: boolean | undefined;
  password?: string | undefined;
  push?: PushLink | undefined;
  line?: SerialLine | undefined;
};
function hasItsLink({ channel, sshKeys, sshCertificates, password, push, line }: Links): boolean {
  if (push !== undefined && channel !== 'push') return false;
  if (line !== undefined && channel !== 'serial') return false;
  if (sshCertificates && channel !== 'sftp') return false;
  switch (channel) {
    case 'sftp':
      return sshKeys.length > 0 || sshCertificates === true;
    case 'ftp':
    case 'ftps':
      return password !== undefined;
    case 'push':
      return push !== undefined;
    case 'serial':
      return line !== undefined;
    case 'media':
      return true;
  }
}

/** The doors that programs may leave by to this machine: one that speaks FTP may always speak it over TLS. */
export function doorsOf({ channel, push }: Pick<Machine, 'channel' | 'push'>): readonly DoorChannel[] {
  if (channel === 'ftp') return ['ftp', 'ftps'];
  if (channel !== 'push') return [channel];
  if (push?.kind === 'sftp') return ['sftp-push'];
  if (push?.kind === 'ftp') return [push.tls === 'none' ? 'ftp-push' : 'ftps-push'];
  return ['folder'];
}
