import type { Command } from 'commander';
import { Proofs } from '../../ledger/proofs.ts';
import type { LedgerReader } from '../../ledger/store.ts';
import { firstStampOver } from '../../ledger/stored-timestamps.ts';
import { rfc3339 } from '../../platform/clock.ts';
import { openProvenEvent } from '../../signing/proven-event.ts';
import type { Trust } from '../../signing/trust.ts';
import { example } from '../context.ts';
import { answer } from '../output.ts';
import {
  type FileOptions,
  ledgerPlace,
  newestTree,
  parseIndex,
  readLedger,
  requireCovered,
  withFileOptions,
} from './ledger-file.ts';
import { judgeOf } from './verify.ts';

export function addShowCommand(ledger: Command): void {
  withFileOptions(ledger.command('show <index>'))
    .description('one entry: its event, and that it is in the signed tree')
    .addHelpText('after', example('keyway ledger show 12'))
    .action((text: string, options: FileOptions, command: Command) => show(parseIndex(text), options, command));
}

function show(index: number, options: FileOptions, command: Command): void {
  const { json, trust, file } = ledgerPlace(options, command);
  const entry = readLedger(file, (reader) => {
    const { checkpoint, tiles } = newestTree(reader, trust);
    requireCovered(reader, index, checkpoint.size);
    const proven = new Proofs(reader, tiles.hashes).prove(index, checkpoint.size);
    const { time, event } = openProvenEvent(proven, checkpoint);
    const stamped = stampOver(reader, index, trust);
    return { index, time, type: event.type, event, proven, checkpoint: checkpoint.note, stamped };
  });
  answer(json, entry, [
    `entry ${entry.index}  ${entry.type}  ${entry.time}`,
    JSON.stringify(entry.event, null, 2),
    `leaf ${Buffer.from(entry.proven.leaf, 'base64').toString('ascii')}`,
    `inclusion proof: ${entry.proven.proof.length} hashes to`,
    entry.checkpoint.trimEnd(),
    ...(entry.stamped === undefined ? [] : [entry.stamped]),
  ]);
}

/** By when an authority says that the entry was there; undefined where none was asked since. */
function stampOver(reader: LedgerReader, index: number, trust: Trust): string | undefined {
  try {
    const stamp = firstStampOver(reader, index, judgeOf(trust));
    if (!stamp) return undefined;
    const by = stamp.path[0]?.subject.replaceAll('\n', ', ');
    return `timestamp ${rfc3339(stamp.genTimeMs)} over the first ${stamp.size} entries, by ${by}`;
  } catch (error) {
    return `timestamp: ${(error as Error).message}`;
  }
}
