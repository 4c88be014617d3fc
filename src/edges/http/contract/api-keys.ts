import { z } from 'zod';
import { Action } from '../../../domain/decisions.ts';
import { ApiKeyId, PersonId } from '../../../domain/ids.ts';
import { Day } from '../../../domain/people.ts';
import { ShortText } from '../../../domain/text.ts';

const about = { name: ShortText, actions: z.array(Action).min(1).max(Action.options.length), expires: Day };
export const NewApiKey = z.strictObject(about);
export type NewApiKey = z.infer<typeof NewApiKey>;
export const ApiKeyView = z.strictObject({
  id: ApiKeyId,
  person: PersonId,
  ...about,
  /** When it was made, and the entry that says so. */
  made: z.string(),
  index: z.int(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;
/** `secret` is shown this once. */
export const ApiKeyMade = z.strictObject({ key: ApiKeyView, secret: z.string() });
export const ApiKeyList = z.strictObject({ keys: z.array(ApiKeyView) });
export const ApiKeysQuery = z.strictObject({ all: z.literal('yes').optional() });
export type ApiKeyMade = z.infer<typeof ApiKeyMade>;
export type ApiKeyList = z.infer<typeof ApiKeyList>;
