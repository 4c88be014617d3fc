import type { Standing } from '../catalog/standing.ts';
import { doorsOf } from '../domain/machines.ts';
import type { SendingService } from './sending.ts';
import type { ShelfTree } from './shelf.ts';

type RuleParts = {
  standing: Standing;
  shelf: Pick<ShelfTree, 'find'>;
  sending: Pick<SendingService, 'startByRule'>;
};

/**
 * Asks for what machines are to get without anybody asking: each program on the shelf of a machine that is registered so,
 * once for each release. What was asked for is in the ledger, so that a crash in between asks for the rest.
 */
export async function pushByRule({ standing, shelf, sending }: RuleParts): Promise<void> {
  for (const { machine, suspended } of standing.machines()) {
    const [channel] = doorsOf(machine);
    if (suspended || !machine.push?.onRelease || channel === undefined) continue;
    const current = shelf.find({ machine: machine.id, channel }, ['current']);
    for (const [name, file] of current?.kind === 'folder' ? current.entries : []) {
      if (file.kind !== 'file' || standing.sendings.wasAsked(file.release.releaseId, machine.id, name)) continue;
      await sending.startByRule(machine.id, name);
    }
  }
}
