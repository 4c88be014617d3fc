import { z } from 'zod';
import { Change, ChangeStatement } from '../../../domain/changes.ts';
import { Action } from '../../../domain/decisions.ts';
import { ChangeId, PersonId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Day } from '../../../domain/people.ts';
import { Text } from '../../../domain/text.ts';
import { Asserted, RequestOptions } from './passkeys.ts';

/** A new change, or one that waits for one more signature. The asker signs it themself. */
export const AskChange = z.union([
  z.strictObject({ change: Change, reason: Text }),
  z.strictObject({ changeId: ChangeId }),
]);
/** `payload` is the statement that is signed, byte for byte (base64); `said` is what it says. */
export const ChangeAsked = z.strictObject({
  person: PersonId,
  said: ChangeStatement.shape.predicate,
  payload: z.base64(),
  publicKey: RequestOptions,
});
export type ChangeAsked = z.infer<typeof ChangeAsked>;
export const FinishChange = z.strictObject({ payload: z.base64().max(60_000), credential: Asserted });

export const StorageView = z.strictObject({
  ...{ freeBytes: z.int(), totalBytes: z.int(), ledgerBytes: z.int(), catalogBytes: z.int() },
  ...{ vaultBytes: z.int(), vaultFiles: z.int(), entries: z.int(), writable: z.boolean() },
});
export type StorageView = z.infer<typeof StorageView>;

/** `size`: of the newest checkpoint that it cosigned and that is remembered; `failing`: why the last attempt gave none. */
export const WitnessList = z.strictObject({
  quorum: z.int(),
  witnesses: z.array(
    z.strictObject({
      name: z.string(),
      vkey: z.string(),
      url: z.string(),
      size: z.int(),
      failing: z.string().optional(),
    }),
  ),
});
export type WitnessList = z.infer<typeof WitnessList>;

export const RulesView = z.strictObject({
  policySet: z.string(),
  files: z.array(z.strictObject({ name: z.string(), text: z.string() })),
  routes: z.strictObject({ version: z.string(), text: z.string() }),
  cases: z
    .array(
      z.strictObject({
        ...{ case: z.string(), expected: z.string(), verdict: z.string(), good: z.boolean() },
        policies: z.array(z.string()),
      }),
    )
    .optional(),
});
export type RulesView = z.infer<typeof RulesView>;

/** A file of rules that takes the place of the one of its name, or is added; `since` is the first day, UTC. */
export const AskWhatIf = z.strictObject({
  name: z
    .string()
    .max(limits.fileNameBytes)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.cedar$/),
  text: z.string().max(limits.whatIfFileChars),
  since: Day,
});
export type AskWhatIf = z.infer<typeof AskWhatIf>;
const verdict = z.enum(['permit', 'deny']);
const because = z.strictObject({ verdict, policies: z.array(z.string()), reasons: z.array(z.string()) });
/**
 * `differing`: all decisions that would be others, of which the first are listed; `stoppedAt`: what was decided from
 * there on was not asked again; `notAsked`: what was recorded without its facts.
 */
export const WhatIfView = z.strictObject({
  ...{ policySet: z.string(), asked: z.int(), notAsked: z.int(), differing: z.int() },
  differences: z.array(
    z.strictObject({
      ...{ index: z.int(), time: z.string(), who: z.string(), action: Action },
      ...{ was: because, now: because },
    }),
  ),
  stoppedAt: z.strictObject({ index: z.int(), time: z.string() }).optional(),
  /** Of the table of cases: those that would not be decided as it says. */
  cases: z
    .strictObject({
      of: z.int(),
      wrong: z.array(z.strictObject({ case: z.string(), expected: z.string(), verdict })),
    })
    .optional(),
});
export type WhatIfView = z.infer<typeof WhatIfView>;
