import { z } from 'zod';
import { MachineId, PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { ShortText } from './text.ts';

export const personRoles = [
  'programmer',
  'manufacturing-engineer',
  'quality',
  'export-compliance',
  'operator',
  'administrator',
  'auditor',
] as const;
export const PersonRole = z.enum(personRoles);
export type PersonRole = z.infer<typeof PersonRole>;

/** `sha256:` of the SubjectPublicKeyInfo DER: the key's name everywhere. */
export const KeyId = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export type KeyId = z.infer<typeof KeyId>;

/** ECDSA P-256 public key as SPKI PEM (RFC 5480, RFC 7468), 512 characters at most. */
export const PublicKeyPem = z
  .string()
  .max(512)
  .regex(/^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n$/);

export const PersonKey = z.strictObject({
  keyId: KeyId,
  publicKey: PublicKeyPem,
  /** How the private half is held. Passkeys and tokens come with their own enrolment. */
  assurance: z.enum(['file']),
});
export type PersonKey = z.infer<typeof PersonKey>;

export const Person = z.strictObject({
  id: PersonId,
  name: ShortText,
  roles: z.array(PersonRole).min(1).max(limits.rolesPerPerson),
  /** 22 CFR 120.62. Absent means unknown, which is treated as no. */
  usPerson: z.boolean().optional(),
  keys: z.array(PersonKey).min(1).max(limits.keysPerHolder),
});
export type Person = z.infer<typeof Person>;

/** Who did something. A machine is a device and never a person (NIST 800-171r2 3.5.1). */
export const Principal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: PersonId }),
  z.strictObject({ kind: z.literal('machine'), id: MachineId }),
  /** Whoever may open the gateway's Unix socket: its operating-system account. */
  z.strictObject({ kind: z.literal('local'), account: ShortText }),
  /** The gateway itself, following a rule. */
  z.strictObject({ kind: z.literal('gateway') }),
]);
export type Principal = z.infer<typeof Principal>;

export function principalName(p: Principal): string {
  if (p.kind === 'gateway') return 'gateway';
  return p.kind === 'local' ? `local:${p.account}` : p.id;
}
