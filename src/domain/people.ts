import { z } from 'zod';
import { Country } from './countries.ts';
import { Action, actions } from './decisions.ts';
import { MachineId, PersonId } from './ids.ts';
import { limits } from './limits.ts';
import { PathWord, ShortText } from './text.ts';

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

const keyFields = { keyId: KeyId, publicKey: PublicKeyPem };
/** Calendar day, UTC: what expires on it is in force to its end. */
export const Day = z.iso.date();
export const CertificatePem = z.string().max(10_000).startsWith('-----BEGIN CERTIFICATE-----\n');
const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

/**
 * A public key of a person. `assurance` says how the private half is held: what an approval route may ask for. A
 * `service` key signs requests for the listed actions until it expires and approves nothing.
 */
export const PersonKey = z.discriminatedUnion('assurance', [
  z.strictObject({ assurance: z.literal('file'), ...keyFields }),
  z.strictObject({
    assurance: z.literal('token'),
    ...keyFields,
    /** Of the card, then up to but without an authority of the trust root for people. */
    certificates: z.array(CertificatePem).min(1).max(limits.certificatesPerChain),
  }),
  /** WebAuthn Level 3, 4: the credential, and the only relying party and web origin that it signs for. */
  z.strictObject({
    assurance: z.literal('passkey'),
    ...keyFields,
    credentialId: base64url.max(1_400),
    rpId: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/),
    origin: z
      .string()
      .max(300)
      .regex(/^https:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/),
    /** The signature counter at registration; authenticators without one say 0 for ever (6.1.1). */
    counter: z.int().min(0).max(0xffffffff),
  }),
  z.strictObject({
    assurance: z.literal('service'),
    ...keyFields,
    name: ShortText,
    actions: z.array(Action).min(1).max(actions.length),
    expires: Day,
  }),
]);
export type PersonKey = z.infer<typeof PersonKey>;
export type KeyOf<A extends PersonKey['assurance']> = Extract<PersonKey, { assurance: A }>;
/** What a route may ask for. */
export const assurances = ['file', 'token', 'passkey'] as const;
export type Assurance = (typeof assurances)[number];

/** Everything about a person that is not their id or a key. */
export const PersonFacts = z.strictObject({
  name: ShortText,
  roles: z.array(PersonRole).min(1).max(limits.rolesPerPerson),
  employer: ShortText.optional(),
  site: PathWord.optional(),
  /** 22 CFR 120.62. Absent, or past its last day, means unknown, which is treated as no. */
  usPerson: z.strictObject({ status: z.boolean(), evidence: ShortText, expires: Day }).optional(),
  nationalities: z.array(Country).max(limits.nationalitiesPerPerson).optional(),
  training: z
    .array(z.strictObject({ course: PathWord, expires: Day }))
    .max(limits.coursesPerPerson)
    .optional(),
  /** Another id of the same human being: on a route the two count once. */
  samePersonAs: PersonId.optional(),
});
export type PersonFacts = z.infer<typeof PersonFacts>;

export const Person = z.strictObject({
  id: PersonId,
  ...PersonFacts.shape,
  /** None is left where all were revoked; nobody is enrolled without one. */
  keys: z.array(PersonKey).max(limits.keysPerHolder),
});
export type Person = z.infer<typeof Person>;

/** The human being behind an id: the one thing that counts on a route and for the separation of duties. */
export const humanOf = (person: Pick<Person, 'id' | 'samePersonAs'>): PersonId => person.samePersonAs ?? person.id;

/** Whether what ends with `day` is still in force at `timeMs`. */
export const isCurrent = (day: string, timeMs: number): boolean => timeMs < Date.parse(day) + 24 * 60 * 60 * 1000;

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
