import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { MachineMonitor, MonitorReport } from '../../domain/monitoring.ts';
import { Agent, type AgentBounds, type AgentListener } from './agent.ts';

type Listening = { link: string; agent: Agent };

/** The agents of all machines that have one. */
export class Monitors {
  readonly #report: (report: MonitorReport) => void;
  readonly #bounds: AgentBounds;
  /** Milliseconds of a clock that does not go back. */
  readonly #now: () => number;
  readonly #agents = new Map<MachineId, Listening>();

  constructor(report: (report: MonitorReport) => void, bounds: AgentBounds, now: () => number) {
    this.#report = report;
    this.#bounds = bounds;
    this.#now = now;
  }

  /** Listens to what is new, and no more to what is not there any more or elsewhere. */
  async set(wanted: readonly MachineMonitor[]): Promise<void> {
    const links = new Map(wanted.map(({ machine, link }) => [machine, JSON.stringify(link)]));
    const stale = [...this.#agents].filter(([machine, { link }]) => links.get(machine) !== link);
    for (const [machine] of stale) this.#agents.delete(machine);
    for (const { machine, link } of wanted) {
      if (this.#agents.has(machine)) continue;
      const listener = this.#listener(machine);
      this.#agents.set(machine, { link: JSON.stringify(link), agent: new Agent(link, listener, this.#bounds) });
    }
    await Promise.all(stale.map(([, { agent }]) => agent.close()));
  }

  /** An agent repeats itself every second; the core hears what is new, and the rest now and then. */
  #listener(machine: MachineId): AgentListener {
    let last: { text: string; at: number } | undefined;
    const tell = (report: MonitorReport) => {
      const text = JSON.stringify(report);
      if (last?.text === text && this.#now() - last.at < limits.monitorRepeatMs) return;
      last = { text, at: this.#now() };
      this.#report(report);
    };
    return {
      heard: (observation) => tell({ kind: 'heard', machine, observation }),
      away: (reason) => tell({ kind: 'away', machine, reason }),
    };
  }

  close(): Promise<void> {
    return this.set([]);
  }
}
