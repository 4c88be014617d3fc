import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { pino } from 'pino';
import { DomainError } from '../../domain/errors.ts';
import { anchorPath } from '../../ledger/anchor.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open.ts';
import { SpaceGuard } from '../../ledger/space.ts';
import { verifyLedger } from '../../ledger/verify-parallel.ts';
import { rfc3339, systemClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { type DataPaths, dataPaths } from '../../platform/data-paths.ts';
import { readFileIfThere, replaceFile } from '../../platform/durable-file.ts';
import { holdLock } from '../../platform/sqlite.ts';
import { type ForkRequest, forkLedger, type OldLedger, readOldLedger, requireLost } from '../../services/fork.ts';
import { readSealKey } from '../../signing/key-files.ts';
import { loadTrust, type Trust } from '../../signing/trust.ts';
import { cliContext, example } from '../context.ts';
import { answer, usage } from '../output.ts';
import { newestTree, readLedger } from './ledger-file.ts';

type ForkOptions = { old: string; by: string; reason: string; unreached?: string };

export function addForkCommand(ledger: Command): void {
  ledger
    .command('fork')
    .description('go on after a ledger whose newest entries are lost: under a new origin, which names the old one')
    .requiredOption('--old <folder>', 'the data folder whose start is refused; it is frozen and kept for auditors')
    .requiredOption('--by <who>', 'who decides this')
    .requiredOption('--reason <text>', 'what happened')
    .option('--unreached <checkpoint>', 'the checkpoint that was anchored or witnessed; without it the old anchor')
    .addHelpText(
      'after',
      `${example('keyway --config new.yaml init && keyway --config new.yaml ledger fork --old data --by QA-1 --reason "Disk lost"')}
new.yaml names another data folder and another origin. Start the new gateway afterwards.`,
    )
    .action((options: ForkOptions, command: Command) => fork(options, command));
}

async function fork({ old: folder, by, reason, unreached }: ForkOptions, command: Command): Promise<void> {
  const { config, json } = cliContext(command);
  const paths = dataPaths(resolve(folder));
  const [trust, oldTrust] = [loadTrust(config.paths.trust), loadTrust(paths.trust)];
  requireNewOrigin(config, trust, oldTrust);
  const locks = [config.paths.lock, paths.lock].map(holdLock);
  try {
    const lost = checkpointText(unreached, resolve(folder), oldTrust);
    const old = await oldLedger(paths, oldTrust, lost);
    // First, and the same whenever it is done again: two gateways must never both go on.
    freeze(paths, old, { by, reason, origin: trust.origin });
    const actor = { kind: 'local', account: userInfo().username } as const;
    await begin(config, trust, old, { actor, by, reason, unreached: lost });
    tell(json, old, trust, resolve(folder));
  } finally {
    for (const lock of locks) lock.release();
  }
}

function requireNewOrigin(config: Config, trust: Trust, old: Trust): void {
  if (trust.origin !== config.origin) {
    const message = `origin: the configuration says ${config.origin}, ${config.paths.trust} says ${trust.origin}.`;
    throw new DomainError('config-invalid', message);
  }
  if (trust.origin === old.origin)
    throw usage('The new ledger needs an origin of its own: set another one in its configuration.', 'origin');
  const keys = new Set(ledgerKeyIds(old));
  if (ledgerKeyIds(trust).some((key) => keys.has(key)))
    throw usage('The new ledger needs ledger keys of its own.', 'origin');
}

const ledgerKeyIds = ({ ledgerVerifiers, earlierLedgerKeys = [] }: Trust): string[] =>
  [...ledgerVerifiers, ...earlierLedgerKeys.flatMap(({ verifiers }) => verifiers)].map(({ keyId }) =>
    keyId.toString('hex'),
  );

function checkpointText(file: string | undefined, folder: string, { origin }: Trust): string {
  if (file !== undefined) return readFileSync(file, 'utf8');
  const anchored = readFileIfThere(anchorPath(join(folder, 'anchor'), origin));
  if (anchored) return anchored.toString('utf8');
  throw usage(
    'Name the checkpoint that the old ledger does not reach, from its anchor or from a witness.',
    'unreached',
  );
}

/** Believed only once every entry of it was verified. */
async function oldLedger(paths: DataPaths, trust: Trust, unreached: string): Promise<OldLedger> {
  if (!existsSync(paths.ledger)) throw new DomainError('not-found', `${paths.ledger}: there is no ledger.`);
  const { problems } = await verifyLedger(paths.ledger, trust);
  if (problems[0])
    throw new DomainError(
      'not-verified',
      `The old ledger does not verify, so nothing can go on after it: ${problems[0].message}`,
    );
  return readLedger(paths.ledger, (reader) => {
    requireLost(reader, trust, unreached);
    return readOldLedger(reader, trust, newestTree(reader, trust).checkpoint);
  });
}

/** What a start of the old folder is refused with from now on, and its last word for auditors. */
function freeze(
  paths: DataPaths,
  { origin, final }: OldLedger,
  by: { by: string; reason: string; origin: string },
): void {
  const time = rfc3339(systemClock());
  const frozen = { origin, final: final.note, goesOnAs: by.origin, by: by.by, reason: by.reason, time };
  replaceFile(paths.frozen, `${JSON.stringify(frozen, null, 2)}\n`, 0o644);
}

async function begin(config: Config, trust: Trust, old: OldLedger, request: ForkRequest): Promise<void> {
  const { paths } = config;
  const sealKey = readSealKey(paths.keys);
  const opened = openLedger({ path: paths.ledger, summary: paths.summary, trust, sealKey });
  try {
    const ledger = new Ledger({
      ...opened,
      sealKey,
      space: new SpaceGuard(config.data, systemClock),
      clock: systemClock,
      random: (size) => randomBytes(size),
      log: pino({ name: 'keyway', level: 'error' }, pino.destination({ fd: 2, sync: true })),
      onAppended: () => {},
      onFatal: () => {},
    });
    await forkLedger(ledger, trust, old, request);
  } finally {
    opened.store.close();
  }
}

function tell(json: boolean, old: OldLedger, trust: Trust, folder: string): void {
  const { people, machines, open, released, held, final } = old;
  const value = {
    origin: trust.origin,
    after: { origin: old.origin, size: final.size, checkpoint: final.note },
    people,
    machines,
    redeposit: [...released, ...open],
    held,
  };
  answer(json, value, [
    `${trust.origin} goes on after ${old.origin}, which ends with ${final.size} entries and is frozen in ${folder}.`,
    `  To be enrolled again: ${people.join(', ') || 'nobody'}; machines: ${machines.join(', ') || 'none'}.`,
    '  To be deposited, approved and released again:',
    ...[...released, ...open].map(
      ({ part, revision, operation, machineGroup, releaseId, packageId }) =>
        `    ${part} ${revision} operation ${operation} for ${machineGroup} (${releaseId ?? `${packageId}, not released`})`,
    ),
    '  Machines that may still hold what was released under the old ledger:',
    ...held.map(({ machine, file, releaseId }) => `    ${machine}  ${file}  ${releaseId}`),
    'Keep both trust files for auditors. Next: start the new gateway.',
  ]);
}
