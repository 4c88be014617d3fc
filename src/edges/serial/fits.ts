import { DomainError } from '../../domain/errors.ts';
import { limits } from '../../domain/limits.ts';
import type { SerialLine } from '../../domain/machine-links.ts';
import { codes, steers } from './codes.ts';

type Look = (offset: number, length: number) => Promise<Buffer>;

/**
 * Reads the whole program before its first byte is sent: a line of 7 bits would make another program of a byte over 127,
 * and DC1 to DC4 inside a program would steer the control in the middle of it. Throws `not-supported`, naming the byte.
 */
export async function requireFits(line: SerialLine, size: number, look: Look): Promise<void> {
  for (let offset = 0; offset < size; offset += limits.blobChunkBytes) {
    const bytes = await look(offset, limits.blobChunkBytes);
    const at = bytes.findIndex((byte) => isUnfit(line, byte));
    if (at >= 0) throw doesNotFit(bytes[at] ?? 0, offset + at);
  }
}

const isUnfit = ({ dataBits, protocol, ending }: SerialLine, byte: number): boolean =>
  (dataBits === 7 && byte > 0x7f) ||
  (protocol !== 'xmodem' && steers(byte)) ||
  (ending === 'etx' && byte === codes.endOfText);

function doesNotFit(byte: number, offset: number): DomainError {
  const why =
    byte > 0x7f
      ? 'a line of 7 bits cannot carry it: release the program without such characters'
      : 'it steers a line and cannot be part of a program on one';
  return new DomainError('not-supported', `Byte ${offset} of the program is ${byte}, and ${why}.`);
}
