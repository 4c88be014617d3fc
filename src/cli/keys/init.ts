import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { newSshKeyPair } from '../../edges/sftp/ssh-keys.ts';
import type { Config } from '../../platform/config.ts';
import { requestCertificate } from '../../signing/certificate-request.ts';
import { firstRoot, newSealKey, requireNoGateway } from '../../signing/initialise.ts';
import { keyFiles, releaseKeyFile } from '../../signing/key-files.ts';
import { newP256Key, privatePem, readPrivateKey } from '../../signing/keys.ts';
import { pemSigningKey, type SigningKey } from '../../signing/signing-key.ts';
import { cliContext, collect, example } from '../context.ts';
import { answer, usage } from '../output.ts';
import { openSigningKey, type SigningKeyOptions, signingKeyOptions } from '../signing-keys.ts';
import { type DraftOptions, draftOptions, draftTimes, writeDraft } from './draft.ts';
import { gatewayKeys } from './gateway-keys.ts';
import { certificate, namedInRoot, type RootOptions, rootOptions } from './root-options.ts';
import { newTlsKey } from './tls.ts';

type InitOptions = DraftOptions & RootOptions & { host?: string[]; certificate?: string; chain?: string[] };
type RequestOptions = SigningKeyOptions & { host?: string[]; name?: string };

export function addInitCommands(keys: Command): void {
  draftOptions(rootOptions(keys.command('init')))
    .description(
      "make a production gateway's keys and what its authority is asked for; then, with --certificate, the first trust root",
    )
    .option('--host <name>', 'also a key for HTTPS, for this name or address (repeatable)', collect)
    .option(
      '--certificate <file>',
      'what your authority issued for the release key: drafts version 1 of the trust root',
    )
    .option('--chain <file>', 'a certificate between that one and the authority (repeatable)', collect)
    .addHelpText(
      'after',
      `${example('keyway --config keyway.yaml keys init --host gateway.shop.example')}
  keyway --config keyway.yaml keys init --certificate release.crt.pem --authority "Shop CA=ca.pem:release,tls" \\
    --add-administrator ADMIN-1=admin-1.pub.pem --add-administrator ADMIN-2=admin-2.pub.pem`,
    )
    .action((options: InitOptions, command: Command) => {
      requireNoGateway(cliContext(command).config.paths.trust);
      return options.certificate === undefined ? makeKeys(options, command) : draftFirst(options, command);
    });

  signingKeyOptions(keys.command('request <what>'))
    .description('a new key for release or tls, or one that is named, and the request for its certificate (PKCS #10)')
    .option('--host <name>', 'tls: a name or address of the gateway (repeatable)', collect)
    .option('--name <text>', 'the common name; without it what the key is for, and the origin')
    .addHelpText('after', example('keyway keys request release'))
    .action(async (what: string, options: RequestOptions, command: Command) => {
      const { config, json } = cliContext(command);
      if (what !== 'release' && what !== 'tls') throw usage('Request a certificate for release or for tls.', 'what');
      const named = options.key ?? options.token;
      const key = named === undefined ? newKey(config, what) : await openSigningKey(options);
      const request = await writeRequest(config, key, what, options);
      answer(json, { request, keyId: key.keyId }, [`Wrote ${request}, for the key ${key.keyId}.`, nextFor(what)]);
    });
}

const nextFor = (what: 'release' | 'tls') =>
  `Next: let your authority issue it, then keyway keys rotate ${what} --certificate FILE.`;

/** What is there already stays: a second call asks for the same keys again. */
async function makeKeys(options: InitOptions, command: Command): Promise<void> {
  const { config, json } = cliContext(command);
  const { folder, ...there } = gatewayKeys(config);
  const absent = (name: string) => !existsSync(join(config.paths.keys, name));
  if (absent(keyFiles.seal)) folder.write(keyFiles.seal, newSealKey());
  if (absent(keyFiles.sshHost)) folder.write(keyFiles.sshHost, newSshKeyPair().private);
  if (there.ledgerKeyFiles().length === 0) folder.newLedgerKeys(config.origin);
  const requests: string[] = [];
  if (!config.signer.token) {
    const [known] = there.releaseKeyFiles();
    const key = known === undefined ? newKey(config, 'release') : pemSigningKey(there.read(known));
    requests.push(await writeRequest(config, key, 'release', {}));
  }
  if (options.host) {
    const path = join(config.paths.keys, newTlsKey);
    const key = absent(newTlsKey) ? newKey(config, 'tls') : pemSigningKey(readPrivateKey(path));
    requests.push(await writeRequest(config, key, 'tls', options));
  }
  answer(json, { keys: config.paths.keys, requests }, [
    `The keys of ${config.origin} are in ${config.paths.keys}.`,
    ...requests.map((file) => `  to be certified  ${file}`),
    ...(config.signer.token ? ['  to be certified  the key in the token: keyway keys request release --token …'] : []),
    'Next: let your authority issue them, then keyway keys init --certificate RELEASE --authority … --add-administrator … (and keyway keys rotate tls --certificate TLS).',
  ]);
}

function newKey(config: Config, what: 'release' | 'tls'): SigningKey {
  const key = newP256Key();
  const { folder } = gatewayKeys(config);
  // The TLS key is read by the door, which is given no passphrase.
  if (what === 'tls') folder.write(newTlsKey, privatePem(key));
  else folder.keepReleaseKey(key);
  return pemSigningKey(key);
}

async function writeRequest(
  config: Config,
  key: SigningKey,
  what: 'release' | 'tls',
  options: RequestOptions,
): Promise<string> {
  const hosts = options.host ?? [];
  if (what === 'tls' && hosts.length === 0) throw usage('Name the gateway as browsers will.', '--host');
  const commonName =
    options.name ?? (what === 'tls' ? (hosts[0] ?? '') : `Keyway release ${config.origin}`).slice(0, 64);
  const file = what === 'tls' ? newTlsKey : releaseKeyFile(key.keyId);
  const pem = await requestCertificate(key, { commonName, for: what, hosts });
  return gatewayKeys(config).folder.write(file.replace('.key.pem', '.csr.pem'), pem);
}

async function draftFirst(options: InitOptions, command: Command): Promise<void> {
  const { config } = cliContext(command);
  const keys = gatewayKeys(config);
  const chain = (options.chain ?? []).map((file) => certificate(file, '--chain'));
  const release = {
    certificate: certificate(options.certificate ?? '', '--certificate'),
    ...(chain.length > 0 && { chain }),
  };
  keys.requireReleaseKey(release.certificate);
  const vkeys = keys.soleLedgerPair(config.origin);
  if (!vkeys)
    throw usage('There are no ledger keys yet: run "keyway keys init" without --certificate first.', '--certificate');
  const { addAdministrators, addAuthorities, addTimestampAuthorities, threshold = 2 } = namedInRoot(options);
  const { nowMs, expiresMs } = draftTimes(options);
  const root = firstRoot({
    ...{ origin: config.origin, nowMs, expiresMs, threshold, release, vkeys },
    ...{
      administrators: addAdministrators,
      authorities: addAuthorities,
      timestampAuthorities: addTimestampAuthorities,
    },
  });
  await writeDraft(root, options, command);
}
