import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { decodeLeaf } from '../../domain/leaf.ts';
import { limits } from '../../domain/limits.ts';
import { type LedgerReader, makeLedgerReader } from '../../ledger/store.ts';
import { openSqliteReadOnly } from '../../platform/sqlite.ts';
import { example } from '../context.ts';
import { answer, print, usage } from '../output.ts';
import { type FileOptions, ledgerPlace, withFileOptions } from './ledger-file.ts';

type TailOptions = FileOptions & { count: string; follow: boolean };
type Line = { index: number; time: string; type: string };

export function addTailCommand(ledger: Command): void {
  withFileOptions(ledger.command('tail'))
    .description('the newest entries: index, time and type; nothing is verified')
    .option('-n, --count <number>', 'how many', '10')
    .option('--follow', 'go on as entries come, until interrupted; with --json one line each', false)
    .addHelpText('after', example('keyway ledger tail --follow'))
    .action((options: TailOptions, command: Command) => tail(options, command));
}

async function tail(options: TailOptions, command: Command): Promise<void> {
  if (!/^(0|[1-9][0-9]{0,5})$/.test(options.count)) throw usage('A count is a whole number.', 'count');
  const { json, file } = ledgerPlace(options, command);
  const db = openSqliteReadOnly(file);
  try {
    const reader = makeLedgerReader(db);
    const first = Math.max(0, reader.size() - Number(options.count));
    if (options.follow) await follow(reader, first, json);
    else {
      const entries = [...linesFrom(reader, first)];
      answer(json, { entries }, entries.map(asText));
    }
  } finally {
    db.close();
  }
}

/** Ends, as it should, on SIGINT or SIGTERM, or when nobody reads any more. */
async function follow(reader: LedgerReader, first: number, json: boolean): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  process.stdout.once('error', end);
  for (let next = first; !stop.signal.aborted; ) {
    for (const line of linesFrom(reader, next)) {
      if (json) print(line);
      else answer(json, line, [asText(line)]);
      next = line.index + 1;
    }
    await wait(limits.tailPollMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

function* linesFrom(reader: LedgerReader, first: number): Generator<Line> {
  let index = first;
  for (const leaf of reader.leaves(first, reader.size())) {
    const { time, type } = decodeLeaf(leaf);
    yield { index, time, type };
    index += 1;
  }
}

const asText = ({ index, time, type }: Line): string => `${String(index).padStart(8)}  ${time}  ${type}`;
