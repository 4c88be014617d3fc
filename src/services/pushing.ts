import type { Logger } from 'pino';
import type { Catalog } from '../catalog/catalog.ts';
import type { Standing } from '../catalog/standing.ts';
import type { Pusher } from '../domain/pushing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Alarms } from './alarms.ts';
import type { Authority } from './authority.ts';
import { PushQueue } from './push-queue.ts';
import type { Pushing } from './push-rounds.ts';
import { pushByRule } from './push-rule.ts';
import type { ResidueService } from './residue.ts';
import { ScheduledReadback } from './scheduled-readback.ts';
import type { SendingService } from './sending.ts';
import type { ShelfTree } from './shelf.ts';

type PushingParts = {
  ledger: Pick<Ledger, 'commit'>;
  catalog: Pick<Catalog, 'current'>;
  standing: Standing;
  authority: Pick<Authority, 'moment'>;
  shelf: ShelfTree;
  sending: SendingService;
  residue: ResidueService;
  alarms: Alarms;
  clock: Clock;
  log: Logger;
};

/** What is pushed and read back, once there is a door that does it. */
export function wirePushing(parts: PushingParts, pusher: Pusher): Pushing {
  const { authority, sending, alarms } = parts;
  const log = parts.log.child({ room: 'push' });
  const queue = new PushQueue({ ...parts, pusher, log });
  sending.sendBy('push', queue);
  alarms.from(queue.alarms);
  let looked = '';
  return {
    queue,
    /** Only after something changed what machines may have. */
    async byRule() {
      const { moment } = authority;
      if (moment !== looked) await pushByRule(parts);
      looked = moment;
    },
    readback: new ScheduledReadback({ ...parts, pusher, log }),
  };
}
