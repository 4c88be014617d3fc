import type { Logger } from 'pino';
import type { MachineStanding } from '../../catalog/machine-register.ts';
import { DomainError } from '../../domain/errors.ts';
import type { SendingId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Sender, SendingProgress } from '../../domain/sending.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import type { Behind } from '../../door/remote-shelf.ts';
import { type RunningDoor, startDoor } from '../../door/start-door.ts';
import type { Config } from '../../platform/config.ts';
import { type Caller, type Channel, makeCaller, namedChannel, serveCalls } from '../../platform/rpc.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { defaultBounds } from './bounds.ts';
import { DoorSettings } from './door-settings.ts';
import { lineChannel, lineProcedures, lineReports, type MachineLine } from './line-protocol.ts';

export type SerialDoor = RunningDoor & Sender & { /** The register of machines has changed. */ follow(): void };

/** How the loader of the native part tells which C library it stands on. */
const musl = '/etc/alpine-release';

/** Each line that waits for a device to drain takes one of libuv's threads; files need some too. */
const threads = limits.serialLines + 8;

/**
 * The door of all serial lines as a process of its own, see `startDoor`. It follows the register of machines: a line is there while
 * its machine is registered with it and not suspended. Undefined where the configuration has none.
 */
export async function startSerialDoor(options: {
  config: Config;
  machines(): Iterable<MachineStanding>;
  behind: Behind;
  log: Logger;
}): Promise<SerialDoor | undefined> {
  const { paths, serial } = options.config;
  if (!serial) return undefined;
  const control = new LineControl(options.machines, options.log);
  const door = await startDoor({
    name: 'Serial',
    // Devices are opened by native code, which Node's permissions do not reach; the door holds itself to `devices`.
    command: sandboxedNode(new URL('./door.ts', import.meta.url), {
      ...{ read: [paths.vault, musl], write: [paths.inbound], addons: true, passesOn: true },
    }),
    procedures: doorProcedures(DoorSettings),
    ports: [],
    settings: (): DoorSettings => ({ devices: serial.devices, vaultFolder: paths.vault, bounds: defaultBounds }),
    behind: options.behind,
    log: options.log,
    environment: { UV_THREADPOOL_SIZE: String(threads) },
    onStart: (channel) => control.attach(namedChannel(channel, lineChannel)),
  });
  const { send, follow } = control;
  return Object.assign(door, { send, follow });
}

/** The core's end of the conversation about lines. It outlives the processes that it talks to. */
class LineControl implements Sender {
  readonly #machines: () => Iterable<MachineStanding>;
  readonly #log: Logger;
  readonly #listeners = new Map<SendingId, (progress: SendingProgress) => void>();
  #call: Caller<typeof lineProcedures> | undefined;
  #told = '';

  constructor(machines: () => Iterable<MachineStanding>, log: Logger) {
    this.#machines = machines;
    this.#log = log;
  }

  attach(channel: Channel): void {
    const unavailable = () => new DomainError('busy', 'The door of lines does not answer.');
    this.#call = makeCaller(channel, lineProcedures, { timeoutMs: limits.doorAnswerMs, unavailable });
    serveCalls(channel, lineReports, {
      progress: (progress) => {
        this.#tell(progress);
        return null;
      },
    });
    channel.onClose(() => this.#lost());
    this.#told = '';
    this.follow();
  }

  readonly follow = (): void => {
    const lines = linesOf(this.#machines());
    if (lines.length > limits.serialLines)
      this.#log.error({ lines: lines.length, most: limits.serialLines }, 'more lines than one gateway serves');
    const wanted = lines.slice(0, limits.serialLines);
    const text = JSON.stringify(wanted);
    if (!this.#call || text === this.#told) return;
    this.#told = text;
    this.#call('setLines', wanted).catch((err: unknown) => {
      this.#told = '';
      this.#log.error({ err }, 'the lines could not be set');
    });
  };

  readonly send: Sender['send'] = async (order, onProgress) => {
    if (!this.#call) throw new DomainError('busy', 'The door of lines is starting.');
    this.#listeners.set(order.sendingId, onProgress);
    try {
      // The door asks the shelf, which has as long: it must not send on while we say that it did not begin.
      return await this.#call('send', order, 2 * limits.doorAnswerMs);
    } catch (error) {
      this.#listeners.delete(order.sendingId);
      throw error;
    }
  };

  #tell(progress: SendingProgress): void {
    this.#listeners.get(progress.sendingId)?.(progress);
    if (progress.state === 'completed' || progress.state === 'failed') this.#listeners.delete(progress.sendingId);
  }

  #lost(): void {
    const reason = 'The door of lines ended; what the machine got is not known.';
    for (const sendingId of [...this.#listeners.keys()]) this.#tell({ sendingId, state: 'failed', bytes: 0, reason });
  }
}

/** The lines of the machines that may have programs, in order of their ids. */
function linesOf(machines: Iterable<MachineStanding>): MachineLine[] {
  return [...machines]
    .flatMap(({ machine: { id, line }, suspended }) => (line && !suspended ? [{ machine: id, line }] : []))
    .sort((a, b) => (a.machine < b.machine ? -1 : 1));
}
