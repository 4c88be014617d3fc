import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { superviseChild } from '../platform/child-process.ts';
import { type Caller, makeCaller } from '../platform/rpc.ts';
import { sandboxedNode } from '../platform/sandbox.ts';
import { type SignerSettings, signerProcedures } from './signer-protocol.ts';

export const signerUnavailable = () =>
  new DomainError(
    'signer-unavailable',
    'The signer is not answering, so nothing can be released or delivered; deposits are still taken. Call the administrator.',
  );

/** The core's side of the signer: calls it, watches it, and knows whether it is answering. */
export interface Signer {
  call: Caller<typeof signerProcedures>;
  /** Throws `signer-unavailable` unless the signer answered within the last `limits.signerStaleMs`. */
  requireReady(): void;
  readonly ready: boolean;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** The program that runs the signer: Node's permission model over its files, and no network where the kernel lets us. */
function signerCommand(settings: SignerSettings, vaultFolder: string): [string, ...string[]] {
  const { keysFolder, trustFile, routesFile } = settings;
  const state = dirname(settings.stateFile);
  const node = sandboxedNode(new URL('./signer.ts', import.meta.url), {
    read: [keysFolder, trustFile, routesFile, vaultFolder, state, '/proc/net/route', '/sys/class/net'],
    write: [state],
  });
  return canUnshareNetwork() ? ['unshare', '--user', '--map-current-user', '--net', '--', ...node] : node;
}

const canUnshareNetwork = (): boolean =>
  spawnSync('unshare', ['--user', '--map-current-user', '--net', '--', 'true'], { stdio: 'ignore' }).status === 0;

export function startSigner(options: { settings: SignerSettings; vaultFolder: string; log: Logger }): Signer {
  const { settings, log } = options;
  let current: Caller<typeof signerProcedures> | undefined;
  let answeredAt = Number.NEGATIVE_INFINITY;

  const call: Caller<typeof signerProcedures> = async (name, input) => {
    if (!current) throw signerUnavailable();
    const output = await current(name, input);
    answeredAt = performance.now();
    return output;
  };
  const isReady = () => performance.now() - answeredAt <= limits.signerStaleMs;
  const child = superviseChild({
    name: 'signer',
    command: signerCommand(settings, options.vaultFolder),
    // Nothing of our environment is the signer's business.
    environment: { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV },
    onStart: (channel, pid) => {
      const caller = makeCaller(channel, signerProcedures, {
        timeoutMs: limits.signerAnswerMs,
        unavailable: signerUnavailable,
      });
      caller('configure', settings).then(
        ({ isolated }) => {
          current = caller;
          answeredAt = performance.now();
          log.info(
            { pid, isolated },
            isolated
              ? 'signer ready, without network'
              : 'signer ready; this system does not let it give up the network',
          );
        },
        (error: Error) => log.error({ pid, err: error.message }, 'signer did not start'),
      );
    },
    onExit: (detail, expected) => {
      current = undefined;
      answeredAt = Number.NEGATIVE_INFINITY;
      log[expected ? 'info' : 'warn']({ detail }, 'signer ended');
    },
  });
  const heartbeat = setInterval(() => {
    if (current) call('ping', {}).catch(() => log.warn('signer does not answer'));
  }, limits.signerPingMs);
  heartbeat.unref();

  return {
    call,
    requireReady() {
      if (!isReady()) throw signerUnavailable();
    },
    get ready() {
      return isReady();
    },
    get pid() {
      return child.pid;
    },
    async stop() {
      clearInterval(heartbeat);
      await child.stop();
    },
  };
}
