import { z } from 'zod';
import { type Classification, controlsOf, jurisdictions } from './classification.ts';
import { DoorChannel } from './doors.ts';
import { PathWord, Text } from './text.ts';
import type { ZonePath } from './zone-paths.ts';

/** A group of things with one need for security (IEC 62443-1-1 3.2.117). `holdsGateway`: this gateway stands in it. */
export const Zone = z.strictObject({ id: PathWord, description: Text, holdsGateway: z.boolean() });
export type Zone = z.infer<typeof Zone>;

/** The one way from one zone to another, and what may pass: by which channels, of which jurisdictions, CUI or not. */
export const Conduit = z.strictObject({
  from: PathWord,
  to: PathWord,
  channels: z.array(DoorChannel).min(1).max(DoorChannel.options.length),
  jurisdictions: z.array(z.enum(jurisdictions)).min(1).max(jurisdictions.length),
  cui: z.boolean(),
});
export type Conduit = z.infer<typeof Conduit>;

export const conduitKey = ({ from, to }: Pick<Conduit, 'from' | 'to'>): string => `${from}/${to}`;

/** The zones and conduits that are in force. */
export type ZonePlan = { zones: ReadonlyMap<string, Zone>; conduits: ReadonlyMap<string, Conduit> };

/** How the gateway reaches a machine of this zone with this data. Where zones are defined, a machine without one is not reached. */
export function zonePath(
  { zones, conduits }: ZonePlan,
  to: string | undefined,
  channel: string,
  label: Classification,
): ZonePath {
  // A machine that is to stand in a zone is not reached before that is defined, in a ledger begun anew neither.
  if (zones.size === 0 && to === undefined) return 'no-zones';
  const here = [...zones.values()].find(({ holdsGateway }) => holdsGateway)?.id;
  if (here === undefined || to === undefined || !zones.has(to)) return 'none';
  if (here === to) return 'same-zone';
  const conduit = conduits.get(conduitKey({ from: here, to }));
  return conduit && mayPass(conduit, channel, label) ? 'conduit' : 'none';
}

function mayPass(conduit: Conduit, channel: string, label: Classification): boolean {
  const named = controlsOf(label).map(({ jurisdiction }) => jurisdiction);
  const under = named.length === 0 ? (['none'] as const) : named;
  return (
    conduit.channels.some((passing) => passing === channel) &&
    under.every((jurisdiction) => conduit.jurisdictions.includes(jurisdiction)) &&
    (conduit.cui || (label.cuiMarkings ?? []).length === 0)
  );
}
