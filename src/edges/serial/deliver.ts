import { setTimeout as pause } from 'node:timers/promises';
import { toDomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { SerialLine } from '../../domain/machine-links.ts';
import type { SendingProgress } from '../../domain/sending.ts';
import type { OpenedFile } from '../../domain/shelf.ts';
import type { BlobReader, OpenFile } from '../../door/open-file.ts';
import { requireFits } from './fits.ts';
import type { Port } from './port.ts';
import type { Transmission } from './transmission.ts';

export type Progress = Omit<SendingProgress, 'sendingId'>;

export type DeliverParts = {
  line: SerialLine;
  file: OpenFile;
  port: Pick<Port, 'write'>;
  transmission: Transmission;
  openBlob(opened: OpenedFile): Promise<BlobReader>;
  /** Of what is under way; its end is the answer. */
  onProgress(progress: Progress): void;
  /** The end of a delivery could not be recorded: the ledger's own recovery finds it started without an end. */
  onUnrecorded(error: unknown): void;
  farewellMs: number;
};

/**
 * Sends an open file and tells the shelf how it ended, whatever becomes of it. After a failure the line may
 * still hold some of it, which must not stand before the next program.
 */
export async function deliver(parts: DeliverParts): Promise<Progress> {
  const { line, file, transmission, openBlob, onProgress } = parts;
  void file.stopped.then((why) => transmission.stop(why));
  const progress = { bytes: 0 };
  onProgress({ state: 'waiting', bytes: 0 });
  try {
    await file.openBlob(openBlob);
    await requireFits(line, file.opened.size, (offset, length) => file.look(offset, length));
    await sendAll(parts, progress);
  } catch (error) {
    const why = toDomainError(error);
    file.fail(why);
    await end(parts, 'cut off');
    await sayFarewell(parts);
    return { state: 'failed', ...progress, reason: why.message.slice(0, 300) };
  }
  await end(parts, 'closed by the machine');
  return { state: 'completed', ...progress };
}

async function sendAll({ file, transmission, onProgress }: DeliverParts, progress: { bytes: number }): Promise<void> {
  const { size } = file.opened;
  for (let offset = 0; offset < size; offset += limits.serialPartBytes) {
    const isLast = offset + limits.serialPartBytes >= size;
    await file.sendPart(offset, limits.serialPartBytes, (part) => transmission.send(part, isLast));
    progress.bytes = Math.min(offset + limits.serialPartBytes, size);
    onProgress({ state: 'sending', ...progress });
  }
}

async function end({ file, onUnrecorded }: DeliverParts, how: 'closed by the machine' | 'cut off'): Promise<void> {
  try {
    await file.end(how);
  } catch (error) {
    onUnrecorded(error);
  }
}

/** A line that takes nothing more does not hold up its own end. */
async function sayFarewell({ port, transmission, farewellMs }: DeliverParts): Promise<void> {
  const bytes = transmission.farewell();
  if (bytes.length === 0) return;
  const written = port.write(bytes).catch(() => {});
  await Promise.race([written, pause(farewellMs, undefined, { ref: false })]);
}
