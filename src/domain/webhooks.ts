import { z } from 'zod';
import { WebhookId } from './ids.ts';

/** What another program may be told of. */
export const webhookKinds = ['release', 'delivery', 'hold', 'verdict'] as const;
export const WebhookKind = z.enum(webhookKinds);
export type WebhookKind = z.infer<typeof WebhookKind>;

export const WebhookUrl = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s?#@]+$/, 'must be an http or https URL without query');

export const webhookFields = {
  webhookId: WebhookId,
  url: WebhookUrl,
  kinds: z.array(WebhookKind).min(1).max(webhookKinds.length),
};
