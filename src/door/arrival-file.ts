import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Arrival } from '../domain/returns.ts';
import type { ArrivalWriter } from './incoming-file.ts';

/** Opens the file that the core made for this arrival. It makes the bytes durable; the sandbox of a door forbids fsync. */
export async function openArrivalFile({ file }: Arrival): Promise<ArrivalWriter> {
  const handle = await open(file, constants.O_WRONLY | constants.O_NOFOLLOW);
  return {
    async write(bytes, offset) {
      for (let at = 0; at < bytes.length; )
        at += (await handle.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
    },
    close: () => handle.close(),
  };
}
