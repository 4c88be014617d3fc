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

/** `to`: the gateway reaches a machine with this data. `from`: the machine sends it back, which is another way. */
export type ZoneDirection = 'to' | 'from';

/** How it passes between the gateway and a machine of this zone. Where zones are defined, a machine without one is not reached. */
export function zonePath(
  { zones, conduits }: ZonePlan,
  machineZone: string | undefined,
  channel: string,
  label: Classification,
  direction: ZoneDirection = 'to',
): ZonePath {
  // A machine that is to stand in a zone is not reached before that is defined, in a ledger begun anew neither.
  if (zones.size === 0 && machineZone === undefined) return 'no-zones';
  const here = [...zones.values()].find(({ holdsGateway }) => holdsGateway)?.id;
  if (here === undefined || machineZone === undefined || !zones.has(machineZone)) return 'none';
  if (here === machineZone) return 'same-zone';
  const ends = direction === 'to' ? { from: here, to: machineZone } : { from: machineZone, to: here };
  const conduit = conduits.get(conduitKey(ends));
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
