import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { lastEntryMs } from '../../ledger/entry-time.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createFile, replaceFile } from '../../platform/durable-file.ts';
import { requireUsableTrust } from '../../signing/configured-trust.ts';
import { loadTrust, loadTrustFile, type Trust } from '../../signing/trust.ts';
import { formatTrustFile } from '../../signing/trust-root.ts';
import { signTrust } from '../../signing/trust-signatures.ts';
import { requireSuccessor } from '../../signing/trust-succession.ts';
import { cliContext, example } from '../context.ts';
import { readLedger } from '../ledger/ledger-file.ts';
import { answer } from '../output.ts';
import { openSigningKey, type SigningKeyOptions, signingKeyOptions } from '../signing-keys.ts';
import { draftPath, progressLines, progressOf } from './draft.ts';
import { gatewayKeys } from './gateway-keys.ts';

export function addSignCommands(keys: Command): void {
  signingKeyOptions(keys.command('sign-root <file>'))
    .description("add one administrator's signature to a trust root; needs no gateway and no configuration")
    .addHelpText('after', example('keyway keys sign-root trust-next.json --key admin-1.p12'))
    .action(async (path: string, options: SigningKeyOptions, command: Command) => {
      const { json } = cliContext(command);
      const file = await signTrust(loadTrustFile(path), await openSigningKey(options));
      replaceFile(path, formatTrustFile(file), 0o644);
      answer(json, { file: path, ...progressOf(file) }, [`Signed ${path}.`, ...progressLines(file, path)]);
    });

  keys
    .command('install [file]')
    .description('put a trust root that enough administrators have signed in force, from the next start on')
    .addHelpText('after', example('keyway keys install trust-next.json'))
    .action(install);
}

function install(path: string | undefined, _options: unknown, command: Command): void {
  const { config, json } = cliContext(command);
  const file = path ?? draftPath(config);
  const next = loadTrust(file);
  requireUsableTrust(config, next);
  gatewayKeys(config).requireKeysOf(next);
  const before = existsSync(config.paths.trust) ? loadTrust(config.paths.trust) : undefined;
  if (before) requireSuccessor(before.file, next.file, { timeMs: systemClock(), lastEntryMs: newestEntryMs(config) });
  else if (next.version !== 1)
    throw new DomainError('conflict', `The first trust root is version 1, not ${next.version}.`);
  // The older file stays beside the new one: a ledger that never started with it still asks for it.
  if (before) replaceFile(join(config.data, `trust-${before.version}.json`), formatTrustFile(before.file), 0o644);
  if (before) replaceFile(config.paths.trust, formatTrustFile(next.file), 0o644);
  else createFile(config.paths.trust, formatTrustFile(next.file), 0o644);
  answer(json, { trust: config.paths.trust, version: next.version, root: next.digest }, [
    `Version ${next.version} of the trust root is in ${config.paths.trust} (${next.digest}).`,
    ...rotated(before, next),
    'Next: start the gateway again, before any later version is installed; and hand the file to whoever audits you.',
  ]);
}

function rotated(before: Trust | undefined, next: Trust): string[] {
  const pair = ({ ledgerVerifiers }: Trust) => ledgerVerifiers.map(({ vkey }) => vkey);
  if (!before || pair(before).join() === pair(next).join()) return [];
  return [
    'Witnesses need the new ledger keys (nextKeys in their configuration):',
    ...pair(next).map((key) => `  ${key}`),
  ];
}

function newestEntryMs({ paths }: Config): number | undefined {
  if (!existsSync(paths.ledger)) return undefined;
  return readLedger(paths.ledger, (reader) => (reader.size() === 0 ? undefined : lastEntryMs(reader)(reader.size())));
}
