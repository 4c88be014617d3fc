import type { Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { leafHash } from '../../merkle/hashes.ts';
import { formatProof, openProof } from '../../merkle/proof.ts';
import { inclusionProof } from '../../merkle/tree.ts';
import { example } from '../context.ts';
import { writeNew } from '../new-file.ts';
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

type ProveOptions = FileOptions & { out?: string };

export function addProveCommand(ledger: Command): void {
  withFileOptions(ledger.command('prove <index>'))
    .description('a C2SP tlog-proof that one entry is in the signed tree, verified before it is handed out')
    .option('--out <file>', 'write the proof to a new file')
    .addHelpText('after', example('keyway ledger prove 12 --out entry-12.tlog-proof'))
    .action((text: string, options: ProveOptions, command: Command) => prove(parseIndex(text), options, command));
}

function prove(index: number, options: ProveOptions, command: Command): void {
  const { json, trust, file } = ledgerPlace(options, command);
  const { leaf, size, proof } = readLedger(file, (reader) => {
    const { checkpoint, tiles } = newestTree(reader, trust);
    requireCovered(reader, index, checkpoint.size);
    const leaf = reader.entry(index)?.leaf;
    if (!leaf) throw new DomainError('not-found', `There is no ledger entry ${index}.`);
    const hashes = inclusionProof(index, checkpoint.size, tiles.hashes);
    const proof = formatProof({ index, hashes, checkpoint: checkpoint.note });
    const { origin, ledgerVerifiers: verifiers } = trust;
    openProof(proof, { leafHash: leafHash(leaf), origin, verifiers, required: verifiers.length });
    return { leaf, size: checkpoint.size, proof };
  });
  if (options.out !== undefined) writeNew(options.out, proof);
  const value = { index, size, leaf: leaf.toString('base64'), proof, verified: true, out: options.out ?? null };
  answer(json, value, [
    `entry ${index} is in the signed tree of ${size} entries`,
    `leaf ${leaf.toString('ascii')}`,
    ...(options.out === undefined ? ['', proof.trimEnd()] : [`proof written to ${options.out}`]),
  ]);
}
