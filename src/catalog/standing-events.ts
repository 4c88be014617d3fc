import type { EventType } from '../domain/events.ts';
import { peopleEvents } from '../domain/people-register.ts';
import { accountEvents } from './account-register.ts';
import { exceptionEvents } from './exception-register.ts';
import { machineEvents } from './machine-register.ts';
import { holdEvents } from './readback-holds.ts';
import { residueEvents } from './residue-register.ts';
import { rulesEvents } from './rules-register.ts';
import { sendingEvents } from './sending-register.ts';
import { stopEvents } from './stop-register.ts';
import { webhookEvents } from './webhook-register.ts';
import { zoneEvents } from './zone-register.ts';

/** The events that say what is in force. Everything else is history and is not held in memory. */
export const standingEvents: ReadonlySet<EventType> = new Set<EventType>([
  ...rulesEvents,
  ...peopleEvents,
  ...machineEvents,
  ...zoneEvents,
  ...exceptionEvents,
  ...accountEvents,
  'change.proposed',
  'change.refused',
  'classification.lowered',
  'finding.waived',
  'package.submitted',
  'package.withdrawn',
  'package.replaced',
  'approval.given',
  'approval.refused',
  'release.issued',
  'release.superseded',
  'release.withdrawn',
  ...holdEvents,
  ...residueEvents,
  ...sendingEvents,
  ...stopEvents,
  ...webhookEvents,
]);
