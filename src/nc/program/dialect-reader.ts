import type { OpenBlock } from './open-block.ts';

/** Reads the tokens of one block into the open block, whose line, offsets and bytes are set already. Never throws. */
export interface DialectReader {
  read(bytes: Uint8Array, block: OpenBlock): void;
}
