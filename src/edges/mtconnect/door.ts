import { pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import { runDoor } from '../../door/door-process.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import { parentChannel } from '../../platform/child-process.ts';
import { makeCaller, namedChannel, serveCalls } from '../../platform/rpc.ts';
import { defaultBounds } from './agent.ts';
import { MonitorSettings, monitorChannel, monitorProcedures, monitorReports } from './monitor-protocol.ts';
import { Monitors } from './monitors.ts';

const log = pino(
  { name: 'keyway', level: process.env.KEYWAY_LOG_LEVEL ?? 'info', base: { room: 'monitors' } },
  pino.destination(2),
);
const channel = parentChannel();
const about = namedChannel(channel, monitorChannel);
const unavailable = () => new DomainError('busy', 'The core does not answer.');
const call = makeCaller(about, monitorReports, { timeoutMs: limits.doorAnswerMs, unavailable });
const monitors = new Monitors(
  (report) => void call('report', report).catch(() => {}),
  defaultBounds,
  () => performance.now(),
);

serveCalls(about, monitorProcedures, {
  async setMonitors(wanted) {
    await monitors.set(wanted);
    return null;
  },
});
runDoor(
  {
    name: 'Monitor',
    procedures: doorProcedures(MonitorSettings),
    open: async () => ({ ports: [], close: () => monitors.close() }),
  },
  channel,
  log,
);
