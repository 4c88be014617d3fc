import type { Command } from 'commander';
import { addConsistencyCommand } from './consistency.ts';
import { addExportCommand } from './export.ts';
import { addForkCommand } from './fork.ts';
import { addFsckCommand } from './fsck.ts';
import { addProveCommand } from './prove.ts';
import { addRebuildCommand } from './rebuild.ts';
import { addShowCommand } from './show.ts';
import { addTailCommand } from './tail.ts';
import { addVerifyCommand } from './verify.ts';

export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('the append-only record: check it, look into it, hand it on');
  addVerifyCommand(ledger);
  addFsckCommand(ledger);
  addProveCommand(ledger);
  addConsistencyCommand(ledger);
  addShowCommand(ledger);
  addExportCommand(ledger);
  addTailCommand(ledger);
  addRebuildCommand(ledger);
  addForkCommand(ledger);
}
