import { z } from 'zod';
import { Change } from '../../../domain/changes.ts';
import { Digest } from '../../../domain/digest.ts';
import { Text } from '../../../domain/text.ts';
import { Asserted, RequestOptions } from './passkeys.ts';

/** `GET /first-steps`: counts without content, for the page of a gateway that has delivered nothing yet. */
export const FirstSteps = z.strictObject({
  programmers: z.int(),
  /** Roles that some route asks for, and how many people hold each. */
  approvers: z.array(z.strictObject({ role: z.string(), people: z.int() })),
  machines: z.int(),
  deposits: z.int(),
  releases: z.int(),
  deliveries: z.int(),
});
export type FirstSteps = z.infer<typeof FirstSteps>;

/** `POST /changes/options`: what the asker's passkey is to sign; `payload` again where a change waits for a signature. */
export const AskChange = z.union([
  z.strictObject({ change: Change, reason: Text }),
  z.strictObject({ payload: z.base64().max(60_000) }),
]);
export const ChangeAsked = z.strictObject({ payload: z.base64(), publicKey: RequestOptions });
export type ChangeAsked = z.infer<typeof ChangeAsked>;
/** `POST /changes/passkey`: answers `ChangeAnswer`. */
export const FinishChange = z.strictObject({ payload: z.base64().max(60_000), credential: Asserted });

/** `GET /storage`, in bytes. */
export const Storage = z.strictObject({
  vault: z.int(),
  ledger: z.int(),
  catalog: z.int(),
  free: z.int(),
  /** Below it nothing new is taken. */
  reserve: z.int(),
});
export type Storage = z.infer<typeof Storage>;

/** `GET /witnesses` */
export const WitnessList = z.strictObject({
  quorum: z.int(),
  witnesses: z.array(
    z.strictObject({
      name: z.string(),
      vkey: z.string(),
      /** The newest checkpoint that it cosigned. */
      cosigned: z.strictObject({ size: z.int(), at: z.string() }).optional(),
      failing: z.string().optional(),
    }),
  ),
});
export type WitnessList = z.infer<typeof WitnessList>;

const PolicyCaseView = z.strictObject({
  name: z.string(),
  expected: z.enum(['permit', 'deny']),
  answered: z.enum(['permit', 'deny']),
  reasons: z.array(z.string()),
});
/** `GET /policy`: what is in force, and what it answers to the cases of `config/policy/cases.yaml`. */
export const PolicyView = z.strictObject({
  policySet: Digest,
  files: z.array(z.strictObject({ name: z.string(), text: z.string() })),
  routes: z.strictObject({ version: Digest, text: z.string() }),
  cases: z.array(PolicyCaseView),
});
export type PolicyView = z.infer<typeof PolicyView>;

/** `POST /policy/what-if`: what these rules would have decided since then, beside what was decided. */
export const AskWhatIf = z.strictObject({ file: z.string(), text: z.string().max(200_000), since: z.iso.date() });
export const WhatIf = z.strictObject({
  decisions: z.int(),
  differing: z.array(
    z.strictObject({
      index: z.int(),
      time: z.string(),
      action: z.string(),
      was: z.enum(['permit', 'deny']),
      would: z.enum(['permit', 'deny']),
      reasons: z.array(z.string()),
    }),
  ),
});
export type WhatIf = z.infer<typeof WhatIf>;
