import { z } from 'zod';
import { limits } from '../../domain/limits.ts';

const positive = z.int().min(1);

/** The limits of the lines that a test may set otherwise. */
export const SerialBounds = z.strictObject({
  readyMs: positive,
  trailerMs: positive,
  quietMs: positive,
  silenceMs: positive,
  answerMs: positive,
  xmodemQuietMs: positive,
  receivedBytes: positive,
  reopenMs: positive,
  reopenMaxMs: positive,
  farewellMs: positive,
  drainMs: positive,
});
export type SerialBounds = z.infer<typeof SerialBounds>;

export const defaultBounds: SerialBounds = {
  readyMs: limits.serialReadyMs,
  trailerMs: limits.serialTrailerMs,
  quietMs: limits.serialQuietMs,
  silenceMs: limits.serialSilenceMs,
  answerMs: limits.xmodemAnswerMs,
  xmodemQuietMs: limits.xmodemQuietMs,
  receivedBytes: limits.serialReceivedBytes,
  reopenMs: limits.serialReopenMs,
  reopenMaxMs: limits.serialReopenMaxMs,
  farewellMs: limits.serialFarewellMs,
  drainMs: limits.serialDrainMs,
};
