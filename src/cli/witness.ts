import { createPublicKey } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Command } from 'commander';
import { pino } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { loadWitnessConfig, type WitnessConfig } from '../edges/witness/config.ts';
import { serveWitness } from '../edges/witness/server.ts';
import { createWitnessState, openWitnessState } from '../edges/witness/state.ts';
import { Witness } from '../edges/witness/witness.ts';
import { formatCosignerKey, makeCosigner } from '../merkle/cosignature.ts';
import { systemClock } from '../platform/clock.ts';
import { createFile } from '../platform/durable-file.ts';
import { holdLock } from '../platform/sqlite.ts';
import { newEd25519Key, privatePem, readPrivateKey } from '../signing/keys.ts';
import { example } from './context.ts';
import { answer, exitCodes, report } from './output.ts';

type Globals = { config?: string; json: boolean };

export function addWitnessCommands(program: Command): void {
  const witness = program
    .command('witness')
    .description('a server for another administrator’s machine: cosigns checkpoints, sees sizes and hashes only');
  witness
    .command('init')
    .description('make the witness’ key and its empty memory, once; prints the key that gateways are given')
    .addHelpText('after', example('keyway --config witness.yaml witness init'))
    .action((_options, command: Command) => {
      const { config, json } = witnessContext(command);
      const key = initialise(config);
      answer(json, { name: config.name, key, state: config.paths.folder }, [
        `Initialised the witness ${config.name} in ${config.paths.folder}.`,
        `  key  ${key}`,
        'Give that line to the gateways (ledger.witnesses.list), then: keyway --config FILE witness serve',
      ]);
    });
  witness
    .command('serve')
    .description('cosign until it is stopped')
    .addHelpText('after', example('keyway --config witness.yaml witness serve'))
    .action(async (_options, command: Command) => {
      const { config, json } = witnessContext(command);
      await serve(config, json);
    });
}

function witnessContext(command: Command): { config: WitnessConfig; json: boolean } {
  const { config: file, json } = command.optsWithGlobals<Globals>();
  if (file === undefined) {
    throw new DomainError('config-invalid', 'A witness needs its own configuration: --config witness.yaml.');
  }
  return { config: loadWitnessConfig(file), json };
}

/** The memory is made last: a crash before it leaves a key that cosigned nothing, and `conflict` names its file. */
function initialise({ name, paths }: WitnessConfig): string {
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const key = newEd25519Key();
  try {
    createFile(paths.key, privatePem(key));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new DomainError('conflict', `${paths.key} is already there: this witness is initialised.`);
  }
  createWitnessState(paths.state);
  return formatCosignerKey(name, createPublicKey(key));
}

async function serve(config: WitnessConfig, json: boolean): Promise<void> {
  const { name, paths, logs, listen } = config;
  const log = pino({ name: 'keyway-witness', level: 'info' }, pino.destination({ fd: 2, sync: true }));
  const privateKey = readPrivateKey(paths.key);
  const lock = holdLock(paths.lock);
  const state = openWitnessState(paths.state);
  const cosigner = makeCosigner(name, privateKey, () => Math.floor(systemClock() / 1000));
  const server = await serveWitness({
    witness: new Witness({ logs, state, cosigner, log }),
    ...listen,
    log,
    onFatal: (error) => process.exit(report(error, json) || exitCodes.internal),
  });
  const stop = async () => {
    await server.close();
    state.close();
    lock.release();
    process.exit(exitCodes.ok);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const key = formatCosignerKey(name, createPublicKey(privateKey));
  const url = `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${server.port}`;
  answer(json, { name, key, url, logs: logs.map(({ origin }) => origin), pid: process.pid }, [
    `The witness ${name} is running.`,
    `  url   ${url}`,
    `  key   ${key}`,
    ...logs.map(({ origin }) => `  log   ${origin}`),
    'Stop it with Ctrl-C.',
  ]);
  await new Promise(() => {});
}
