import { DomainError } from '../../domain/errors.ts';
import type { MachineId } from '../../domain/ids.ts';
import type { ReadbackVerdict, Returns } from '../../domain/returns.ts';
import { IncomingFile, type OpenArrival } from '../../door/incoming-file.ts';

/**
 * Hands over a program that a control sent, whole: what stopped in the middle does not come here. Resolves with what it is
 * beside what was delivered. A line has no way to tell the control of a refusal: that is on record, and in the log.
 */
export async function takeBack(
  returns: Returns,
  openArrival: OpenArrival,
  came: { machine: MachineId; name: string; bytes: Buffer },
): Promise<ReadbackVerdict> {
  const file = new IncomingFile(await returns.accept('serial', came.machine, came.name), returns);
  try {
    await file.open(openArrival);
    await file.write(came.bytes, 0);
  } catch (error) {
    await file.end('cut off');
    throw error;
  }
  const verdict = await file.end('closed by the machine');
  if (verdict) return verdict;
  throw new DomainError('internal', 'A program that came whole was not judged.');
}
