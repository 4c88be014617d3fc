import { DomainError } from '../domain/errors.ts';
import type { MachineId } from '../domain/ids.ts';
import type { Credential, Shelf } from '../domain/shelf.ts';

/** Whether who came in as this machine would be let in again by the same. Where nobody can say so, no. */
export async function isStillLetIn(
  shelf: Pick<Shelf, 'identify'>,
  machine: MachineId,
  credential: Credential,
): Promise<boolean> {
  const identified = await shelf.identify(machine, credential).catch(() => undefined);
  return identified === machine;
}

/** Why what was under way in such a session ended. */
export const noLongerLetIn = (): DomainError =>
  new DomainError('unauthenticated', 'What the machine logged in with lets nobody in any more.');
