import type { MachineId } from '../../domain/ids.ts';
import type { MachineMonitor, MonitorReport } from '../../domain/monitoring.ts';
import { Agent, type AgentBounds } from './agent.ts';

type Listening = { link: string; agent: Agent };

/** The agents of all machines that have one. */
export class Monitors {
  readonly #report: (report: MonitorReport) => void;
  readonly #bounds: AgentBounds;
  readonly #agents = new Map<MachineId, Listening>();

  constructor(report: (report: MonitorReport) => void, bounds: AgentBounds) {
    this.#report = report;
    this.#bounds = bounds;
  }

  /** Listens to what is new, and no more to what is not there any more or elsewhere. */
  async set(wanted: readonly MachineMonitor[]): Promise<void> {
    const links = new Map(wanted.map(({ machine, link }) => [machine, JSON.stringify(link)]));
    const stale = [...this.#agents].filter(([machine, { link }]) => links.get(machine) !== link);
    for (const [machine] of stale) this.#agents.delete(machine);
    for (const { machine, link } of wanted) {
      if (this.#agents.has(machine)) continue;
      const listener = {
        heard: (observation: Extract<MonitorReport, { kind: 'heard' }>['observation']) =>
          this.#report({ kind: 'heard', machine, observation }),
        away: (reason: string) => this.#report({ kind: 'away', machine, reason }),
      };
      this.#agents.set(machine, { link: JSON.stringify(link), agent: new Agent(link, listener, this.#bounds) });
    }
    await Promise.all(stale.map(([, { agent }]) => agent.close()));
  }

  close(): Promise<void> {
    return this.set([]);
  }
}
