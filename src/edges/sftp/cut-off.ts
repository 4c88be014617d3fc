import type { Logger } from 'pino';
import type { DomainError } from '../../domain/errors.ts';
import type { IncomingFile } from '../../door/incoming-file.ts';
import { OpenFile } from '../../door/open-file.ts';

/** Ends a transfer that its machine did not end, where it is known because of `why`. The ledger may be gone too; then its own recovery finds one without an end. */
export async function endCutOff(file: OpenFile | IncomingFile, log: Logger, why?: DomainError): Promise<void> {
  try {
    if (why) file.fail(why);
    await file.end('cut off');
  } catch (error) {
    const transfer = file instanceof OpenFile ? file.opened.deliveryId : file.arrival.retrievalId;
    log.error({ err: error, transfer }, 'the end of a transfer was not recorded');
  }
}
