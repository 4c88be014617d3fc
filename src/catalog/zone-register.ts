import { type Event, eventTypeNames } from '../domain/events.ts';
import { type Conduit, conduitKey, type Zone, type ZonePlan } from '../domain/zones.ts';

type ZoneEvent = Extract<Event, { type: `zone.${string}` | `conduit.${string}` }>;
const isZoneType = (type: string): boolean => type.startsWith('zone.') || type.startsWith('conduit.');
export const zoneEvents = eventTypeNames.filter(isZoneType);
export const isZoneEvent = (event: Event): event is ZoneEvent => isZoneType(event.type);

/** Zones and conduits as they are now. */
export class ZoneRegister implements ZonePlan {
  readonly zones = new Map<string, Zone>();
  readonly conduits = new Map<string, Conduit>();

  apply({ type, data }: ZoneEvent): void {
    switch (type) {
      case 'zone.set':
        this.zones.set(data.zone.id, data.zone);
        return;
      case 'zone.removed':
        this.zones.delete(data.zoneId);
        return;
      case 'conduit.set':
        this.conduits.set(conduitKey(data.conduit), data.conduit);
        return;
      case 'conduit.removed':
        this.conduits.delete(conduitKey(data));
    }
  }
}
