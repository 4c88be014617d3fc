import { DomainError } from '../../domain/errors.ts';
import { conduitKey } from '../../domain/zones.ts';
import type { ChangeRules } from './rules.ts';

type ZoneKind = 'zone.set' | 'zone.remove' | 'conduit.set' | 'conduit.remove';

/** What stands against changes of zones and conduits: once there is a zone, one of them holds the gateway. */
export const zoneRules: ChangeRules<ZoneKind> = {
  'zone.set': ({ zone }, { standing }) => {
    const holder = [...standing.zones.zones.values()].find(({ holdsGateway }) => holdsGateway)?.id;
    if (zone.holdsGateway && holder !== undefined && holder !== zone.id)
      throw new DomainError('conflict', `The gateway stands in ${holder}; it stands in one zone.`);
    if (!zone.holdsGateway && (holder === undefined || holder === zone.id))
      throw new DomainError(
        'conflict',
        'Set the zone that holds the gateway first, and keep one: nothing is delivered without.',
      );
  },
  'zone.remove': ({ zoneId }, { standing }) => {
    const { zones, conduits } = standing.zones;
    const zone = zones.get(zoneId);
    if (!zone) throw new DomainError('not-found', `There is no zone ${zoneId}.`);
    if (zone.holdsGateway && zones.size > 1)
      throw new DomainError('conflict', 'This zone holds the gateway: remove the others first.');
    if ([...conduits.values()].some(({ from, to }) => from === zoneId || to === zoneId))
      throw new DomainError('conflict', 'A conduit still leads to or from this zone: remove it first.');
  },
  'conduit.set': ({ conduit }, { standing }) => {
    for (const end of [conduit.from, conduit.to])
      if (!standing.zones.zones.has(end)) throw new DomainError('not-found', `There is no zone ${end}.`);
    if (conduit.from === conduit.to)
      throw new DomainError('request-invalid', 'Within one zone no conduit is needed.', { field: 'to' });
  },
  'conduit.remove': (ends, { standing }) => {
    if (!standing.zones.conduits.has(conduitKey(ends)))
      throw new DomainError('not-found', `There is no conduit from ${ends.from} to ${ends.to}.`);
  },
};
