import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Sender, SendingBegun, SendingOrder, SendingProgress } from '../../domain/sending.ts';
import { Line, type LineServices } from './line.ts';
import type { MachineLine } from './line-protocol.ts';

/** The lines to all machines that have one. */
export class Lines implements Sender {
  readonly #services: LineServices;
  readonly #lines = new Map<MachineId, Line>();
  #closing = false;
  #setting: Promise<void> = Promise.resolve();

  constructor(services: LineServices) {
    this.#services = services;
  }

  /** Opens what is new, closes what is not there any more or has other settings. Resolves when what ended is on record. */
  set(wanted: readonly MachineLine[]): Promise<void> {
    this.#setting = this.#setting.then(() => this.#set(wanted));
    return this.#setting;
  }

  async #set(wanted: readonly MachineLine[]): Promise<void> {
    const settings = new Map(wanted.map(({ machine, line }) => [machine, JSON.stringify(line)]));
    const stale = [...this.#lines.values()].filter(
      (line) => settings.get(line.machine) !== JSON.stringify(line.settings),
    );
    for (const { machine } of stale) this.#lines.delete(machine);
    await Promise.all(stale.map((line) => line.close('The line of this machine was closed or changed.')));
    if (this.#closing) return;
    for (const { machine, line } of wanted) {
      if (!this.#lines.has(machine)) this.#lines.set(machine, new Line(machine, line, this.#services));
    }
  }

  async send(order: SendingOrder, onProgress: (progress: SendingProgress) => void): Promise<SendingBegun> {
    if (this.#closing) throw new DomainError('busy', 'The gateway is stopping.');
    const line = this.#lines.get(order.machine);
    if (!line) throw new DomainError('busy', `There is no line to ${order.machine}.`);
    const { sendingId } = order;
    const report = nowAndThen((progress: SendingProgress) => onProgress(progress), this.#services.now);
    return line.send(order, (progress) => report({ sendingId, ...progress }));
  }

  /** Takes no more orders, gives what is under way its time, then closes all. */
  async close(): Promise<void> {
    this.#closing = true;
    const lines = [...this.#lines.values()];
    const closeAll = () => Promise.all(lines.map((line) => line.close('The gateway is stopping.')));
    const cutOff = setTimeout(() => void closeAll(), this.#services.bounds.drainMs);
    await Promise.all(lines.map((line) => line.drained()));
    clearTimeout(cutOff);
    await closeAll();
  }
}

/** Progress is told a few times a second; a change of state always. */
function nowAndThen(tell: (progress: SendingProgress) => void, now: () => number): (progress: SendingProgress) => void {
  let last: { state: SendingProgress['state']; at: number } | undefined;
  return (progress) => {
    if (last?.state === progress.state && now() - last.at < limits.serialProgressMs) return;
    last = { state: progress.state, at: now() };
    tell(progress);
  };
}
