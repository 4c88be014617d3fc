import { type Event, eventTypeNames, type Sequenced } from '../domain/events.ts';
import { type Conduit, conduitKey, type Zone, type ZonePlan } from '../domain/zones.ts';

type ZoneEvent = Extract<Event, { type: `zone.${string}` | `conduit.${string}` }>;
export type ZoneEntry = Sequenced<ZoneEvent>;
const isZoneType = (type: string): boolean => type.startsWith('zone.') || type.startsWith('conduit.');
export const zoneEvents = eventTypeNames.filter(isZoneType);
export const isZoneEntry = (entry: Sequenced): entry is ZoneEntry => isZoneType(entry.event.type);

/** Zones and conduits as they are now, each with the entry that set it. Believes what it is given. */
export class ZoneRegister implements ZonePlan {
  readonly zones = new Map<string, Zone>();
  readonly conduits = new Map<string, Conduit>();
  /** By zone id or conduit key, which has a slash: where what is in force now was set. */
  readonly #setAt = new Map<string, number>();
  #version = -1;

  /** The newest entry about any of them. */
  get version(): number {
    return this.#version;
  }
  /** The entries that set all that is in force. */
  get entries(): number[] {
    return [...this.#setAt.values()];
  }

  apply({ event: { type, data }, index }: ZoneEntry): void {
    this.#version = index;
    switch (type) {
      case 'zone.set':
        this.zones.set(data.zone.id, data.zone);
        this.#setAt.set(data.zone.id, index);
        return;
      case 'zone.removed':
        this.zones.delete(data.zoneId);
        this.#setAt.delete(data.zoneId);
        return;
      case 'conduit.set':
        this.conduits.set(conduitKey(data.conduit), data.conduit);
        this.#setAt.set(conduitKey(data.conduit), index);
        return;
      case 'conduit.removed':
        this.conduits.delete(conduitKey(data));
        this.#setAt.delete(conduitKey(data));
    }
  }
}
