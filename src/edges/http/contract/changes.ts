import { z } from 'zod';
import { ChangeStatement } from '../../../domain/changes.ts';

export type { Change } from '../../../domain/changes.ts';

import { ChangeId, PersonId } from '../../../domain/ids.ts';
import { PersonRole } from '../../../domain/people.ts';
import { Envelope } from '../../../domain/statements.ts';

/** A signed change, or one more signature under one that waits: the same payload with another signature. */
export const SubmitChange = z.strictObject({ envelope: Envelope });

/** `awaits`: the role that one of those who sign must hold and none does so far. */
const waits = { signers: z.array(PersonId), needed: z.int(), awaits: PersonRole.optional() };
/** `index` is the entry that made it or that says that it waits. */
export const ChangeAnswer = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('made'), changeId: ChangeId, index: z.int() }),
  z.strictObject({ state: z.literal('waiting'), changeId: ChangeId, index: z.int(), ...waits }),
]);
export type ChangeAnswer = z.infer<typeof ChangeAnswer>;

/** `payload` is what the next person signs, byte for byte; `said` is what it says. */
export const WaitingChangeView = z.strictObject({
  said: ChangeStatement.shape.predicate,
  payload: z.base64(),
  ...waits,
  index: z.int(),
  time: z.string(),
});
export type WaitingChangeView = z.infer<typeof WaitingChangeView>;
export const WaitingChanges = z.strictObject({ changes: z.array(WaitingChangeView) });
export type WaitingChanges = z.infer<typeof WaitingChanges>;
