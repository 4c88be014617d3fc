import type { Logger } from 'pino';
import type { MachineStanding } from '../../catalog/machine-register.ts';
import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { MachineMonitor, MonitorReport } from '../../domain/monitoring.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import type { Behind } from '../../door/remote-shelf.ts';
import { type RunningDoor, startDoor } from '../../door/start-door.ts';
import type { Config } from '../../platform/config.ts';
import { type Caller, type Channel, makeCaller, namedChannel, serveCalls } from '../../platform/rpc.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { MonitorSettings, monitorChannel, monitorProcedures, monitorReports } from './monitor-protocol.ts';

type MonitorDoorParts = {
  config: Config;
  machines(): Iterable<MachineStanding>;
  behind: Behind;
  report(report: MonitorReport): void;
  log: Logger;
};

/**
 * The door that listens to agents as a process of its own: it reads what others write, and may read its code and nothing
 * else. It follows the register of machines. Undefined where the configuration has none.
 */
export async function startMonitorDoor(
  parts: MonitorDoorParts,
): Promise<(RunningDoor & { follow(): void }) | undefined> {
  if (!parts.config.monitors) return undefined;
  const control = new MonitorControl(parts);
  const door = await startDoor({
    name: 'Monitor',
    command: sandboxedNode(new URL('./door.ts', import.meta.url), { read: [] }),
    procedures: doorProcedures(MonitorSettings),
    ports: [],
    settings: () => ({}),
    behind: parts.behind,
    log: parts.log,
    onStart: (channel) => control.attach(namedChannel(channel, monitorChannel)),
  });
  const { follow } = control;
  return Object.assign(door, { follow });
}

/** The core's end of the conversation about monitors. It outlives the processes that it talks to. */
class MonitorControl {
  readonly #parts: MonitorDoorParts;
  #call: Caller<typeof monitorProcedures> | undefined;
  #told = '';

  constructor(parts: MonitorDoorParts) {
    this.#parts = parts;
  }

  attach(channel: Channel): void {
    const unavailable = () => new DomainError('busy', 'The door of monitors does not answer.');
    this.#call = makeCaller(channel, monitorProcedures, { timeoutMs: limits.doorAnswerMs, unavailable });
    serveCalls(channel, monitorReports, {
      report: (report) => {
        this.#parts.report(report);
        return null;
      },
    });
    this.#told = '';
    this.follow();
  }

  readonly follow = (): void => {
    const wanted = monitorsOf(this.#parts.machines()).slice(0, limits.monitors);
    const text = JSON.stringify(wanted);
    if (!this.#call || text === this.#told) return;
    this.#told = text;
    this.#call('setMonitors', wanted).catch((err: unknown) => {
      this.#told = '';
      this.#parts.log.error({ err }, 'the monitors could not be set');
    });
  };
}

const monitorsOf = (machines: Iterable<MachineStanding>): MachineMonitor[] =>
  [...machines]
    .flatMap(({ machine: { id, monitor } }) => (monitor ? [{ machine: id, link: monitor }] : []))
    .sort((a, b) => (a.machine < b.machine ? -1 : 1));
