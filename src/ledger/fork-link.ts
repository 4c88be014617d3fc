import type { EventOf } from '../domain/events.ts';
import { openLogCheckpoint } from '../merkle/checkpoint.ts';
import { rootOf } from '../merkle/tree.ts';
import type { Trust } from '../signing/trust.ts';
import { LedgerTiles } from './ledger-tiles.ts';
import { sequencedEntry } from './open.ts';
import type { LedgerReader } from './store.ts';
import type { LedgerProblem } from './verify.ts';

/**
 * That a ledger, verified by itself, goes on after this older one, verified by itself: its first event names the older
 * ledger's origin, trust file and a checkpoint over entries that are there. Empty where it holds.
 */
export function forkProblems(reader: LedgerReader, old: { reader: LedgerReader; trust: Trust }): LedgerProblem[] {
  const first = reader.entry(0);
  const event = first && sequencedEntry(first).event;
  const why =
    event?.type === 'gateway.forked'
      ? whyNotAfter(event.data.from, old)
      : 'This ledger does not begin as one that goes on after another.';
  return why === undefined ? [] : [{ kind: 'bad-inclusion', index: 0, message: why }];
}

/** What is wrong with the checkpoint that the new ledger says the old one ends with. */
function whyNotAfter(
  { origin, trust: digest, final }: EventOf<'gateway.forked'>['data']['from'],
  { reader, trust }: { reader: LedgerReader; trust: Trust },
): string | undefined {
  if (origin !== trust.origin || digest !== trust.digest)
    return `It goes on after ${origin}, by another trust file than this one of ${trust.origin}.`;
  try {
    const { size, root } = openLogCheckpoint(final, trust);
    if (rootOf(size, new LedgerTiles(reader, size).hashes).equals(root)) return undefined;
    return 'The older ledger is not the one that the final checkpoint is over.';
  } catch (error) {
    return `The final checkpoint of the older ledger does not hold: ${(error as Error).message}.`;
  }
}
