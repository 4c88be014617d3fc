import type { Logger } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import type { SendingId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import type { Pusher, PushListener } from '../../domain/pushing.ts';
import { doorProcedures } from '../../door/door-protocol.ts';
import type { Behind } from '../../door/remote-shelf.ts';
import { type RunningDoor, startDoor } from '../../door/start-door.ts';
import type { Config } from '../../platform/config.ts';
import { type Caller, type Channel, makeCaller, namedChannel, serveCalls } from '../../platform/rpc.ts';
import { sandboxedNode } from '../../platform/sandbox.ts';
import { secretFile } from '../../platform/secret.ts';
import { DoorSettings, defaultBounds } from './door-settings.ts';
import { mountTable } from './folder-target.ts';
import { pushChannel, pushProcedures, pushReports } from './push-protocol.ts';

/**
 * The door of pushes as a process of its own, see `startDoor`: it may write in the folders that the configuration names, read the
 * secrets that it names, and nothing else. Undefined where the configuration has none.
 */
export async function startPushDoor(options: {
  config: Config;
  behind: Behind;
  log: Logger;
}): Promise<(RunningDoor & Pusher) | undefined> {
  const { paths, push } = options.config;
  if (!push) return undefined;
  const secrets = Object.fromEntries(
    Object.entries(push.secrets).map(([name, place]) => [name, secretFile(place, process.env.CREDENTIALS_DIRECTORY)]),
  );
  // A folder that is not there yet at the start would be taken for a file.
  const folders = push.folders.flatMap((folder) => [folder, `${folder}/*`]);
  const control = new PushControl();
  const door = await startDoor({
    name: 'Push',
    command: sandboxedNode(new URL('./door.ts', import.meta.url), {
      read: [paths.vault, mountTable, ...folders, ...Object.values(secrets).map(({ path }) => path)],
      write: [paths.inbound, ...folders],
      addons: true,
      passesOn: true,
    }),
    procedures: doorProcedures(DoorSettings),
    ports: [],
    settings: (): DoorSettings => ({
      ...{ folders: push.folders, secrets, vaultFolder: paths.vault, bounds: defaultBounds },
    }),
    behind: options.behind,
    log: options.log,
    onStart: (channel) => control.attach(namedChannel(channel, pushChannel)),
  });
  const { push: put, survey, remove, clear } = control;
  return Object.assign(door, { push: put, survey, remove, clear });
}

/** The core's end of the conversation about pushes. It outlives the processes that it talks to. */
class PushControl implements Pusher {
  readonly #listeners = new Map<SendingId, PushListener>();
  #call: Caller<typeof pushProcedures> | undefined;

  attach(channel: Channel): void {
    const unavailable = () => new DomainError('busy', 'The door of pushes does not answer.');
    this.#call = makeCaller(channel, pushProcedures, { timeoutMs: limits.pushWorkMs, unavailable });
    serveCalls(channel, pushReports, {
      placing: async ({ sendingId, deliveryId }) => {
        const listener = this.#listeners.get(sendingId);
        if (!listener) throw new DomainError('conflict', 'Nobody waits for this push.');
        await listener.placing(deliveryId);
        return null;
      },
      progress: ({ sendingId, deliveryId, bytes }) => {
        this.#listeners.get(sendingId)?.progress(deliveryId, bytes);
        return null;
      },
    });
  }

  readonly push: Pusher['push'] = async (order, listener) => {
    this.#listeners.set(order.sendingId, listener);
    try {
      return await this.#started()('push', order);
    } finally {
      this.#listeners.delete(order.sendingId);
    }
  };

  readonly survey: Pusher['survey'] = async (order) => this.#started()('survey', order);
  readonly remove: Pusher['remove'] = async (order) => this.#started()('remove', order);
  readonly clear: Pusher['clear'] = async (order) => void (await this.#started()('clear', order));

  #started(): Caller<typeof pushProcedures> {
    if (this.#call) return this.#call;
    throw new DomainError('busy', 'The door of pushes is starting.');
  }
}
