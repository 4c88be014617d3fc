import type { Command } from 'commander';
import type { Decision } from '../../domain/decisions.ts';
import { DomainError } from '../../domain/errors.ts';
import { principalName } from '../../domain/people.ts';
import { Proofs } from '../../ledger/proofs.ts';
import type { LedgerReader } from '../../ledger/store.ts';
import { makeLedgerReader } from '../../ledger/store.ts';
import { openSqliteReadOnly } from '../../platform/sqlite.ts';
import type { Policy } from '../../policy/decide.ts';
import { decisionOf, factsOf, replay, sameAnswer } from '../../policy/replay.ts';
import { openProvenEvent } from '../../signing/proven-event.ts';
import { example } from '../context.ts';
import {
  type FileOptions,
  ledgerPlace,
  newestTree,
  parseIndex,
  requireCovered,
  withFileOptions,
} from '../ledger/ledger-file.ts';
import { answer } from '../output.ts';
import { RecordedPolicies } from './recorded.ts';

export function addExplainCommand(policy: Command): void {
  withFileOptions(policy.command('explain <entry>'))
    .description('why an entry was allowed or refused: asks the same question again under the rules of then')
    .addHelpText('after', example('keyway policy explain 57'))
    .action((text: string, options: FileOptions, command: Command) => explain(parseIndex(text), options, command));
}

async function explain(index: number, options: FileOptions, command: Command): Promise<void> {
  const { json, trust, file, config } = ledgerPlace(options, command);
  const db = openSqliteReadOnly(file);
  try {
    const reader = makeLedgerReader(db);
    const { time, event } = provenEvent(reader, index, trust);
    const recorded = decisionOf(event);
    if (!recorded) throw new DomainError('not-found', `Entry ${index} (${event.type}) carries no decision.`);
    const policy = await new RecordedPolicies(reader, config.paths.vault).load(recorded.policySet);
    const again = replay(policy, recorded);
    const same = sameAnswer(recorded, again);
    const who = principalName(event.actor);
    answer(json, { index, time, type: event.type, who, recorded, again, same, facts: factsOf(recorded) }, [
      `entry ${index}  ${event.type}  ${time}  ${who}`,
      `${recorded.action}: ${recorded.verdict}`,
      ...because(policy, recorded),
      `rules  ${recorded.policySet}`,
      `facts  ${recorded.facts}`,
      JSON.stringify(factsOf(recorded), null, 2),
      same
        ? 'asked again: the same verdict for the same reasons'
        : `asked again: ${again.verdict}, which is NOT the same`,
    ]);
    if (!same) throw new DomainError('not-verified', `Entry ${index} does not follow from its rules and facts.`);
  } finally {
    db.close();
  }
}

function provenEvent(reader: LedgerReader, index: number, trust: Parameters<typeof newestTree>[1]) {
  const { checkpoint, tiles } = newestTree(reader, trust);
  requireCovered(reader, index, checkpoint.size);
  return openProvenEvent(new Proofs(reader, tiles.hashes).prove(index, checkpoint.size), checkpoint);
}

/** Each determining rule with its clause, or that no rule allowed it. */
function because(policy: Policy, { policies, reasons }: Decision): string[] {
  if (policies.length === 0) return reasons.map((reason) => `  ${reason}`);
  return policies.flatMap((id) => {
    const rule = policy.rule(id);
    return rule ? [`  ${id} (${rule.clause})`, `    ${rule.sentence}`] : [`  ${id}`];
  });
}
