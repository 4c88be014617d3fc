/** What the line has to do next for a program to get on. */
export type Step =
  /** Put these bytes on the line, and say `written` when they have left it. */
  | { do: 'write'; bytes: Buffer }
  /** All that was fed has left the line, and is acknowledged where the protocol does that: feed more. */
  | { do: 'feed' }
  /** Nothing, until this time or until a byte comes. */
  | { do: 'wait'; until: number }
  | { do: 'done' }
  | { do: 'failed'; reason: string };

/**
 * A program on its way down a line, as a machine of states: bytes and times go in, steps come out, and nothing else
 * happens. Times are milliseconds of any clock that does not go back.
 */
export interface Outgoing {
  next(now: number): Step;
  /** The bytes of the last `write` have left the line. */
  written(now: number): void;
  /** What the control said meanwhile. */
  received(bytes: Uint8Array, now: number): void;
  /** More of the program, or the last of it, which is copied. Called at first, and whenever a step asks for it. */
  feed(bytes: Buffer, isLast: boolean, now: number): void;
  /** What tells the control that no more will come; empty where the protocol has no word for that. */
  farewell(): Buffer;
}
