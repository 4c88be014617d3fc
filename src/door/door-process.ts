import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import { type Channel, serveCalls } from '../platform/rpc.ts';
import type { DoorProcedures } from './door-protocol.ts';
import { askCore, type Behind } from './remote-shelf.ts';

/** Listeners of one door. `close` takes no more connections, lets transfers end, and resolves when all is told. */
export type OpenDoor = {
  readonly ports: readonly number[];
  /** Ends the sessions of these machines whose credentials let nobody in any more; absent where no machine comes in. */
  review?(machines: ReadonlySet<MachineId>): void;
  close(): Promise<void>;
};

export type DoorProgram<Settings> = {
  /** As people call it: `SFTP`. */
  name: string;
  procedures: DoorProcedures<Settings>;
  open(settings: Settings, behind: Behind, log: Logger): Promise<OpenDoor>;
};

/**
 * A door as a process of its own: it meets hostile bytes, so it holds its transport keys and nothing else; it reads the
 * vault, and asks the core for every decision. SIGTERM drains it; the core's death ends it (see `parentChannel`).
 */
export function runDoor<Settings>(program: DoorProgram<Settings>, channel: Channel, log: Logger): void {
  const core = askCore(channel);
  let starting: Promise<OpenDoor> | undefined;

  const drain = async () => {
    const door = await starting?.catch(() => undefined);
    await door?.close();
  };
  serveCalls<DoorProcedures<Settings>>(channel, program.procedures, {
    async configure(settings) {
      if (starting !== undefined) throw new DomainError('conflict', `The ${program.name} door is configured already.`);
      starting = program.open(settings, core, log);
      const { ports } = await starting;
      log.info({ ports }, `the ${program.name} door is open`);
      return { ports: [...ports] };
    },
    async drain() {
      await drain();
      return null;
    },
    stop({ deliveryId, reason }) {
      core.stop(deliveryId, reason);
      return null;
    },
    async review({ machines }) {
      // Whose login was answered just before is inside first.
      await setImmediate();
      const door = await starting;
      door?.review?.(new Set(machines));
      return null;
    },
    ping: () => null,
  });
  // Ctrl-C reaches every process of the terminal; the core hears it too, drains, and then says SIGTERM.
  process.on('SIGINT', () => {});
  process.once('SIGTERM', () => {
    void drain().finally(() => process.exit(0));
  });
}
