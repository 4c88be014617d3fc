import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { pino } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { cliContext, example } from './context.ts';
import { initialiseDevelopment } from './initialise.ts';
import { answer, exitCodes, report } from './output.ts';

export function addServeCommands(program: Command): void {
  program
    .command('serve')
    .description(
      'run the gateway until it is stopped; a development gateway that is not there yet is initialised first',
    )
    .addHelpText('after', example('keyway --config /etc/keyway/keyway.yaml serve'))
    .action(async (_options, command: Command) => {
      const { config, json } = cliContext(command);
      if (config.mode === 'development' && !existsSync(config.paths.trust)) await initialiseDevelopment(config);
      const log = pino({ name: 'keyway', level: config.log.level }, pino.destination({ fd: 2, sync: true }));
      // Children may already run when something fails: the process ends, and they with it.
      const end = (error: unknown): never => process.exit(report(error, json) || exitCodes.internal);
      const gateway = await startGateway(config, log, end).catch(end);
      stopOnSignals(gateway);
      const { https, sftp, ftp, socket, dropFolder } = gateway.addresses;
      const { setup } = gateway;
      const started = { ...gateway.addresses, pids: { core: process.pid, ...gateway.pids() }, ...(setup && { setup }) };
      answer(json, started, [
        'Keyway is running.',
        `  https        https://${https.host}:${https.port}`,
        `  sftp         sftp://${sftp.host}:${sftp.port}`,
        ...(ftp?.ports.map((port) => `  ftp          ftp://${ftp.host}:${port}`) ?? []),
        `  socket       ${socket}  (this machine's administrator)`,
        `  drop folder  ${dropFolder}`,
        ...(setup ? [`Begin here, as ${setup.person}, once, until ${setup.expires}:`, `  ${setup.link}`] : []),
        'Stop it with Ctrl-C.',
      ]);
      await new Promise(() => {});
    });

  program
    .command('health')
    .description('exit 0 when the gateway is ready, 5 when it answers but is not, 3 when it does not answer')
    .addHelpText('after', example('keyway health'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const readiness = await client().ready();
      const down = Object.entries(readiness.checks).flatMap(([name, up]) => (up ? [] : [name]));
      answer(json, readiness, [
        readiness.ready ? 'ready' : `not ready: ${down.join(', ')}`,
        ...[readiness.reasons ?? {}, readiness.warnings ?? {}].flatMap(Object.values).map((why) => `  ${why}`),
      ]);
      if (!readiness.ready) process.exitCode = exitCodes.unavailable;
    });
}

function stopOnSignals(gateway: Gateway): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    gateway.close().then(
      () => process.exit(exitCodes.ok),
      (error: unknown) =>
        process.exit(report(new DomainError('internal', 'Stopping failed.', { cause: error }), false)),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Started by a program of ours (the demo), the gateway ends with it, also when that is killed.
  if (process.connected) process.on('disconnect', stop);
}
