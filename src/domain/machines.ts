import { z } from 'zod';
import { jurisdictions } from './classification.ts';
import { GroupId, MachineId } from './ids.ts';
import { limits } from './limits.ts';
import { PathWord, ShortText } from './text.ts';

/** One OpenSSH public key line without options or comment (RFC 4253 6.6): `ssh-ed25519 AAAA…`. */
export const SshPublicKey = z
  .string()
  .max(2_000)
  .regex(/^(ssh-ed25519|ecdsa-sha2-nistp256|ecdsa-sha2-nistp384|ecdsa-sha2-nistp521|ssh-rsa) [A-Za-z0-9+/]+={0,2}$/, {
    message: 'must be one OpenSSH public key: type and base64, without comment',
  });

/** A machine tool: a device of its own with its own key, in the groups that it may be sent programs of. */
export const Machine = z.strictObject({
  id: MachineId,
  groups: z.array(GroupId).min(1).max(limits.groupsPerMachine),
  make: ShortText,
  model: ShortText,
  control: ShortText,
  cell: PathWord,
  country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code such as US'),
  channel: z.enum(['sftp']),
  sshKeys: z.array(SshPublicKey).min(1).max(limits.keysPerHolder),
  /** Jurisdictions that this machine may be sent. Nothing said means nothing allowed. */
  jurisdictions: z.array(z.enum(jurisdictions)).min(1),
});
export type Machine = z.infer<typeof Machine>;
