import type { Command } from 'commander';
import { MerkleError } from '../../merkle/errors.ts';
import { consistencyProof, verifyConsistency } from '../../merkle/tree.ts';
import { readFileIfThere } from '../../platform/durable-file.ts';
import { example } from '../context.ts';
import { answer, usage } from '../output.ts';
import {
  type FileOptions,
  ledgerPlace,
  newestTree,
  readLedger,
  trustedCheckpoint,
  withFileOptions,
} from './ledger-file.ts';

export function addConsistencyCommand(ledger: Command): void {
  withFileOptions(ledger.command('consistency <old-checkpoint>'))
    .description('that the ledger of today extends the one of an older checkpoint, kept elsewhere')
    .addHelpText('after', example('keyway ledger consistency checkpoint-of-march'))
    .action((older: string, options: FileOptions, command: Command) => consistency(older, options, command));
}

function consistency(olderFile: string, options: FileOptions, command: Command): void {
  const { json, trust, file } = ledgerPlace(options, command);
  const note = readFileIfThere(olderFile);
  if (!note) throw usage(`${olderFile}: there is no such file.`, 'old-checkpoint');
  const old = trustedCheckpoint(note, trust, olderFile);
  const { newest, proof } = readLedger(file, (reader) => {
    const { checkpoint, tiles } = newestTree(reader, trust);
    if (old.size > checkpoint.size) {
      const what = `the older checkpoint covers ${old.size} entries, the newest ${checkpoint.size}: the end was cut off`;
      throw new MerkleError('bad-consistency', what);
    }
    const proof = consistencyProof(old.size, checkpoint.size, tiles.hashes);
    const claim = { oldSize: old.size, oldRoot: old.root, newSize: checkpoint.size, newRoot: checkpoint.root, proof };
    if (!verifyConsistency(claim)) {
      const what = `the first ${old.size} entries are not those of the older checkpoint, or the tiles are not true`;
      throw new MerkleError('bad-consistency', what);
    }
    return { newest: checkpoint, proof };
  });
  const value = {
    verified: true,
    old: { size: old.size, root: old.root.toString('base64') },
    new: { size: newest.size, root: newest.root.toString('base64') },
    proof: proof.map((hash) => hash.toString('base64')),
  };
  answer(json, value, [
    `CONSISTENT  ${trust.origin}: the tree of ${newest.size} entries extends the one of ${old.size}`,
    ...value.proof.map((hash) => `  ${hash}`),
  ]);
}
