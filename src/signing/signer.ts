/** The signer process: started by the gateway, speaks only over its IPC channel, opens no socket. */
import type { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { pino } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { parentChannel } from '../platform/child-process.ts';
import { systemClock } from '../platform/clock.ts';
import { type Handlers, serveCalls } from '../platform/rpc.ts';
import { loadRoutes } from '../policy/routes.ts';
import { CmsSigner } from './cms.ts';
import { SignerCore } from './signer-core.ts';
import { openSignerKeys, type SignerKeys } from './signer-keys.ts';
import { type SignerSettings, signerProcedures } from './signer-protocol.ts';
import { loadKnownTrust, type TrustedRelease } from './trust.ts';

type Running = { core: SignerCore; keys: SignerKeys };

async function start(settings: SignerSettings): Promise<Running> {
  const trust = loadKnownTrust(settings.trustFile, settings.trust);
  const routes = loadRoutes(settings.routesFile);
  const keys = await openSignerKeys(settings.keys, trust);
  const core = new SignerCore({
    trust,
    routes,
    releaseKey: keys.release,
    cms: await CmsSigner.create(keys.release, certificatesOf(trust.release)),
    ledgerSigners: keys.ledger,
    stateFile: settings.stateFile,
    clock: systemClock,
  });
  return { core, keys };
}

/** Its own certificate and what stands between it and the authority, which whoever verifies has already. */
const certificatesOf = ({ certificate, path }: TrustedRelease): [X509Certificate, ...X509Certificate[]] => [
  certificate,
  ...path.slice(1, -1),
];

/** In a network namespace of its own the only interface is a loopback that is down. */
function isIsolated(): boolean {
  try {
    return (
      readdirSync('/sys/class/net').length === 0 ||
      readFileSync('/proc/net/route', 'utf8').trim().split('\n').length === 1
    );
  } catch {
    return false;
  }
}

let running: Running | undefined;
let starting: Promise<Running> | undefined;

/** Acts while the keys are there. Without its token the signer signs nothing at all until it is configured again. */
async function withKeys<T>(act: (running: Running) => T | Promise<T>): Promise<T> {
  const now = running;
  if (!now) throw new DomainError('signer-unavailable', 'The signer is not configured yet.');
  try {
    return await act(now);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'token-unavailable' && running === now) {
      running = undefined;
      now.keys.close();
    }
    throw error;
  }
}

const handlers: Handlers<typeof signerProcedures> = {
  configure: async (settings) => {
    // Asked again after an answer that came too late, it must not open its keys a second time.
    if (!running) {
      starting ??= start(settings).finally(() => {
        starting = undefined;
      });
      running = await starting;
    }
    return { isolated: isIsolated() };
  },
  ping: () =>
    withKeys(({ keys }) => {
      keys.requireThere();
      return {};
    }),
  lastSigned: () => withKeys(({ core }) => core.lastSigned()),
  signCheckpoint: (head) => withKeys(({ core }) => core.signCheckpoint(head)),
  followLedger: () => withKeys(({ core }) => core.followLedger()),
  takeLeaves: (part) => withKeys(({ core }) => core.takeLeaves(part)),
  signRelease: (request) => withKeys(({ core }) => core.signRelease(request)),
};
// Ctrl-C reaches the whole group; the core decides when the signer ends, which is last.
process.on('SIGINT', () => {});
const log = pino({ name: 'keyway', base: { room: 'signer' } }, pino.destination(2));
serveCalls(parentChannel(), signerProcedures, handlers, (err) => log.error({ err }, 'unforeseen'));
