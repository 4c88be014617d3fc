import type { Command } from 'commander';
import { KeyId } from '../../domain/people.ts';
import { ShortText } from '../../domain/text.ts';
import { rfc3339 } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { nextRoot, type RootChange } from '../../signing/next-root.ts';
import { loadTrust } from '../../signing/trust.ts';
import { cliContext, collect, example } from '../context.ts';
import { parsed, usage } from '../output.ts';
import { instant } from '../run.ts';
import { type DraftOptions, draftOptions, draftTimes, writeDraft } from './draft.ts';
import { gatewayKeys } from './gateway-keys.ts';
import { certificate, namedInRoot, type RootOptions, rootOptions } from './root-options.ts';
import { rotateTls } from './tls.ts';

type ReleaseOptions = { certificate?: string; chain?: string[] };
type ChangeOptions = DraftOptions & RootOptions & { removeAdministrator?: string[]; endAuthority?: string[] };

/** The next version of the trust root, as a file for the administrators to sign. */
export function addChangeCommands(keys: Command): void {
  draftOptions(rootOptions(keys.command('change-root')))
    .description('draft the next version of the trust root: administrators, authorities, or only a new time')
    .option('--remove-administrator <id>', 'a person, or the id of one of their keys (repeatable)', collect)
    .option('--end-authority <name>', 'an authority that vouches for nothing more (repeatable)', collect)
    .addHelpText('after', example('keyway keys change-root --add-administrator ADMIN-3=admin-3.pub.pem --threshold 2'))
    .action((options: ChangeOptions, command: Command) => {
      const { removeAdministrator, endAuthority = [] } = options;
      const change = { ...namedInRoot(options), endAuthorities: endAuthority };
      const leaving = removeAdministrator as RootChange['removeAdministrators'];
      return draft({ ...change, ...(leaving ? { removeAdministrators: leaving } : {}) }, options, command);
    });

  draftOptions(rootOptions(keys.command('rotate <what...>')))
    .description('put new keys in the place of those that sign: release, ledger, or both; or tls, which no root names')
    .option('--certificate <file>', 'release, tls: what your authority issued for the new key (keyway keys request)')
    .option('--chain <file>', 'release: a certificate between that one and the authority (repeatable)', collect)
    .addHelpText(
      'after',
      `${example('keyway keys rotate release ledger --certificate release.crt.pem')}
The old keys stay in force for the handover; witnesses have to be told the new ledger keys.`,
    )
    .action(rotate);

  draftOptions(keys.command('revoke <key-id>'))
    .description('declare a release key to be in other hands: what it signed from then on is not delivered any more')
    .requiredOption('--reason <text>', 'why; it stands in the trust root')
    .option('--since <time>', 'from when on (RFC 3339); now where nothing is said')
    .addHelpText(
      'after',
      example('keyway keys revoke sha256:… --since 2026-11-20T00:00:00Z --reason "Backup was stolen"'),
    )
    .action((keyId: string, options: DraftOptions & { reason: string; since?: string }, command: Command) => {
      const at = instant(options.since) ?? rfc3339(draftTimes(options).nowMs);
      const reason = parsed(ShortText, options.reason, '--reason');
      const revokeReleaseKey = { keyId: parsed(KeyId, keyId, 'key-id'), at, reason };
      return draft({ revokeReleaseKey }, options, command);
    });
}

type RotateOptions = DraftOptions & RootOptions & ReleaseOptions;

async function rotate(what: string[], options: RotateOptions, command: Command): Promise<void> {
  const { config } = cliContext(command);
  if (what.join() === 'tls') return rotateTls(certificateOption(options), command);
  if (what.some((one) => one !== 'release' && one !== 'ledger')) throw usage('Rotate release, ledger, or tls.', 'what');
  const { origin } = loadTrust(config.paths.trust);
  const change: RootChange = namedInRoot(options);
  if (what.includes('release')) change.releaseKey = newRelease(config, options);
  if (what.includes('ledger')) change.vkeys = gatewayKeys(config).folder.newLedgerKeys(origin);
  await draft(change, options, command);
}

function newRelease(config: Config, options: ReleaseOptions): NonNullable<RootChange['releaseKey']> {
  const issued = certificate(certificateOption(options), '--certificate');
  gatewayKeys(config).requireReleaseKey(issued);
  const chain = (options.chain ?? []).map((file) => certificate(file, '--chain'));
  return { certificate: issued, ...(chain.length > 0 && { chain }) };
}

function certificateOption({ certificate: file }: ReleaseOptions): string {
  if (file === undefined)
    throw usage('Name what your authority issued (keyway keys request makes what it needs).', '--certificate');
  return file;
}

function draft(change: RootChange, options: DraftOptions, command: Command): Promise<void> {
  const { config } = cliContext(command);
  const { file } = loadTrust(config.paths.trust);
  return writeDraft(nextRoot(file.root, change, draftTimes(options)), options, command);
}
