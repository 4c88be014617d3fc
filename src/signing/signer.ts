/** The signer process: started by the gateway, speaks only over its IPC channel, opens no socket. */
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { makeSigner } from '../merkle/note.ts';
import { parentChannel } from '../platform/child-process.ts';
import { systemClock } from '../platform/clock.ts';
import { type Handlers, serveCalls } from '../platform/rpc.ts';
import { loadRoutes } from '../policy/routes.ts';
import { CmsSigner } from './cms.ts';
import { keyFiles } from './key-files.ts';
import { isP256, keyIdOf, readPrivateKey } from './keys.ts';
import { SignerCore } from './signer-core.ts';
import { type SignerSettings, signerProcedures } from './signer-protocol.ts';
import { loadTrust } from './trust.ts';

async function makeCore(settings: SignerSettings): Promise<SignerCore> {
  const trust = loadTrust(settings.trustFile);
  const key = (name: string) => readPrivateKey(join(settings.keysFolder, name));
  const releaseKey = key(keyFiles.release);
  if (!isP256(releaseKey) || keyIdOf(releaseKey) !== trust.releaseKey.keyId) {
    throw new DomainError('config-invalid', 'The release key is not the one that the trust file names.');
  }
  const certificate = new X509Certificate(readFileSync(join(settings.keysFolder, keyFiles.releaseCertificate)));
  return new SignerCore({
    trust,
    routes: loadRoutes(settings.routesFile),
    releaseKey,
    cms: await CmsSigner.create(releaseKey, [certificate]),
    ledgerSigners: [keyFiles.ledgerEd25519, keyFiles.ledgerP256].map((name) => makeSigner(trust.origin, key(name))),
    stateFile: settings.stateFile,
    clock: systemClock,
  });
}

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

let core: SignerCore | undefined;
const ready = (): SignerCore => {
  if (!core) throw new DomainError('signer-unavailable', 'The signer is not configured yet.');
  return core;
};

const handlers: Handlers<typeof signerProcedures> = {
  configure: async (settings) => {
    if (core) throw new DomainError('conflict', 'The signer is configured once.');
    core = await makeCore(settings);
    return { isolated: isIsolated() };
  },
  ping: () => {
    ready();
    return {};
  },
  lastSigned: () => ready().lastSigned(),
  signCheckpoint: (head) => ready().signCheckpoint(head),
  signRelease: (request) => ready().signRelease(request),
};
// Ctrl-C reaches the whole group; the core decides when the signer ends, which is last.
process.on('SIGINT', () => {});
const log = pino({ name: 'keyway', base: { room: 'signer' } }, pino.destination(2));
serveCalls(parentChannel(), signerProcedures, handlers, (err) => log.error({ err }, 'unforeseen'));
