import { z } from 'zod';
import type { Event, EventType } from './events.ts';
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

const kindOf: Partial<Record<EventType, WebhookKind>> = {
  'release.issued': 'release',
  'release.superseded': 'release',
  'release.withdrawn': 'release',
  'release.recalled': 'release',
  'delivery.completed': 'delivery',
  'delivery.failed': 'delivery',
  'release.held': 'hold',
  'readback.resolved': 'hold',
  'problem.reported': 'hold',
  'problem.resolved': 'hold',
  'readback.verdict': 'verdict',
};
export const webhookKindOf = (type: EventType): WebhookKind | undefined => kindOf[type];

/** Ids and verdicts. Names of files and parts, reasons and digests stay here: what leaves holds no technical data. */
const told = [
  'releaseId',
  'packageId',
  'machineId',
  'deliveryId',
  'retrievalId',
  'problemId',
  'by',
  'verdict',
] as const;

export type CloudEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  datacontenttype: 'application/json';
  data: Record<string, unknown>;
};

/** CloudEvents 1.0, structured JSON. `id` is the ledger's name and index: whoever sees it twice has seen it once. */
export function cloudEvent(
  origin: string,
  { index, time, event }: { index: number; time: string; event: Event },
): CloudEvent {
  const all: Record<string, unknown> = event.data;
  const data = Object.fromEntries(told.flatMap((name) => (typeof all[name] === 'string' ? [[name, all[name]]] : [])));
  const subject = data.releaseId ?? data.deliveryId;
  return {
    ...{
      specversion: '1.0',
      id: `${origin}/${index}`,
      source: `//${origin}`,
      type: `example.keyway.${event.type}`,
      time,
    },
    ...(typeof subject === 'string' ? { subject } : {}),
    datacontenttype: 'application/json',
    data: { index, ...data },
  };
}
