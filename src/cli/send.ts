import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { DomainError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { GatewayClient } from '../edges/http/client.ts';
import type { SendingView } from '../edges/http/contract/sendings.ts';
import { cliContext, example } from './context.ts';
import { answer, table } from './output.ts';

export function addSendCommands(program: Command): void {
  program
    .command('send <machine> <name>')
    .description('send a released program to a machine that does not come for it, such as down its serial line')
    .option('--no-wait', 'return as soon as it has begun')
    .addHelpText('after', example('keyway send FANUC-99 O1234.NC'))
    .action(async (machine: string, name: string, options: { wait: boolean }, command: Command) => {
      const { client, json } = cliContext(command);
      const gateway = client();
      const begun = await gateway.send(machine, name);
      const done = options.wait ? await followed(gateway, begun, json) : begun;
      if (done.state === 'failed') throw new DomainError('not-delivered', done.reason ?? 'It failed.');
      answer(json, done, [sentence(done)]);
    });

  program
    .command('sendings')
    .description('what was sent to machines since the gateway started, newest first')
    .addHelpText('after', example('keyway sendings'))
    .action(async (_options, command: Command) => {
      const { client, json } = cliContext(command);
      const sendings = await client().sendings();
      const rows = sendings.map(({ machineId, file, state, bytes, size, deliveryId, reason }) => [
        ...[machineId, file, state, `${bytes} of ${size}`, deliveryId ?? '', reason ?? ''],
      ]);
      answer(json, sendings, table([['machine', 'file', 'state', 'bytes', 'delivery', 'why not'], ...rows]));
    });
}

/** What a control has said of it, and no more: most protocols acknowledge nothing. */
function sentence({ state, file, machineId, bytes, deliveryId }: SendingView): string {
  if (state === 'completed') return `Sent all ${bytes} bytes of ${file} to ${machineId}: ${deliveryId}.`;
  const delivery = deliveryId === undefined ? '' : `: ${deliveryId}`;
  return `${file} is on its way to ${machineId}${delivery}. See how far with "keyway sendings".`;
}

async function followed(gateway: GatewayClient, begun: SendingView, json: boolean): Promise<SendingView> {
  let now = begun;
  let shown = '';
  while (now.state === 'waiting' || now.state === 'sending') {
    const waiting = now.reason === undefined ? 'waiting for the control' : `waiting, and tried again: ${now.reason}`;
    const line = now.state === 'waiting' ? waiting : `${now.bytes} of ${now.size} bytes`;
    if (!json && process.stderr.isTTY && line !== shown) process.stderr.write(`\r\u001b[K${line}`);
    shown = line;
    await pause(limits.serialProgressMs);
    now = await gateway.sending(begun.sendingId);
  }
  if (!json && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return now;
}
