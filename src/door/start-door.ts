import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { superviseChild } from '../platform/child-process.ts';
import { type Caller, type Channel, makeCaller } from '../platform/rpc.ts';
import type { DoorProcedures } from './door-protocol.ts';
import { type Behind, serveDoor } from './remote-shelf.ts';

/** A door process that is kept running. `ports` are those that its listeners first got, and keep. */
export type RunningDoor = {
  readonly ports: readonly number[];
  readonly ready: boolean;
  /** These machines are not what they were: whoever came in as one of them is asked for again. */
  review(machines: readonly MachineId[]): void;
  pids(): (number | undefined)[];
  stop(): Promise<void>;
};

export type DoorToStart<Settings> = {
  /** As people call it: `SFTP`. */
  name: string;
  command: readonly [string, ...string[]];
  procedures: DoorProcedures<Settings>;
  /** The ports that are asked for; 0 lets the system choose, and a restart asks for what it chose. */
  ports: readonly number[];
  settings(ports: readonly number[]): Settings;
  behind: Behind;
  log: Logger;
  /** Beside the usual, where the door's libraries ask for it. */
  environment?: NodeJS.ProcessEnv;
  /** A process has begun: what this door is told beside the settings has its own conversation. */
  onStart?(channel: Channel): void;
};

/**
 * Starts a door process and keeps it running on the ports that it first got. Rejects when it cannot listen the first
 * time; later failures are logged and tried again.
 */
export function startDoor<Settings>(door: DoorToStart<Settings>): Promise<RunningDoor> {
  const { name, log } = door;
  let ports = door.ports;
  let ready = false;
  let ask: Caller<DoorProcedures<Settings>> | undefined;
  return new Promise((resolve, reject) => {
    let started = false;
    const child = superviseChild({
      name: name.toLowerCase(),
      command: door.command,
      environment: { ...door.environment, NODE_ENV: process.env.NODE_ENV, KEYWAY_LOG_LEVEL: log.level },
      onStart: (channel, pid) => {
        const unavailable = () => new DomainError('busy', `The ${name} door does not answer.`);
        const call = makeCaller<DoorProcedures<Settings>>(channel, door.procedures, {
          timeoutMs: limits.doorAnswerMs,
          unavailable,
        });
        ask = call;
        const notRecorded = (err: unknown) => log.error({ err }, 'the end of a transfer could not be recorded');
        serveDoor(channel, door.behind, notRecorded, (deliveryId, reason) => {
          call('stop', { deliveryId, reason }).catch((err: unknown) =>
            log.error({ err, deliveryId }, 'a delivery could not be stopped'),
          );
        });
        call('configure', door.settings(ports)).then(
          (answer) => {
            ports = answer.ports;
            ready = true;
            door.onStart?.(channel);
            log.info({ pid, ports }, `${name} door open`);
            started = true;
            resolve(running);
          },
          (error: Error) => {
            log.error({ pid, err: error.message }, `${name} door did not open`);
            if (!started) void child.stop().then(() => reject(error));
          },
        );
      },
      onExit: (detail, expected) => {
        ready = false;
        log[expected ? 'info' : 'warn']({ detail }, `${name} door ended`);
      },
    });
    const running: RunningDoor = {
      get ports() {
        return ports;
      },
      get ready() {
        return ready;
      },
      review(machines) {
        // A door that is not open has nobody inside.
        if (!ready || machines.length === 0) return;
        ask?.('review', { machines: [...machines] }).catch((err: unknown) =>
          log.error({ err, machines }, 'sessions could not be asked for again'),
        );
      },
      pids: () => [child.pid],
      stop: () => child.stop(),
    };
  });
}

/**
 * As `startDoor`, in several processes that share the ports of the first: each has its own conversation with the core, and
 * what becomes of one leaves the others as they are. It is ready while one of them is.
 */
export async function startDoors<Settings>(door: DoorToStart<Settings>, processes: number): Promise<RunningDoor> {
  const first = await startDoor(door);
  const more = Array.from({ length: processes - 1 }, () => startDoor({ ...door, ports: first.ports }));
  const started = await Promise.allSettled(more);
  const all = [first, ...started.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))];
  const stop = async () => void (await Promise.all(all.map((one) => one.stop())));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    ports: first.ports,
    get ready() {
      return all.some((one) => one.ready);
    },
    review: (machines) => {
      for (const one of all) one.review(machines);
    },
    pids: () => all.flatMap((one) => one.pids()),
    stop,
  };
}
