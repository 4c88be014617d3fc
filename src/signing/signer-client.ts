import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { limits } from '../domain/limits.ts';
import { superviseChild } from '../platform/child-process.ts';
import type { Caller } from '../platform/rpc.ts';
import { sandboxedNode } from '../platform/sandbox.ts';
import type { SignerSettings, signerProcedures } from './signer-protocol.ts';
import { describeTrouble, type SignerTrouble, SignerWatch, signerUnavailable } from './signer-watch.ts';

/** The core's side of the signer: calls it, watches it, and knows whether it is answering. */
export interface Signer {
  call: Caller<typeof signerProcedures>;
  /** Throws `signer-unavailable`, with the reason, unless the signer answered within the last `limits.signerStaleMs`. */
  requireReady(): void;
  readonly ready: boolean;
  /** Undefined while it is ready. */
  readonly trouble: SignerTrouble | undefined;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export type SignerOptions = {
  settings: SignerSettings;
  vaultFolder: string;
  /** What the module of its token is told by its environment. */
  environment?: Readonly<Record<string, string>>;
  log: Logger;
};

/** The program that runs the signer: Node's permission model over its files, and no network where the kernel lets us. */
function signerCommand({ settings, vaultFolder }: SignerOptions): [string, ...string[]] {
  const { keys, trustFile, routesFile } = settings;
  const state = dirname(settings.stateFile);
  const secrets = [keys.passphrase, keys.token?.pin].flatMap((secret) => secret?.path ?? []);
  const node = sandboxedNode(new URL('./signer.ts', import.meta.url), {
    read: [keys.folder, ...secrets, trustFile, routesFile, vaultFolder, state, '/proc/net/route', '/sys/class/net'],
    write: [state],
    // The module of a token is native code, which no permission model holds back.
    addons: keys.token !== undefined,
  });
  return canUnshareNetwork() ? ['unshare', '--user', '--map-current-user', '--net', '--', ...node] : node;
}

const canUnshareNetwork = (): boolean =>
  spawnSync('unshare', ['--user', '--map-current-user', '--net', '--', 'true'], { stdio: 'ignore' }).status === 0;

export function startSigner(options: SignerOptions): Signer {
  const { settings, log } = options;
  const watch = new SignerWatch(settings, log);
  const child = superviseChild({
    name: 'signer',
    command: signerCommand(options),
    // Nothing else of our environment is the signer's business.
    environment: { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV, ...options.environment },
    onStart: (channel, pid) => watch.started(channel, pid),
    onExit: (detail, expected) => {
      watch.ended();
      log[expected ? 'info' : 'warn']({ detail }, 'signer ended');
    },
  });
  const heartbeat = setInterval(() => watch.look(), limits.signerPingMs);
  heartbeat.unref();

  return {
    call: (name, input) => watch.call(name, input),
    requireReady() {
      if (watch.trouble) throw signerUnavailable(describeTrouble(watch.trouble));
    },
    get ready() {
      return watch.trouble === undefined;
    },
    get trouble() {
      return watch.trouble;
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
